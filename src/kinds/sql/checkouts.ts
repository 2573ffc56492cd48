import { isDeepStrictEqual } from 'node:util';
import { ConfigError, HotlineError, ScrubbedError, withConnection } from '../../errors/index.ts';
import { requireOf, requireOfProject } from '../../packages/index.ts';
import { Superseded, type Lease, type Leases, type PoolGauge } from '../base/index.ts';
import { Database } from './database.ts';
import type { DriverConnection } from './engine.ts';
import { bySignal } from './one-statement.ts';
import { waitWithin } from './refused-logins.ts';
import { endSession } from './session-end.ts';

/** The part of a handle that checkouts need. */
export interface Lender {
  readonly leases: Leases<unknown>;
  /** True for an error that says that the instance is gone. */
  readonly breaks: (error: unknown) => boolean;
}

/** One connection of the driver, under a lease. */
export interface Checkout {
  readonly connection: object;
  /** Fires when newcomers get connections of the next instance. The same signal for all connections of an instance. */
  readonly retired: AbortSignal;
  /** Gives the connection back, or has it closed. `renew`: as a new one. The second call does nothing. */
  release(usable: boolean, renew?: boolean): void;
}

/** A checkout took longer than its caller wanted to wait. */
export class CheckoutTimeout extends Error {
  override readonly name = 'CheckoutTimeout';
}

/** Whoever asks for connections of the driver, by the name of the function that made its pool. */
export interface Borrower {
  readonly name: 'pgPool' | 'mysqlPool';
  readonly driver: 'pg' | 'mysql2';
  /** The options that the section of the connection decides; one that says something else is told of once. */
  readonly options: Readonly<Record<string, unknown>>;
}

const empty: PoolGauge = { size: 0, used: 0, idle: 0, waiting: 0 };

/** The checkouts of one pool that is handed to another library: each is a lease on the current instance. */
export class Checkouts {
  readonly #borrower: Borrower;
  readonly #find: () => unknown;
  readonly #lenderOf: (handle: unknown) => Lender | undefined;
  #lender: Lender | undefined;
  #finding: Promise<Lender> | undefined;
  #told = false;
  /** The last checkout, which may be over: it says which instance serves. */
  #last: { readonly database: Database; readonly lease: Lease<unknown> } | undefined;

  /** @throws ConfigError `invalid_argument` for what is neither a handle of a SqlConnection nor a function. */
  constructor(borrower: Borrower, connection: unknown, lenderOf: (handle: unknown) => Lender | undefined) {
    this.#borrower = borrower;
    this.#lenderOf = lenderOf;
    this.#find = () => (typeof connection === 'function' ? (connection as () => unknown)() : connection);
    if (typeof connection !== 'function') this.#lender = this.#accept(connection);
  }

  /**
   * The driver's package: the copy of the project, for what libraries ask by `instanceof`, or the one that the connections
   * are of.
   */
  loadDriver(copy: 'of the project' | 'of the connections'): unknown {
    const { driver } = this.#borrower;
    const require = (copy === 'of the project' ? requireOfProject(driver) : undefined) ?? requireOf(driver);
    if (require) return require(driver);
    throw new ConfigError('missing_driver', `hotline/${driver} needs the package ${driver}: npm install ${driver}`);
  }

