import type { Observable } from 'rxjs';
import type { Connection } from 'snowflake-sdk';
import { withConnection, type ErrorCategory } from '../../errors/index.ts';
import {
  type CallOptions,
  type Cursor,
  type ExecuteOptions,
  type LiveOptions,
  type Params,
  QueryConnection,
  type QueryDriver,
  type QueryOptions,
  refusal,
  type Result,
  type Row,
  type Session,
  type Statement,
  type StreamOptions,
  within,
  type ReadMethod,
} from '../query/index.ts';
import type { Config } from '../../secrets/index.ts';
import type { LeaseContext, Leases } from '../base/index.ts';
import { limit } from '../query/arguments.ts';
import { insertAll, type CopyBatches, type InsertRowsOptions } from '../query/insert-rows.ts';
import { hooksOf } from '../query/query-hooks.ts';
import { StatementExecutor } from '../query/statement-executor.ts';
import { withoutLiterals } from '../sql/without-literals.ts';
import { guardRead } from '../sql/write-guard.ts';
import { classify } from './classification.ts';
import { isRenewable } from './credentials.ts';
import { SnowflakeCursor, type CursorOptions } from './cursor.ts';
import { onceMore, wasRejected } from './failures.ts';
import { bulkInserts, targetOf, typesOf } from './insert-rows.ts';
import { Login } from './login.ts';
import { snowflakeFallback } from './native-files.ts';
import { byOptionName } from './option-names.ts';
import { SnowflakeDriver } from './query-driver.ts';
import type { OpenResult } from './session.ts';
import { stagedCopy } from './stage.ts';
import { parametersOf, statementOptions, type SnowflakeStatementOptions } from './statement-parameters.ts';
import { materialOf, snowflakeSettings } from './settings.ts';

/** The argument of the callback of `session`: statements on one session that nobody else has; `raw` is the driver's connection. */
export type SnowflakeSession = Session<Connection>;

/**
 * Snowflake, through its own driver. `use(connection => …)` gives the driver's connection, which is one session that
 * all statements share; `transaction` and `session` have one of their own.
 *
 * @example
 * const wh = await connection('wh', { type: SnowflakeConnection, warehouse: 'XS' });
 * const pets = await wh.query('select * from pet where owner = :owner', { params: { owner: 'Ann' }, ttl: '10m' });
 */
export class SnowflakeConnection extends QueryConnection<Connection, Connection, Connection> {
  static override readonly settings = snowflakeSettings;
  static override readonly fallbackSettings = snowflakeFallback;

  readonly #login: Login;
  readonly #sender: StatementExecutor;
  /** The last `safeSession`. */
  #exclusive: Promise<unknown> = Promise.resolve();
  /** True when the credentials of the current config can be asked for anew. */
  #renewable = false;

  constructor(leases: Leases<QueryDriver<Connection, Connection, Connection>>) {
    super(leases);
    const kind = hooksOf(this);
    this.#login = new Login(leases);
    this.#sender = new StatementExecutor(leases, kind);
  }

  /** `session(fn)`, exclusively: the next one begins when this one has ended. */
  safeSession<T>(fn: (session: SnowflakeSession) => PromiseLike<T> | T, options?: CallOptions): Promise<T> {
    const run = this.#exclusive.then(() => this.session(fn, options));
    this.#exclusive = run.catch(() => undefined);
    return run;
  }

  /**
   * A result that is read in pieces, and found again by its `queryId` for a day. It holds a lease until it is closed
   * or read to its end.
   *
   * @example
   * const cursor = await wh.cursor('select * from pet');
   * for (let pets = await cursor.fetchMany(100); pets.length > 0; pets = await cursor.fetchMany(100)) show(pets);
   */
  async cursor<R extends object = Row>(
    what: string | { readonly queryId: string },
    options: CursorOptions = {},
  ): Promise<SnowflakeCursor<R>> {
    try {
      return await this.#cursor<R>(what, options);
    } catch (error) {
      if (!wasRejected(error)) throw error;
      return this.#cursor<R>(what, options);
    }
  }

