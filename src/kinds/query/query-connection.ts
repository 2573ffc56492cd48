import { defer, type Observable } from 'rxjs';
import { ofArguments, readable } from '../../errors/index.ts';
import { refuseUnknown } from '../../known-options.ts';
import { batches, rows } from './batches.ts';
import { cancelling$ } from './live.ts';
import { LiveQueries, type LiveQuery } from './live-queries.ts';
import type { CachedResults } from './cache.ts';
import { pull$ } from './pull.ts';
import { refusal } from './failure.ts';
import type { Result, Row } from './statement.ts';
import type { Config } from '../../secrets/index.ts';
import { Superseded, type Lease, type Leases } from '../base/index.ts';
import { callingAs, limit, methodOf, tagsOf, textOf } from './arguments.ts';
import { callOf, refuseUnusable, retryOf } from './call.ts';
import {
  optionNames,
  type BatchesOptions,
  type CallOptions,
  type ExecuteOptions,
  type Invalidation,
  type LiveOptions,
  type QueryDefaults,
  type QueryOptions,
  type StreamOptions,
  type TransactionOptions,
} from './options.ts';
import type { QueryDriver } from './driver.ts';
import { hooksOf, QueryHooks } from './query-hooks.ts';
import { QueryRunner } from './query-runner.ts';
import { StatementExecutor } from './statement-executor.ts';
import type { Session, Transaction } from './transaction.ts';
import { Transactions } from './transactions.ts';

const none: Readonly<Record<string, undefined>> = {};

/** The defaults and the config that they are of. */
interface KnownDefaults {
  readonly config: Config | undefined;
  readonly values: QueryDefaults;
}

/**
 * A connection that runs statements. `connect` of a kind returns a `QueryDriver`, which runs one, opens a cursor and begins
 * a transaction; the kind then has the whole query surface: cache, retry, streams, live queries, transactions, timeouts.
 */
export abstract class QueryConnection<Raw, Tx = unknown, Held = unknown> extends QueryHooks<Raw, Tx, Held> {
  readonly #executor: StatementExecutor;
  readonly #runner: QueryRunner;
  readonly #transactions: Transactions<Raw, Tx, Held>;
  /** Made with the first `live$`, so that other connections are small. */
  #live: LiveQueries | undefined;
  #defaults: KnownDefaults | undefined;

  constructor(leases: Leases<QueryDriver<Raw, Tx, Held>>) {
    super(leases);
    const kind = hooksOf(this);
    this.#executor = new StatementExecutor(leases, kind);
    this.#runner = new QueryRunner(leases, kind, this.#executor);
    this.#transactions = new Transactions(leases, kind, this.#executor);
  }

  /**
   * The rows of a statement that only reads. It is sent again when that can succeed, and with `ttl` it is cached.
   *
   * @throws QueryError `query_failed`, `connection_lost`, `timeout`, `cancelled`, `invalid_bind`, `too_many_rows`,
   * `write_in_query`, or why there is no instance.
   */
  query<R extends object = Row>(sql: string, options: QueryOptions = none): Promise<R[]> {
    try {
      this.#transactions.refuseNested();
      refuseUnknown(options, optionNames.query, this.ownOptions);
      const statement = this.statement(textOf(sql), options.params, options);
      const method = methodOf(options, 'query');
      this.guardRead(statement, method);
      const read = ({ values }: KnownDefaults) =>
        this.#runner.query(statement, options, { method, values }, this.#onConfig) as Promise<R[]>;
      // Not awaited: this is the hot path, and each promise on it costs as much as to read a row.
      return this.#defaults ? read(this.#defaults) : this.#learn().then(read).catch(this.#refuse);
    } catch (error) {
      return Promise.reject(error).catch(this.#refuse);
    }
  }

  readonly #refuse = (error: unknown): never => {
    throw refusal(ofArguments(error, this.name), this.name);
  };

  /** `query` on each subscription; unsubscribing cancels it. */
  query$<R extends object = Row>(sql: string, options?: Omit<QueryOptions, 'signal'>): Observable<R[]> {
    return cancelling$(async (signal) =>
      this.query<R>(
        sql,
        readable(this.name, () => callingAs('query$', { ...options, signal })),
      ),
    );
  }

