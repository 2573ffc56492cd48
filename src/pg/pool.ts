import type { EventEmitter } from 'node:events';
import type { Pool, PoolClient, PoolConfig } from 'pg';
import { type BaseConnection, ConfigError, HotlineError, SqlConnection } from '../index.ts';
import { CheckedOut, type PgClient } from './checked-out.ts';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what kind it is, is found out at run time
type Handle = BaseConnection<any, any>;

/** A handle, or a function that gives one or a promise of one; it is asked again while it fails. */
export type PgPoolConnection = Handle | (() => Handle | PromiseLike<Handle>);

/** Options of a pool of pg. Sizes and everything about the server belong to the section of the connection. */
export interface PgPoolOptions {
  /** The package whose `Pool` it shall be. Default: the copy of the project. */
  readonly pg?: { readonly Pool: new (options?: PoolConfig) => Pool } | undefined;
  /** The parsers of values, on each client while it is checked out. Default: as the section of the connection says. */
  readonly types?: PoolConfig['types'] | undefined;
  /**
   * Milliseconds that a checkout waits. Default and `0`: 5 s for a login that the server refuses, and for a full pool as
   * long as the section says.
   */
  readonly connectionTimeoutMillis?: number | undefined;
  /** Checkouts after which a client is closed. Default and `Infinity`: never. */
  readonly maxUses?: number | undefined;
  /** Seconds after its first checkout at which a client is closed when it comes back. Default and `0`: never. */
  readonly maxLifetimeSeconds?: number | undefined;
  /** Called, and waited for, once for each client before anybody has it. Default: nothing. */
  readonly onConnect?: ((client: PoolClient) => unknown) | undefined;
  /** Called after it; with an error the client is closed, and the checkout fails. Default: nothing. */
  readonly verify?: ((client: PoolClient, done: (error?: Error) => void) => void) | undefined;
}

type Done = (
  error: Error | undefined,
  client: PoolClient | undefined,
  release: (error?: Error | boolean) => void,
) => void;

/** Options that the pool itself understands; about the others the section decides. */
const own = ['pg', 'types', 'connectionTimeoutMillis', 'maxUses', 'maxLifetimeSeconds', 'onConnect', 'verify'];
/** The size of a pool of pg that was told none. */
const usualMax = 10;
const harmless = ['Client', 'Promise', 'log', 'allowExitOnIdle'];

/**
 * A real `pg.Pool`, for libraries that take one: each checkout is a lease on the current instance of the connection, and a
 * client of its own pool. A login that is refused is tried again, so that a rotation fails no call.
 *
 * `end()` ends this pool and waits for its checkouts; the connection stays open for others. Values are read as on a bare
 * client of pg.
 *
 * @throws ConfigError `invalid_argument`, `missing_driver`.
 * @example
 * const pool = pgPool(() => connection('pets', { type: SqlConnection }));
 * const { rows } = await pool.query('select * from pet where id = $1', [1]);
 */
export function pgPool(connection: PgPoolConnection, options: PgPoolOptions = {}): Pool {
  for (const name of ['connectionTimeoutMillis', 'maxUses', 'maxLifetimeSeconds'] as const)
    refuseNoNumber(name, options);
  const known = [...own, ...harmless];
  const others = Object.fromEntries(Object.entries(options).filter(([name]) => !known.includes(name)));
  const checkouts = SqlConnection.checkouts({ name: 'pgPool', driver: 'pg', options: others }, connection);
  const pg = options.pg ?? (checkouts.loadDriver('of the project') as NonNullable<PgPoolOptions['pg']>);
  return new (poolClass(pg, checkouts, withOverrides(pg, options)))();
}

function refuseNoNumber(name: keyof PgPoolOptions, { [name]: value }: PgPoolOptions): void {
  if (value === undefined || (typeof value === 'number' && value >= 0)) return;
  throw new ConfigError('invalid_argument', `pgPool: ${name} is expected to be a number, 0 or more.`);
}

/** Parsers that are set on a client belong to that client, as in pg. */
function withOverrides(pg: object, options: PgPoolOptions): PgPoolOptions {
  const { TypeOverrides } = pg as { TypeOverrides?: new (types: object) => NonNullable<PgPoolOptions['types']> };
  return options.types && TypeOverrides ? { ...options, types: new TypeOverrides(options.types) } : options;
}

type Checkouts = ReturnType<typeof SqlConnection.checkouts>;
type PgPackage = NonNullable<PgPoolOptions['pg']>;