  async #cursor<R extends object>(
    what: string | { readonly queryId: string },
    options: CursorOptions,
  ): Promise<SnowflakeCursor<R>> {
    const { params, signal, start = 0 } = options;
    const statement =
      typeof what === 'string' ? this.statement(what, params, options) : { sql: `-- result of ${what.queryId}` };
    this.guardRead(statement, 'cursor');
    try {
      const lease = await this.leases.lease({ signal, timeout: limit(options.timeout, 'timeout') });
      const context = { signal: lease.signal, batchSize: 1000 };
      let opened: OpenResult | undefined;
      const open = async (): Promise<Cursor> =>
        (opened = await (lease.raw as SnowflakeDriver).result(
          typeof what === 'string' ? statement : what.queryId,
          start,
          lease.signal,
        ));
      const ends = { open, end: () => lease.release() };
      // Who waits is told at once; the lease goes on until the server is done.
      return await within({ connection: this.name, scheduler: this.leases.scheduler, signals: [lease.signal] }, () =>
        this.#sender
          .cursor<R>(lease, statement, context, ends)
          .then((cursor) => new SnowflakeCursor(cursor, opened!, this.#sender.dropped)),
      );
    } catch (error) {
      throw refusal(error, this.name);
    }
  }

  /**
   * Inserts rows in bulk: all of them or none. Values go as text, and the columns of the table say what they are: JSON
   * for VARIANT, ARRAY and OBJECT, hex for BINARY. More than 50,000 values go as files to a temporary stage, and from
   * there by COPY; where the role may not create one, or with `batchSize`, in statements of one transaction.
   *
   * @throws QueryError `invalid_bind` for a row with a key that is no column, `not_supported` for `onConflict`; what
   *   `transaction` throws.
   * @example await wh.insertRows('pet', [{ name: 'Rex', owner: 'Ann' }]);
   */
  async insertRows<R extends object>(
    table: string,
    rows: Iterable<R> | AsyncIterable<R>,
    options: InsertRowsOptions = {},
  ): Promise<Pick<Result, 'rowCount'>> {
    try {
      let types: readonly string[] = [];
      const inserts = bulkInserts(table, rows as Iterable<Row>, options, async (sql) => {
        return (types = await typesOf(this.cursor(sql, { signal: options.signal })));
      });
      const copyOf = async (columns: readonly string[]): Promise<CopyBatches> =>
        stagedCopy(this, targetOf(table, columns, types));
      return { rowCount: await insertAll(this, inserts, options, copyOf) };
    } catch (error) {
      throw withConnection(error, this.name);
    }
  }

  /** As of any connection; a statement that was rejected because the session was gone is sent once more, on a new one. */
  override async execute<R extends object = Row>(
    sql: string,
    options: ExecuteOptions & SnowflakeStatementOptions = {},
  ): Promise<Result<R>> {
    const began = performance.now();
    try {
      return await super.execute<R>(sql, options);
    } catch (error) {
      if (!wasRejected(error)) throw error;
      const timeout = limit(options.timeout, 'timeout');
      const left = timeout === undefined ? {} : { timeout: Math.max(1, timeout - (performance.now() - began)) };
      return super.execute<R>(sql, { ...options, ...left });
    }
  }

  override query<R extends object = Row>(
    sql: string,
    options?: QueryOptions & SnowflakeStatementOptions,
  ): Promise<R[]> {
    return super.query<R>(sql, options);
  }

  override query$<R extends object = Row>(
    sql: string,
    options?: Omit<QueryOptions, 'signal'> & SnowflakeStatementOptions,
  ): Observable<R[]> {
    return super.query$<R>(sql, options);
  }

  override stream<R extends object = Row>(
    sql: string,
    options?: StreamOptions & SnowflakeStatementOptions,
  ): AsyncIterable<R> {
    return super.stream<R>(sql, options);
  }

  override live$<R extends object = Row>(
    sql: string,
    options?: LiveOptions & SnowflakeStatementOptions,
  ): Observable<R[]> {
    return super.live$<R>(sql, options);
  }

  override batches<R extends object = Row>(
    sql: string,
    options?: StreamOptions & SnowflakeStatementOptions,
  ): AsyncIterable<R[]> {
    return onceMore(() => super.batches<R>(sql, options));
  }

  protected override async connect(config: Config, { signal }: LeaseContext): Promise<SnowflakeDriver> {
    try {
      const settings = byOptionName(config);
      this.#renewable = isRenewable(settings);
      return new SnowflakeDriver(
        { config, name: this.name, login: this.#login, leases: this.leases },
        await this.#login.open(settings, signal),
      );
    } catch (error) {
      throw withConnection(error, this.name);
    }
  }

  protected override get ownOptions(): readonly string[] {
    return statementOptions;
  }

  protected override statement(sql: string, params: Params | undefined, options: object = {}): Statement {
    const parameters = parametersOf(options);
    return parameters === undefined ? { sql, params } : { sql, params, options: parameters };
  }

  protected override classify(error: unknown): ErrorCategory | undefined {
    return classify(error, this.#renewable)?.category;
  }

  protected override breaks(error: unknown): boolean {
    return classify(error, this.#renewable)?.lost === true;
  }

  protected override shownText({ sql }: Statement): string | undefined {
    return withoutLiterals(sql, 'snowflake');
  }

  protected override cacheScope(config: Config): unknown {
    return materialOf(config);
  }

  protected override guardRead({ sql }: Statement, method: ReadMethod): void {
    try {
      guardRead(sql, 'snowflake', method);
    } catch (error) {
      throw withConnection(error, this.name);
    }
  }
}
