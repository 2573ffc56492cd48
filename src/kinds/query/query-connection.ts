import type { Observable } from 'rxjs';
import { QueryError } from '../../errors/index.ts';
import { milliseconds } from '../../duration/index.ts';
import {
  failure,
  interruption,
  type Cursor,
  type Params,
  type Result,
  type Row,
  type Statement,
} from '../../queries/index.ts';
import { BaseConnection, type Lease } from '../base/index.ts';
import type {
  BatchesOptions,
  ExecuteOptions,
  Invalidation,
  LiveOptions,
  QueryOptions,
  StatementOptions,
  StreamOptions,
  TransactionOptions,
} from './options.ts';
import { Run, type CursorContext, type RunContext } from './run-context.ts';
import type { BeginOptions, TransactionHandle } from './transaction-handle.ts';
import type { Transaction } from './transaction.ts';

/**
 * A connection that runs statements. A kind says how to run one, how to open a cursor and how to begin a transaction,
 * and has the whole query surface: cache, retry, streams, live queries, transactions, timeouts.
 */
export abstract class QueryConnection<Raw, Tx = unknown> extends BaseConnection<Raw> {
  /** Runs one statement and reads all of its rows. What the driver throws goes out as it is: it is classified and scrubbed here. */
  protected abstract run(raw: Raw, statement: Statement, context: RunContext): Promise<Result>;

  /** Sends a statement whose rows stay on the server. */
  protected abstract openCursor(raw: Raw, statement: Statement, context: CursorContext): Promise<Cursor>;

  /** Begins a transaction on one connection of the server. */
  protected abstract begin(raw: Raw, options: BeginOptions): Promise<TransactionHandle<Tx>>;

  /** What is sent for a text and its params; throws `invalid_bind`. Default: the two as they are. */
  protected statement(sql: string, params: Params | undefined): Statement {
    return { sql, params };
  }

  /** Throws `write_in_query` for a statement that `query` must not send. Default: every statement may be sent. */
  protected guardRead(_statement: Statement): void {}

  /** Whether an error means that the whole instance has to be replaced. Asked for `transient` ones only. Default: yes. */
  protected breaks(_error: unknown): boolean {
    return true;
  }

  /** How many transactions can be open at once; where it is 1, a query of the connection inside one is `nested_lease`. */
  protected capacity(_raw: Raw): number {
    return Infinity;
  }

  /** Emits once when the channel is listened to and then for each notification. For `live$` with `refresh: { channel }`. */
  protected listen(_raw: Raw, channel: string): Observable<unknown> {
    throw new QueryError(
      'not_supported',
      `"${this.name}": ${this.kind} has no channels ("${channel}"); use an interval or an Observable as \`refresh\`.`,
      {
        connection: this.name,
      },
    );
  }

  /** The rows of a statement that only reads. */
  async query<R extends object = Row>(sql: string, options?: QueryOptions): Promise<R[]> {
    const statement = this.statement(sql, options?.params);
    this.guardRead(statement);
    return (await this.#send(statement, false, options)).rows as R[];
  }

  /** Runs a statement that may write; it is sent once, whatever happens. */
  async execute<R extends object = Row>(sql: string, options?: ExecuteOptions): Promise<Result<R>> {
    return (await this.#send(this.statement(sql, options?.params), true, options)) as Result<R>;
  }

  #send(statement: Statement, write: boolean, options: StatementOptions | undefined): Promise<Result> {
    const timeout = options?.timeout === undefined ? undefined : milliseconds(options.timeout, 'timeout');
    return this.leases.use(
      (raw, lease) => this.#perform(raw, lease, statement, new Run(lease, write, timeout, options?.maxRows)),
      {
        signal: options?.signal,
        timeout,
      },
    );
  }

  async #perform(raw: Raw, lease: Lease<Raw>, statement: Statement, context: RunContext): Promise<Result> {
    try {
      const result = await this.run(raw, statement, context);
      if (context.maxRows !== undefined && result.rows.length > context.maxRows)
        throw new QueryError('too_many_rows', `"${this.name}": the result has more than ${context.maxRows} rows.`, {
          connection: this.name,
        });
      return result;
    } catch (error) {
      if (lease.signal.aborted) throw interruption(lease.signal.reason, this.name);
      const category = this.classify(error);
      const broken = category === 'transient' && this.breaks(error);
      if (broken) lease.broken(error);
      throw failure(error, { connection: this.name, category, broken, secrets: this.leases.secrets(), statement });
    }
  }
}

/** The rest of the surface, which follows. */
export interface QuerySurface<Tx> {
  query$<R extends object = Row>(sql: string, options?: Omit<QueryOptions, 'signal'>): Observable<R[]>;
  live$<R extends object = Row>(sql: string, options?: LiveOptions): Observable<R[]>;
  stream<R extends object = Row>(sql: string, options?: StreamOptions): AsyncIterable<R>;
  batches<R extends object = Row>(sql: string, options?: StreamOptions): AsyncIterable<R[]>;
  batches$<R extends object = Row, T = R[]>(sql: string, options?: BatchesOptions<R, T>): Observable<T>;
  transaction<T>(fn: (tx: Transaction<Tx>) => Promise<T> | T, options?: TransactionOptions): Promise<T>;
  invalidate(what?: Invalidation): Promise<void>;
}