/** A subclass of the user's own `Pool`: libraries ask by `instanceof`, or by the name of the class, whether it is a pool. */
function poolClass(pg: PgPackage, checkouts: Checkouts, options: PgPoolOptions): new () => Pool {
  const Base = pg.Pool as unknown as new (options: PgPoolOptions) => PoolState;
  return class HotlinePool extends Base {
    readonly #out = new Set<CheckedOut>();
    readonly #known = new Map<PgClient, () => void>();
    readonly #retirements = new WeakSet<AbortSignal>();
    #waiting = 0;
    #end: (() => void) | undefined;

    constructor() {
      super(options);
      Object.defineProperties(this.options, {
        max: { get: () => checkouts.gauge.max ?? usualMax, enumerable: true },
        min: { get: () => checkouts.gauge.min ?? 0, enumerable: true },
      });
      // Programs look into the list of pg: it has the clients that this pool has given out and that are still there.
      Object.defineProperty(this, '_clients', { get: () => [...this.#known.keys()] });
    }

    /** As in pg, a client counts from the moment when it is asked for. */
    get totalCount(): number {
      const { size, used, max = usualMax } = checkouts.gauge;
      return Math.max(size, Math.min(max, used + this.#asking));
    }

    get idleCount(): number {
      return checkouts.gauge.idle;
    }

    get waitingCount(): number {
      const { used, idle } = checkouts.gauge;
      return Math.max(0, this.#asking - (this.totalCount - used - idle));
    }

    /** Callers without a client, also those for whom one is being opened. */
    get #asking(): number {
      return Math.max(checkouts.gauge.waiting, this.#waiting);
    }

    get expiredCount(): number {
      return 0;
    }

    connect(done?: Done): never {
      const checkedOut = this.#checkOut();
      if (typeof done !== 'function') return this.Promise.resolve(checkedOut.then(({ client }) => client)) as never;
      checkedOut.then(
        ({ client, release }) => outside(() => done(undefined, client, release)),
        (error: unknown) => outside(() => done(error as Error, undefined, () => undefined)),
      );
      return undefined as never;
    }

    end(done?: () => void): never {
      const ended = this.#ended();
      if (typeof done !== 'function') return this.Promise.resolve(ended) as never;
      ended.then(
        () => outside(() => done()),
        (error: unknown) => outside(() => (done as (error: unknown) => void)(error)),
      );
      return undefined as never;
    }

    async #checkOut(): Promise<CheckedOut> {
      if (this.ending) throw new Error('Cannot use a pool after calling end on the pool');
      this.#waiting++;
      let out: CheckedOut | undefined;
      try {
        const checkout = await checkouts.take(options.connectionTimeoutMillis || undefined);
        out = new CheckedOut(checkout, this, options, () => this.#cameBack(out!));
        this.#out.add(out);
        this.#follow(checkout.retired);
        if (!this.#known.has(out.client)) await this.#introduce(out);
        this.emit('acquire', out.client);
        return out;
      } catch (error) {
        out?.release(error as Error);
        throw driverError(error);
      } finally {
        this.#waiting--;
        this.#settle();
      }
    }

    /** Once for each client that is new to this pool, before anybody has it. */
    async #introduce(out: CheckedOut): Promise<void> {
      const { client } = out;
      this.#compareClass(client);
      const { onConnect, verify } = options;
      await onConnect?.(client);
      const failed = (error: Error): void => {
        const idle = ![...this.#out].some((held) => held.client === client);
        // pg-pool names the client on the error as well.
        if (idle && this.listenerCount('error') > 0) this.emit('error', Object.assign(error, { client }), client);
      };
      const gone = (): void => {
        this.#known.get(client)?.();
        // Its holder, who hears of it at the same time, releases it before.
        setImmediate(() => {
          for (const held of [...this.#out]) if (held.client === client) held.lose();
        });
        this.emit('remove', client);
      };
      client.on('error', failed);
      client.on('end', gone);
      this.#known.set(client, () => {
        client.off('error', failed);
        client.off('end', gone);
        this.#known.delete(client);
      });
      this.emit('connect', client);
      if (verify)
        await new Promise<void>((resolve, reject) => verify(client, (error) => (error ? reject(error) : resolve())));
    }

    #compareClass(client: PgClient): void {
      if (this.#known.size > 0) return;
      const { Client } = options as { Client?: unknown };
      if (typeof Client === 'function' && !(client instanceof Client))
        checkouts.warn(
          'pool_option_ignored',
          'pgPool was given the option Client: the connection makes its clients itself. `onConnect` may change each of them.',
        );
      if (client instanceof (pg as unknown as { Client: new () => object }).Client) return;
      checkouts.warn(
        'two_copies',
        `the pool is of another copy of the package pg than the clients of hotline (${client.constructor.name}). ` +
          'Have one copy: npm ls pg, npm dedupe; a library that brings its own takes `pgPool(connection, { pg })` of that copy.',
      );
    }

    /** Clients that listen move when the instance is retired: what the next server notifies would never reach them. */
    #follow(retired: AbortSignal): void {
      if (this.#retirements.has(retired)) return;
      this.#retirements.add(retired);
      retired.addEventListener('abort', () => {
        for (const out of [...this.#out]) if (out.retired === retired) out.tellRetired();
      });
    }

    #cameBack(out: CheckedOut): void {
      this.#out.delete(out);
      this.#settle();
    }

    async #ended(): Promise<void> {
      if (this.ending) throw new Error('Called end on pool more than once');
      this.ending = true;
      await new Promise<void>((resolve) => {
        this.#end = resolve;
        this.#settle();
      });
      this.ended = true;
      for (const forget of [...this.#known.values()]) forget();
    }

    #settle(): void {
      if (this.#out.size === 0 && this.#waiting === 0) this.#end?.();
    }
  } as unknown as new () => Pool;
}

/** The figures of a pool of pg. */
interface PoolState extends EventEmitter {
  readonly options: object;
  readonly Promise: PromiseConstructor;
  ending: boolean;
  ended: boolean;
  log(message: string): void;
}

/** Time-outs in the words of pg. */
function driverError(error: unknown): unknown {
  if (error instanceof Error && error.name === 'CheckoutTimeout') return timeout(error);
  if (!(error instanceof HotlineError)) return error;
  return error.code === 'pool_exhausted' || error.code === 'open_timeout' ? timeout(error) : error;
}

function timeout(cause: unknown): Error {
  return new Error('timeout exceeded when trying to connect', { cause });
}

/** Runs a callback of the user where what it throws is an uncaught error, as in pg. */
function outside(run: () => void): void {
  try {
    run();
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}
