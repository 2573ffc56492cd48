import { LeaseError, QueryError } from '../../errors/index.ts';
import type { PoolGauge } from '../base/index.ts';
import { Alarms } from './alarms.ts';
import type { DriverConnection, Engine, PendingAcquire, TarnPool } from './engine.ts';
import { Holders, ofUse, type Purpose } from './holders.ts';
import { IdleConnections } from './idle-connections.ts';
import { inTime } from './in-time.ts';
import { probeOf } from './probe.ts';

/** Says that something looks wrong but stops nothing. */
export type Warn = (code: string, message: string) => void;

const leftOpen =
  'a transaction was left open on a connection that came back to the pool, and has been rolled back: use `transaction`.';

/** Milliseconds that the end of what was left open may take. */
const grace = 5000;

/** Milliseconds in which a connection that rested has to answer. */
const patience = 1000;

/** The pool of one knex instance: who holds its connections, and that no busy or broken one comes back. */
export class SqlPool {
  readonly #pool: TarnPool;
  readonly #engine: Engine;
  readonly #holders = new Holders();
  readonly #alarms = new Alarms();
  readonly #idle = new IdleConnections();
  /** Connections on which what was left open is being ended. */
  readonly #ending = new Set<DriverConnection>();
  readonly #warn: Warn;
  #retired = false;

