import type { SchedulerLike } from 'rxjs';
import { QueryError, readable } from '../../errors/index.ts';
import { limit, refuseUnknown, rowLimit, tagsOf } from './arguments.ts';
import { batches, rows } from './batches.ts';
import { optionNames, type ExecuteOptions, type StatementOptions, type StreamOptions } from './options.ts';
import type { KindHooks } from './query-hooks.ts';
import type { TransactionHandle } from './driver.ts';
import type { StatementExecutor, Through } from './statement-executor.ts';
import type { Result, Row, Statement } from './statement.ts';
import { within } from './within.ts';

/** A transaction that runs. It belongs to the callback of `transaction`: afterwards every call is `transaction_ended`. */
export interface Transaction<Tx> {
  /** The driver's own transaction. */
  readonly raw: Tx;
  /** The rows of a statement that only reads. */
  query<R extends object = Row>(sql: string, options?: StatementOptions): Promise<R[]>;
  /** Runs a statement that may write. `tags` are forgotten when the transaction is committed. */
  execute<R extends object = Row>(sql: string, options?: ExecuteOptions): Promise<Result<R>>;
  /** Row by row, pulled. What is still open at the end of the transaction is closed. */
  stream<R extends object = Row>(sql: string, options?: StreamOptions): AsyncIterable<R>;
  /** Batch by batch, pulled. */
  batches<R extends object = Row>(sql: string, options?: StreamOptions): AsyncIterable<R[]>;
}

/** The parts of a running transaction. */
interface TransactionParts<Tx> {
  readonly handle: TransactionHandle<Tx>;
  readonly kind: Pick<KindHooks, 'statement' | 'ownOptions' | 'guardRead'>;
  readonly sender: StatementExecutor;
  readonly lease: Through;
  readonly scheduler: SchedulerLike;
}

/** The transaction as the callback sees it. */
export class RunningTransaction<Tx> implements Transaction<Tx> {
  readonly #parts: TransactionParts<Tx>;
  /** Ends what streams are open, when the transaction does. */
  readonly #over = new AbortController();
  readonly #open = new Set<Promise<void>>();
  readonly #tags = new Set<string>();

  constructor(parts: TransactionParts<Tx>) {
    this.#parts = parts;
  }

  get raw(): Tx {
    this.#refuse();
    return this.#parts.handle.raw;
  }

  /** The tags that the statements so far invalidate. */
  get tags(): readonly string[] {
    return [...this.#tags];
  }

  async query<R extends object = Row>(sql: string, options?: StatementOptions): Promise<R[]> {
    const statement = this.#statement(sql, options, optionNames.statement);
    this.#parts.kind.guardRead(statement);
    return (await this.#send(statement, false, options)).rows as R[];
  }

  async execute<R extends object = Row>(sql: string, options?: ExecuteOptions): Promise<Result<R>> {
    const statement = this.#statement(sql, options, optionNames.execute);
    const tags = readable(this.#parts.sender.connection, () => tagsOf(options?.tags));
    const result = await this.#send(statement, true, options);
    for (const tag of tags ?? []) this.#tags.add(tag);
    return result as Result<R>;
  }

  stream<R extends object = Row>(sql: string, options?: StreamOptions): AsyncIterable<R> {
    return rows(this.batches<R>(sql, options));
  }

  batches<R extends object = Row>(sql: string, options: StreamOptions = {}): AsyncIterable<R[]> {
    const { handle, sender, lease } = this.#parts;
    const given: StreamOptions = readable(sender.connection, () => ({ ...options }));
    const { batchSize = 1000, signal } = given;
    return batches<R>({
      connection: sender.connection,
      batchSize,
      signal,
      dropped: sender.dropped,
      open: async (stop) => {
        this.#refuse();
        const statement = this.#statement(sql, given, optionNames.stream);
        const context = { signal: stop, batchSize };
        let end!: () => void;
        const open = new Promise<void>((resolve) => (end = resolve)).finally(() => this.#open.delete(open));
        this.#open.add(open);
        const cursor = await sender.cursor<R>(lease, statement, context, {
          open: () => handle.openCursor(statement, context),
          end,
        });
        return { ...cursor, signal: this.#over.signal };
      },
    });
  }

  /** From here on it is refused; resolves when the streams that were left open are closed. */
  async end(reason?: unknown): Promise<void> {
    this.#over.abort(reason ?? ended(this.#parts.sender.connection));
    await Promise.all(this.#open);
  }

  #statement(sql: string, options: StatementOptions | StreamOptions | undefined, known: readonly string[]): Statement {
    const { kind, sender } = this.#parts;
    return readable(sender.connection, () => {
      if (options !== undefined) refuseUnknown(options, known, kind.ownOptions);
      return kind.statement(sql, options?.params, options);
    });
  }

  async #send(statement: Statement, write: boolean, options: StatementOptions = {}): Promise<Result> {
    this.#refuse();
    const { handle, sender, lease, scheduler } = this.#parts;
    const { connection } = sender;
    const timeout = limit(options.timeout, 'timeout');
    const { signal } = options;
    const maxRows = rowLimit(options.maxRows, 'maxRows');
    const run = (stop: AbortSignal): Promise<Result> => {
      const context = { signal: stop, timeout, maxRows, write };
      return sender.send(lease, statement, context, () => handle.run(statement, context));
    };
    if (!signal && timeout === undefined) return run(lease.signal);
    return within({ connection, scheduler, timeout, signals: [lease.signal, signal] }, run);
  }

  #refuse(): void {
    if (this.#over.signal.aborted) throw ended(this.#parts.sender.connection);
  }
}

function ended(connection: string): QueryError {
  const message = `"${connection}": the transaction has ended. Await everything inside its callback, and keep tx there.`;
  return new QueryError('transaction_ended', message, { connection });
}
