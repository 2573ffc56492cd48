import type { EventEmitter } from 'node:events';
import type { Pool, PoolConnection, PoolOptions } from 'mysql2';
import { type BaseConnection, ConfigError, HotlineError, SqlConnection } from '../index.ts';
import { CheckedOut, type MysqlConnection } from './checked-out.ts';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what kind it is, is found out at run time
type Handle = BaseConnection<any, any>;

/** A handle, or a function that gives one or a promise of one; it is asked again while it fails. */
export type MysqlPoolConnection = Handle | (() => Handle | PromiseLike<Handle>);

/**
 * Options of a pool of mysql2: how values are read and written, on each connection while it is checked out, and how this pool
 * gives its connections out and takes them back. Sizes and everything about the server belong to the section of the connection.
 */
export interface MysqlPoolOptions {
  /** The package whose pool it shall be: what `mysql2` exports. Default, and the only copy that works: the one that hotline finds. */
  readonly mysql2?: { readonly createPool: (options: PoolOptions) => object } | undefined;
  /** mysql2's `typeCast`. Default: `true`. */
  readonly typeCast?: PoolOptions['typeCast'] | undefined;
  /** Dates as text: all, or those of the types that are listed. Default: `false`. */
  readonly dateStrings?: PoolOptions['dateStrings'] | undefined;
  /** The time zone that dates are in: `'local'`, `'Z'`, `'+02:00'`. Default: `'local'`. */
  readonly timezone?: string | undefined;
  /** Whole numbers that are not safe, and decimals, as text. Default: `false`, which rounds them. */
  readonly supportBigNumbers?: boolean | undefined;
  /** With `supportBigNumbers`, all of them as text. Default: `false`. */
  readonly bigNumberStrings?: boolean | undefined;
  /** Decimals as numbers. Default: `false`, as text. */
  readonly decimalNumbers?: boolean | undefined;
  /** JSON as text. Default: `false`. */
  readonly jsonStrings?: boolean | undefined;
  /** Rows as arrays. Default: `false`. */
  readonly rowsAsArray?: boolean | undefined;
  /** Columns of several tables under the names of these. Default: `false`. */
  readonly nestTables?: boolean | string | undefined;
  /** `:name` beside `?`. Default: `false`. */
  readonly namedPlaceholders?: boolean | undefined;
  /** Objects as text instead of lists of assignments. Default: `false`. */
  readonly stringifyObjects?: boolean | undefined;
  /** `end()` of a connection closes it, and does not release it. Default: `false`. */
  readonly gracefulEnd?: boolean | undefined;
  /** `false` refuses a checkout while all connections are in use. Default: `true`. */
  readonly waitForConnections?: boolean | undefined;
  /** Checkouts of this pool that may wait while all connections are in use. Default and `0`: any number. */
  readonly queueLimit?: number | undefined;
  /** Each session is made like a new one when it comes back: one exchange more with the server, and `on_connect` again. Default: `false`. */
  readonly resetOnRelease?: boolean | undefined;
}

/** Options that mysql2 looks at for each statement. */
const perStatement = [
  ...['typeCast', 'dateStrings', 'timezone', 'supportBigNumbers', 'bigNumberStrings', 'decimalNumbers', 'jsonStrings'],
  ...['rowsAsArray', 'nestTables', 'namedPlaceholders', 'stringifyObjects', 'trace', 'disableEval'],
  'gracefulEnd',
];

/**
 * A real pool of mysql2, for libraries that take one, with its API of callbacks and, by `.promise()`, of promises. Each
 * checkout is a lease on the current instance of the connection, and a connection of its own pool. A login that is
 * refused is tried again, so that a rotation fails no call.
 *
 * `end()` ends this pool and waits for its checkouts; the connection stays open for others. Values are read as on a bare
 * connection of mysql2.
 *
 * @throws ConfigError `invalid_argument`, `missing_driver`.
 * @example
 * const pool = mysqlPool(() => connection('pets', { type: SqlConnection }));
 * const [rows] = await pool.promise().query('select * from pet where id = ?', [1]);
 */
export function mysqlPool(connection: MysqlPoolConnection, options: MysqlPoolOptions = {}): Pool {
  const { mysql2, waitForConnections = true, queueLimit = 0, resetOnRelease: renew = false, ...given } = options;
  if (!(Number(queueLimit) >= 0))
    throw new ConfigError('invalid_argument', 'mysqlPool: queueLimit is expected to be a number, 0 or more.');
  const [reading, others] = parted(given);
  const checkouts = SqlConnection.checkouts({ name: 'mysqlPool', driver: 'mysql2', options: others }, connection);
  const mysql = mysql2 ?? (checkouts.loadDriver('of the connections') as NonNullable<MysqlPoolOptions['mysql2']>);
  // mysql2 exports its class from version 3.11 only; a pool that is made opens nothing.
  const made = mysql.createPool(reading) as CorePool & { readonly pool?: CorePool };
  const rules = { reading, renew, longest: waitForConnections ? queueLimit || Infinity : -1 };
  return new (poolClass(made.pool ?? made, checkouts, rules))() as unknown as Pool;
}

/** The options of each statement, and the settings that the section decides. */
function parted(options: object): [reading: PoolOptions, others: Record<string, unknown>] {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  const of = (reading: boolean) => entries.filter(([name]) => perStatement.includes(name) === reading);
  return [Object.fromEntries(of(true)), Object.fromEntries(of(false))];
}