  constructor(pool: TarnPool, engine: Engine, warn: Warn) {
    this.#pool = pool;
    this.#engine = engine;
    this.#warn = warn;
    pool.on('createSuccess', (_id, connection) => {
      this.#idle.rest(connection);
      engine.hold(connection, false);
    });
    // knex acquires here too, for `use`; so everything is seen by the events of the pool.
    pool.on('acquireSuccess', (_id, connection) => {
      this.#holders.add(connection, ofUse);
      engine.hold(connection, true);
    });
    pool.on('release', (connection) => {
      this.#holders.delete(connection);
      this.#idle.rest(connection);
      // An idle connection does not keep the process alive, and neither does the pool that looks after it.
      if (connection.__knex__disposed === undefined) engine.hold(connection, false);
      pool.interval?.unref();
      if (this.#retired) setImmediate(() => pool.check());
    });
  }

  get max(): number {
    return this.#pool.max;
  }

  get gauge(): PoolGauge {
    const { used, idle } = { used: this.#pool.numUsed(), idle: this.#pool.numFree() };
    return {
      size: used + idle + this.#pool.numPendingCreates(),
      used,
      idle,
      waiting: this.#pool.numPendingAcquires(),
    };
  }

  /** A connection for `what` that is still there; the signal is asked for only when there is something to wait for. */
  async acquire(what: Purpose, signal: () => AbortSignal | undefined): Promise<DriverConnection> {
    for (;;) {
      const connection = await this.#next(what, signal);
      const thought = this.#engine.blocking ? 'fresh' : this.#idle.think(connection);
      if (thought === 'fresh' || (thought === 'doubtful' && (await this.#answers(connection, signal()))))
        return connection;
      this.release(connection, false);
      signal()?.throwIfAborted();
    }
  }

  async #answers(connection: DriverConnection, signal: AbortSignal | undefined): Promise<boolean> {
    const answered = this.#engine.run(connection, probeOf(this.#engine.family), false).then(() => true);
    if (await inTime(answered, patience, signal)) return true;
    this.#idle.lose();
    return false;
  }

  async #next(what: Purpose, signal: () => AbortSignal | undefined): Promise<DriverConnection> {
    const waits = this.#pool.numFree() === 0 ? signal() : undefined;
    waits?.throwIfAborted();
    // A closed pool would let its callers wait for the whole timeout.
    if (this.#pool.destroyed) throw closed();
    const pending = this.#pool.acquire();
    const letGo = waits && this.#alarms.set(waits, () => this.#giveUp(pending));
    try {
      const connection = await pending.promise;
      this.#holders.name(connection, what);
      if (waits?.aborted) this.release(connection, true);
      waits?.throwIfAborted();
      return connection;
    } catch (error) {
      waits?.throwIfAborted();
      if (this.#pool.destroyed) throw closed();
      throw isTimeout(error) ? this.#tooLate() : error;
    } finally {
      letGo?.();
    }
  }

  /**
   * Gives a connection back. What its holder left open on it is ended first; one that is not usable is closed, and the
   * pool forgets it. A blocking one is never busy or lost.
   */
  release(connection: DriverConnection, usable: boolean): void {
    if (this.#ending.has(connection)) return;
    const alive = usable && connection.__knex__disposed === undefined;
    const open = alive ? this.#engine.leftOpen(connection, this.#holders.foreign(connection)) : [];
    if (open.length > 0) return void this.#end(connection, open);
    this.#giveBack(connection, usable);
  }

  /** Nobody else gets the connection before what is open on it is over. */
  async #end(connection: DriverConnection, statements: readonly string[]): Promise<void> {
    const { blocking } = this.#engine;
    this.#ending.add(connection);
    const ended = await inTime(this.#run(connection, statements), grace);
    this.#ending.delete(connection);
    const open = this.#engine.leftOpen(connection, false).length > 0;
    this.#giveBack(connection, blocking || (connection.__knex__disposed === undefined && !open));
    if (ended) this.#warn('transaction_left_open', leftOpen);
  }

  async #run(connection: DriverConnection, statements: readonly string[]): Promise<boolean> {
    for (const text of statements) await this.#engine.run(connection, { text: [text], values: [] }, true);
    return true;
  }

  #giveBack(connection: DriverConnection, usable: boolean): void {
    if (!usable && !this.#engine.blocking) {
      this.#idle.doubt();
      connection.__knex__disposed ??= 'hotline closed it';
      this.#engine.abandon(connection);
    }
    this.#pool.release(connection);
  }

  /** Gives up what is idle, now and whenever something becomes idle. */
  retire(): void {
    this.#retired = true;
    Object.assign(this.#pool, { min: 0, idleTimeoutMillis: 0 });
    this.#pool.check();
  }

  /** Stops and closes what is still in use, whatever it does. */
  async abandon(): Promise<void> {
    const held = this.#holders.connections.map(async (connection) => {
      const cancelled = this.#engine.cancel?.(connection).then(() => true);
      if (cancelled) await inTime(cancelled, patience);
      this.#giveBack(connection, false);
    });
    await Promise.all(held);
  }

  /**
   * Ends a wait. tarn notes some microtasks later that it has ended; a connection that it hands over meanwhile would be
   * lost, and one that it then takes back would not be offered to the next in line.
   */
  #giveUp(pending: PendingAcquire): void {
    pending.isRejected = true;
    pending.abort();
    setImmediate(() => {
      if (this.#pool.destroyed || this.#pool.numFree() === 0 || this.#pool.numPendingAcquires() === 0) return;
      // Whoever asks has the pool look who is first.
      const last = this.#pool.acquire();
      last.promise.then((connection) => this.release(connection, true)).catch(() => undefined);
    });
  }

  #tooLate(): QueryError {
    const waited = `within ${this.#pool.acquireTimeoutMillis} ms`;
    // The pool was not full, so the server did not answer.
    if (this.#pool.numUsed() < this.#pool.max)
      return new QueryError('open_timeout', `no connection could be opened ${waited}: is the server reachable?`);
    return new QueryError(
      'pool_exhausted',
      `no connection became free ${waited}: ${this.#pool.numUsed()} of ${this.#pool.max} are in use, by ${String(this.#holders)}`,
    );
  }
}

function closed(): LeaseError {
  return new LeaseError('lease_aborted', 'the instance was closed before the statement was sent.');
}

/** tarn's own class is not exported through knex. */
function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.constructor.name === 'TimeoutError';
}