  /**
   * Runs a statement that may write; it is sent once, whatever happens.
   *
   * @throws QueryError as `query` does. After `connection_lost` it may have run: look before you repeat it.
   */
  async execute<R extends object = Row>(sql: string, options: ExecuteOptions = none): Promise<Result<R>> {
    try {
      this.#transactions.refuseNested();
      refuseUnknown(options, optionNames.execute, this.ownOptions);
      const statement = this.statement(textOf(sql), options.params, options);
      const { values } = this.#defaults ?? (await this.#learn());
      const result = await this.#runner.run(statement, true, callOf(options, values), this.#onConfig);
      if (options.tags) await this.#runner.forget({ tags: options.tags });
      return result as Result<R>;
    } catch (error) {
      return this.#refuse(error);
    }
  }

  /**
   * The rows of a large result one by one, pulled from the server as they are taken. Nothing is sent before the first is
   * asked for; stopping early stops the server's work.
   *
   * @example for await (const pet of pets.stream('select * from pet')) console.log(pet.name);
   */
  stream<R extends object = Row>(sql: string, options?: StreamOptions): AsyncIterable<R> {
    return rows(
      this.batches<R>(
        sql,
        readable(this.name, () => callingAs('stream', options)),
      ),
    );
  }

  /** The rows of a large result in arrays of `batchSize`: while you work on one the next is fetched, and no more. */
  batches<R extends object = Row>(sql: string, options: StreamOptions = none): AsyncIterable<R[]> {
    // What is wrong with them is said when the first rows are asked for, as everything else.
    const { batchSize = 1000, params, signal } = readable<StreamOptions>(this.name, () => ({ ...options }));
    const open = async (stop: AbortSignal) => {
      this.#transactions.refuseNested();
      const statement = readable(this.name, () => {
        refuseUnknown(options, optionNames.stream, this.ownOptions);
        return this.statement(textOf(sql), params, options);
      });
      const method = methodOf(options, 'batches');
      this.guardRead(statement, method);
      const begin = async () => {
        const lease = await this.#lease(stop, options);
        const context = { signal: lease.signal, batchSize, timeout: limit(options.timeout, 'timeout'), method };
        return this.#executor.cursor<R>(lease, statement, context, {
          open: (stoppable) => lease.raw.openCursor(statement, stoppable),
          end: () => lease.release(),
        });
      };
      for (;;)
        try {
          return await begin();
        } catch (error) {
          if (!(error instanceof Superseded)) throw error;
        }
    };
    const { dropped } = this.#executor;
    return batches<R>({ connection: this.name, batchSize, signal, open, dropped });
  }

  /**
   * With `project`, what it makes of each batch; the next batch is asked for when its promise or Observable has ended, with
   * `concurrency` when one of so many has.
   * Without it, the batches as they come, which holds back the server for synchronous consumers only.
   *
   * @example pets.batches$('select * from pet', { project: (rows) => post('/pets', rows) })
   */
  batches$<R extends object = Row, T = R[]>(sql: string, options: BatchesOptions<R, T> = none): Observable<T> {
    const given = readable(this.name, () => ({ ...options }));
    const { project = (batch: R[]) => [batch as T], concurrency, ordered, ...stream } = given;
    return pull$(this.batches<R>(sql, callingAs('batches$', stream)), project, { concurrency, ordered });
  }

  /**
   * The rows now, and again whenever they have changed: it asks on each new instance and when `refresh` says so.
   * It keeps an instance open; after its first value only an error of the statement itself ends it.
   *
   * @example pets.live$('select * from pet', { refresh: '10s' })
   */
  live$<R extends object = Row>(sql: string, options: LiveOptions = none): Observable<R[]> {
    return defer(() => {
      const { refresh, ...asked } = readable(this.name, () => {
        refuseUnknown(options, optionNames.live, this.ownOptions);
        return callingAs('live$', options);
      });
      const ask = ({ signal }: { signal: AbortSignal }) => this.query<R>(sql, { ...asked, ttl: 0, signal });
      this.#live ??= new LiveQueries(this.leases, hooksOf(this), this.#executor);
      return this.#live.rows$<R>(sql, refresh, ask);
    });
  }

  /** The `live$` of this connection that somebody is subscribed to, the oldest first: what makes each ask, and how often it has. */
  liveQueries(): readonly LiveQuery[] {
    return this.#live?.list ?? [];
  }

  /**
   * Runs `fn` in a transaction: committed when it returns, rolled back when it throws or when the signal fires.
   * It is run again only with `retry`, and only when it lost against another transaction.
   *
   * @throws What `fn` throws; QueryError as `execute` does; `transaction_ended` from a `tx` that is used afterwards.
   * @example await pets.transaction((tx) => tx.execute('delete from pet'), { isolation: 'serializable', retry: { attempts: 5 } });
   */
  async transaction<T>(
    fn: (tx: Transaction<Tx>) => PromiseLike<T> | T,
    options: TransactionOptions = none,
  ): Promise<T> {
    try {
      this.#transactions.refuseNested();
      readable(this.name, () => {
        refuseUnknown(options, optionNames.transaction);
        refuseUnusable(fn, options);
        retryOf(options);
      });
      const { value, tags } = await this.#transactions.runWithRetry(fn, options);
      const named = [...tags, ...(options.tags ?? [])];
      if (named.length > 0) await this.#runner.forget({ tags: named });
      return value;
    } catch (error) {
      throw refusal(error, this.name);
    }
  }

  /**
   * Runs `fn` on one connection of the server that nobody else has meanwhile: for `set role`, advisory locks and temporary tables, which
   * hold for one connection. When `fn` has ended the connection is reset or closed, and what was begun and not committed is rolled back.
   *
   * @throws What `fn` throws; QueryError as `execute` does; `not_supported` where the kind has no such connections; `transaction_ended` from
   *   a session that is used afterwards.
   * @example await pets.session(async (session) => { await session.execute('set role auditor'); });
   */
  async session<T>(fn: (session: Session<Held>) => PromiseLike<T> | T, options: CallOptions = none): Promise<T> {
    try {
      this.#transactions.refuseNested();
      readable(this.name, () => {
        refuseUnknown(options, optionNames.session);
        refuseUnusable(fn, none);
      });
      const { value, tags } = await this.#transactions.hold(fn, options);
      if (tags.length > 0) await this.#runner.forget({ tags });
      return value;
    } catch (error) {
      throw refusal(error, this.name);
    }
  }

  /**
   * Forgets cached results of this connection: those of a statement, those with one of the tags, or all of them.
   *
   * @example await pets.invalidate({ tags: ['pets'] });
   */
  async invalidate(what: Invalidation = none): Promise<void> {
    const named = readable(this.name, () => {
      refuseUnknown(what, optionNames.invalidate);
      return { ...what, tags: tagsOf(what.tags) };
    });
    await this.#runner.forget(named);
  }

  /** The results of this connection that this process keeps, and how often they were of use. No row is in it; it opens nothing. */
  cached(): Promise<CachedResults> {
    return this.#runner.cached();
  }

  /** Defaults belong to the config; they are looked up when it is another one. */
  readonly #onConfig = (config: Config): void => {
    if (config !== this.#defaults?.config) this.#defaults = { config, values: this.queryDefaults(config) };
  };

  async #learn(): Promise<KnownDefaults> {
    // Where there is none now, the instance that serves says what it was opened with.
    const config = await this.leases.config().catch(() => undefined);
    return (this.#defaults ??= { config, values: config ? this.queryDefaults(config) : none });
  }

  async #lease(signal: AbortSignal, { timeout }: StreamOptions): Promise<Lease<QueryDriver<Raw, Tx, Held>>> {
    try {
      return await this.leases.lease({ signal, timeout: limit(timeout, 'timeout') });
    } catch (error) {
      throw refusal(error, this.name);
    }
  }
}