type Checkouts = ReturnType<typeof SqlConnection.checkouts>;
type GetConnection = (error: unknown, connection?: PoolConnection) => void;

/** The figures of a pool of mysql2. */
interface CorePool extends EventEmitter {
  readonly config: { connectionConfig: { pool?: unknown } };
  _closed: boolean;
}

interface Rules {
  /** The options of each statement. */
  readonly reading: PoolOptions;
  readonly renew: boolean;
  /** Checkouts that may wait; below 0: none, and a word of its own. */
  readonly longest: number;
}

/** A subclass of the pool of the user's own copy. */
function poolClass(made: CorePool, checkouts: Checkouts, rules: Rules): new () => CorePool {
  const Base = made.constructor as new (options: Pick<CorePool, 'config'>) => CorePool;
  return class HotlinePool extends Base {
    readonly #out = new Set<CheckedOut>();
    readonly #known = new WeakSet<MysqlConnection>();
    #waiting = 0;
    /** Callers among them that found all connections in use. */
    #queued = 0;
    #end: (() => void) | undefined;

    constructor() {
      super({ config: made.config });
      // Lists of mysql2, which programs ask for their length alone: mysql2 has no other figures.
      const list = (length: () => number): PropertyDescriptor => ({
        value: Object.defineProperty({}, 'length', { get: length }),
      });
      Object.defineProperties(this, {
        _allConnections: list(() => checkouts.gauge.size),
        _freeConnections: list(() => checkouts.gauge.idle),
        _connectionQueue: list(() => this.#queued),
      });
    }

    getConnection(done: GetConnection): void {
      this.#checkOut().then(
        ({ connection }) => outside(() => done(null, connection)),
        (error: unknown) => outside(() => done(error)),
      );
    }

    releaseConnection(connection: PoolConnection): void {
      connection.release();
    }

    end(done?: (error?: unknown) => void): void {
      this._closed = true;
      const ended = new Promise<void>((resolve) => {
        const before = this.#end;
        this.#end = () => {
          before?.();
          resolve();
        };
      });
      this.#settle();
      void ended.then(() => outside(() => done?.()));
    }

    async #checkOut(): Promise<CheckedOut> {
      if (this._closed) throw new Error('Pool is closed.');
      const queued = Number(this.#enqueue());
      this.#queued += queued;
      this.#waiting++;
      try {
        const checkout = await checkouts.take();
        const out = new CheckedOut(checkout, rules, () => this.#cameBack(out));
        this.#out.add(out);
        if (this._closed) {
          out.giveBack(true);
          throw new Error('Pool is closed.');
        }
        if (!this.#known.has(out.connection)) {
          // A query of another copy is not known as one, and would never be answered.
          if (!((out.connection as { _pool?: unknown })._pool instanceof Base)) {
            out.giveBack(true);
            throw twoCopies();
          }
          this.#known.add(out.connection);
          this.#follow(out.connection);
          this.emit('connection', out.connection);
        }
        this.emit('acquire', out.connection);
        return out;
      } catch (error) {
        throw driverError(error);
      } finally {
        this.#queued -= queued;
        this.#waiting--;
        this.#settle();
      }
    }

    get #full(): boolean {
      const { used, max = Infinity } = checkouts.gauge;
      if (used >= max) return true;
      // Those that wait are not among the used yet.
      if (this.#out.size + this.#waiting < max) return false;
      return [...this.#out].filter(({ current }) => current).length + this.#waiting >= max;
    }

    /** Tells whether a checkout has to wait for another one to end. */
    #enqueue(): boolean {
      if (!this.#full) return false;
      if (rules.longest < 0) throw new Error('No connections available.');
      if (this.#queued >= rules.longest) throw new Error('Queue limit reached.');
      this.emit('enqueue');
      return true;
    }

    /** A connection that has ended leaves its place, whether or not its holder ever releases it. */
    #follow(connection: PoolConnection): void {
      const { stream } = connection as unknown as { readonly stream: EventEmitter };
      stream.once('close', () => {
        for (const out of [...this.#out]) if (out.connection === connection) out.giveBack(false);
      });
    }

    #cameBack(out: CheckedOut): void {
      this.#out.delete(out);
      this.emit('release', out.connection);
      this.#settle();
    }

    #settle(): void {
      if (this._closed && this.#out.size === 0 && this.#waiting === 0) this.#end?.();
    }
  };
}

function twoCopies(): ConfigError {
  return new ConfigError(
    'invalid_argument',
    'mysqlPool was given another copy of the package mysql2 than the connections are of. Have one copy (npm ls mysql2, npm dedupe), and leave `mysql2` out.',
  );
}

/** Time-outs in the words of mysql2. */
function driverError(error: unknown): unknown {
  if (!(error instanceof HotlineError) || !['pool_exhausted', 'open_timeout'].includes(error.code)) return error;
  const timeout = new Error('connect ETIMEDOUT', { cause: error });
  return Object.assign(timeout, { code: 'ETIMEDOUT', errorno: 'ETIMEDOUT', syscall: 'connect', fatal: true });
}

/** Runs a callback of the user where what it throws is an uncaught error, as in mysql2. */
function outside(run: () => void): void {
  try {
    run();
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}
