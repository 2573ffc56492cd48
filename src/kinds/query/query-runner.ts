import { elapsed, milliseconds } from '../../duration/index.ts';
import { HotlineError, ofArguments, QueryError } from '../../errors/index.ts';
import { QueryCache, type CachedResults, type LoadedRows } from './cache.ts';
import type { ReadMethod } from './arguments.ts';
import { callOf, type Call } from './call.ts';
import { refusal } from './failure.ts';
import { retry } from './retry.ts';
import type { Result, Row, Statement } from './statement.ts';
import type { Config } from '../../secrets/index.ts';
import type { Leases } from '../base/index.ts';
import type { Invalidation, QueryDefaults, QueryOptions } from './options.ts';
import { Run, type QueryDriver } from './driver.ts';
import type { KindHooks } from './query-hooks.ts';
import type { StatementExecutor } from './statement-executor.ts';

/** The cache of a registry; `leases.shared(queryCacheKey, …)` is where another one goes in. */
export const queryCacheKey = Symbol.for('hotline.queryCache');

const noTags: readonly string[] = [];

/** The further options of a cached call. */
interface Caching {
  readonly ttl: number;
  readonly stale: number;
  readonly tags: readonly string[];
}

/** Statements under a lease of their own; reads are tried again, and cached. */
export class QueryRunner {
  readonly #leases: Leases<QueryDriver<unknown>>;
  readonly #kind: Pick<KindHooks, 'kind' | 'cacheScope' | 'shownText'>;
  readonly #sender: StatementExecutor;
  /** To make a scope is dear; a config never changes. */
  readonly #scopes = new WeakMap<Config, string | undefined>();
  #latest: string | undefined;
  readonly #counts = { hits: 0, misses: 0 };

  constructor(
    leases: Leases<QueryDriver<unknown>>,
    kind: Pick<KindHooks, 'kind' | 'cacheScope' | 'shownText'>,
    sender: StatementExecutor,
  ) {
    this.#leases = leases;
    this.#kind = kind;
    this.#sender = sender;
  }

  /** One attempt on the current instance; `onConfig` is told of the config that it was opened with. */
  run(statement: Statement, write: boolean, call: Call, onConfig: (config: Config) => void): Promise<Result> {
    return this.#leases.use((driver, lease) => {
      onConfig(lease.config);
      return this.#sender.send(lease, statement, new Run(lease, write, call), (context) =>
        driver.run(statement, context),
      );
    }, call);
  }

  /** The rows of a read; `values` stand in for the options that the call does not give. */
  query(
    statement: Statement,
    options: QueryOptions,
    { method, values }: { readonly method: ReadMethod; readonly values: QueryDefaults },
    onConfig: (config: Config) => void,
  ): Promise<Row[]> {
    const call = callOf(options, values, method);
    const ttl = options.ttl === undefined ? values.ttl : milliseconds(options.ttl, 'ttl');
    if (!ttl) return this.#read(statement, call, onConfig);
    const stale = milliseconds(options.staleWhileRevalidate ?? 0, 'staleWhileRevalidate');
    const caching = { ttl, stale, tags: options.tags ?? noTags };
    return this.#readCached(statement, call, caching, onConfig).catch(this.#refuse);
  }

  /** The rows of a read, which is tried again where that can succeed. */
  #read(statement: Statement, call: Call, onConfig: (config: Config) => void): Promise<Row[]> {
    const { patience = call.timeout } = call;
    const start = patience === undefined ? 0 : elapsed(this.#leases.scheduler);
    return this.run(statement, false, call, onConfig).then(rowsOf, (error: unknown) =>
      this.#again(error, statement, { ...call, patience }, onConfig, start).then(rowsOf, this.#refuse),
    );
  }

  #again(
    error: unknown,
    statement: Statement,
    call: Call,
    onConfig: (config: Config) => void,
    start: number,
  ): Promise<Result> {
    const { scheduler, name: connection } = this.#leases;
    const { patience, signal } = call;
    const left = () => (patience === undefined ? undefined : Math.max(0, start + patience - elapsed(scheduler)));
    return retry(error, {
      connection,
      scheduler,
      signal,
      options: call.retry,
      left,
      // An opening has had its own attempts, and a full pool its own wait; within a timeout there may still come a way.
      worthwhile: (failed) =>
        failed instanceof HotlineError &&
        failed.retryable &&
        // A limit of the server would stop it again.
        !(failed instanceof QueryError && failed.code === 'timeout') &&
        (patience !== undefined || (failed instanceof QueryError && failed.code !== 'pool_exhausted')) &&
        !signal?.aborted,
      again: () => this.run(statement, false, { ...call, timeout: call.timeout && left() }, onConfig),
    });
  }

  /** The rows from the cache, where it has some that are young enough. */
  async #readCached(
    statement: Statement,
    call: Call,
    { ttl, stale, tags }: Caching,
    onConfig: (config: Config) => void,
  ): Promise<Row[]> {
    const { scheduler, name: connection } = this.#leases;
    const { signal, timeout, maxRows } = call;
    const cache = this.#cache();
    const scope = await this.#currentScope();
    const key = scope === undefined ? undefined : cache.key(scope, statement, maxRows);
    if (scope === undefined || key === undefined) return this.#read(statement, call, onConfig);
    const load = (stop: AbortSignal): Promise<LoadedRows> =>
      this.#load(statement, { ...call, signal: stop, timeout: undefined, patience: timeout }, onConfig);
    const limits = { connection, scheduler, signals: [signal], timeout };
    return cache.get({ key, scope, sql: statement.sql, tags, ttl, stale, limits, load, counts: this.#counts });
  }

  /** Forgets cached results of this connection. */
  async forget({ sql, tags }: Invalidation): Promise<void> {
    const scope = (await this.#currentScope()) ?? this.#latest;
    if (scope !== undefined) await this.#cache().forget({ scope, sql, tags });
  }

  /** The results that the cache has of this connection, and how often it was asked. */
  async cached(): Promise<CachedResults> {
    const scope = (await this.#currentScope()) ?? this.#latest;
    const shown = (sql: string): string | undefined => this.#kind.shownText({ sql, params: undefined });
    const now = elapsed(this.#leases.scheduler);
    return { ...this.#counts, results: scope === undefined ? [] : this.#cache().kept(scope, now, shown) };
  }

  async #load(statement: Statement, call: Call, onConfig: (config: Config) => void): Promise<LoadedRows> {
    let answered: Config | undefined;
    const rows = await this.#read(statement, call, (config) => {
      answered = config;
      onConfig(config);
    });
    return { rows, scope: answered && this.#scope(answered) };
  }

  /** The cache scope of the present config, if there is one. */
  async #currentScope(): Promise<string | undefined> {
    try {
      return this.#scope(await this.#leases.config());
    } catch {
      return undefined;
    }
  }

  readonly #refuse = (error: unknown): never => {
    const { name } = this.#leases;
    throw refusal(ofArguments(error, name), name);
  };

  #scope(config: Config): string | undefined {
    if (!this.#scopes.has(config))
      this.#scopes.set(config, this.#cache().scope(this.#kind.kind, this.#kind.cacheScope(config)));
    return (this.#latest = this.#scopes.get(config));
  }

  #cache(): QueryCache {
    return this.#leases.shared(queryCacheKey, () => new QueryCache());
  }
}

function rowsOf({ rows }: Result): Row[] {
  return rows;
}