  get gauge(): PoolGauge {
    // Asked at each checkout: the statistics of the whole connection would cost more than the checkout.
    if (this.#last && !this.#last.lease.retired.aborted) return this.#last.database.gauge();
    return this.#lender?.leases.stats().pool ?? empty;
  }

  /** Tells of something that looks wrong but stops nothing. */
  warn(code: string, message: string): void {
    this.#lender?.leases.warn?.(code, message);
  }

  /**
   * `limit` in milliseconds; without it a refused login is tried for 5 s, and a full pool waits as its section says.
   *
   * @throws CheckoutTimeout; the error of the driver; HotlineError for everything else.
   */
  async take(limit?: number): Promise<Checkout> {
    const late = limit === undefined ? undefined : new Deadline(limit);
    try {
      const lender = this.#lender ?? (await (late ? late.race(this.#ask()) : this.#ask()));
      return await this.#from(lender, limit, late?.signal);
    } catch (error) {
      throw late?.signal.aborted ? late.signal.reason : driversOwn(error);
    } finally {
      late?.end();
    }
  }

  async #from(
    { leases, breaks }: Lender,
    limit: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Checkout> {
    const wait = limit === undefined ? usual : { limit: limit - Math.min(50, limit / 10), moves: true };
    for (;;) {
      const lease = await leases.lease(signal && { signal });
      try {
        return await this.#on(lease, wait, signal);
      } catch (error) {
        if (breaks(error)) lease.broken(error);
        lease.release();
        if (!(error instanceof Superseded)) throw withConnection(error, leases.name);
      }
    }
  }

  #on(lease: Lease<unknown>, wait: typeof usual, signal: AbortSignal | undefined): Promise<Checkout> {
    const { name, driver } = this.#borrower;
    const { raw: database } = lease;
    if (!(database instanceof Database) || database.backend.driver !== driver)
      throw refused(`${name} needs a connection over the driver ${driver}, and this one uses another.`);
    if (!this.#told) this.#compare(database.backend.settings);
    this.#last = { database, lease };
    const stoppable = signal ? bySignal(signal) : {};
    return new Promise((resolve, reject) =>
      database.pool.take(`a checkout of ${name}`, stoppable, wait, (error, connection) =>
        connection ? resolve(checkedOut(connection, database, lease)) : reject(error),
      ),
    );
  }

  /** One warning for all options that the section decides. */
  #compare(settings: Readonly<Record<string, unknown>>): void {
    this.#told = true;
    const { name, options } = this.#borrower;
    const other = Object.entries(options).filter(
      ([option, value]) => value !== undefined && !isDeepStrictEqual(value, settings[option]),
    );
    if (other.length === 0) return;
    const names = other.map(([option]) => option).join(', ');
    this.warn(
      'pool_option_ignored',
      `${name} was given ${names}, which the section of the connection decides: put it there, into \`knex.pool\` or the URL.`,
    );
  }

  /** Asked again while it fails; all who wait share one answer. */
  #ask(): Promise<Lender> {
    return (this.#finding ??= (async () => this.#accept(await this.#find()))().then(
      (lender) => (this.#lender = lender),
      (error: unknown) => {
        this.#finding = undefined;
        throw error;
      },
    ));
  }

  #accept(handle: unknown): Lender {
    const lender = this.#lenderOf(handle);
    if (lender) return lender;
    throw refused(
      `${this.#borrower.name}: expected the handle of a SqlConnection, or a function that gives one or a promise of one.`,
    );
  }
}

function checkedOut(
  connection: DriverConnection,
  { pool, backend }: Pick<Database, 'pool' | 'backend'>,
  lease: Lease<unknown>,
): Checkout {
  let released = false;
  return {
    connection,
    get retired() {
      return lease.retired;
    },
    release(usable, renew = false) {
      if (released) return;
      released = true;
      if (usable && renew)
        return void endSession({ backend, pool, lasting: false }, connection, true).finally(() => lease.release());
      if (usable) pool.release(connection, true);
      else pool.dismiss(connection);
      lease.release();
    },
  };
}

/** The error that the driver threw: libraries read its fields, and some its text. */
function driversOwn(error: unknown): unknown {
  if (!(error instanceof HotlineError) || ['pool_exhausted', 'open_timeout'].includes(error.code)) return error;
  const cause = error.cause as { readonly code?: unknown } | undefined;
  return cause && (cause.code !== undefined || error.code === 'open_failed') ? ScrubbedError.original(cause) : error;
}

const usual = waitWithin(undefined);

function refused(message: string): ConfigError {
  return new ConfigError('invalid_argument', message);
}

/** The time that a caller has. */
class Deadline {
  readonly #stop = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(limit: number) {
    this.#timer = setTimeout(() => this.#stop.abort(new CheckoutTimeout()), Math.min(limit, 2 ** 31 - 1));
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  race<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.signal.addEventListener('abort', () => reject(this.signal.reason), { once: true });
      work.then(resolve, reject);
    });
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
