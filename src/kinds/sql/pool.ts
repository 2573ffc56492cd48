import { LeaseError, QueryError } from '../../errors/index.ts';
import type { PoolGauge } from '../base/index.ts';
import { Alarms } from './alarms.ts';
import type { DriverConnection, Engine } from './engine.ts';
import { Holders, type Purpose } from './holders.ts';
import { IdleConnections } from './idle-connections.ts';
import { inTime } from './in-time.ts';
import type { PoolChannel } from './pool-channel.ts';
import type { Acquired, DriverPool } from './pools/driver-pool.ts';
import { isAcquireTimeout } from './pools/tarn-pool.ts';
import { probeOf } from './probe.ts';
import type { RefusedLogins, Wait } from './refused-logins.ts';

/** Says that something looks wrong but stops nothing. */
export type Warn = (code: string, message: string) => void;

/** Calls back with the reason when a wait has to stop, at once where it has to already; the result takes that back. */
export interface Stoppable {
  onStop?(stop: (reason: unknown) => void): (() => void) | undefined;
}

const leftOpen =
  'a transaction was left open on a connection that came back to the pool, and has been rolled back: use `transaction`.';

/** Milliseconds that the end of what was left open may take. */
const grace = 5000;

/** Milliseconds in which a connection that rested has to answer. */
const patience = 1000;

interface PoolParts {
  readonly pool: DriverPool;
  readonly engine: Engine;
  readonly logins: RefusedLogins;
}

/** The pool of one instance: it knows who holds its connections, and lets no busy or broken one come back. */
export class SqlPool {
  readonly #pool: DriverPool;
  readonly #engine: Engine;
  readonly #holders: Holders;
  readonly #alarms = new Alarms();
  readonly #idle = new IdleConnections();
  /** Connections on which what was left open is being ended. */
  readonly #ending = new Set<DriverConnection>();
  readonly #warn: Warn;
  readonly #refused: RefusedLogins;
  readonly #times: PoolChannel | undefined;
  #closed = false;

  constructor({ pool, engine, logins }: PoolParts, warn: Warn, times?: PoolChannel) {
    this.#pool = pool;
    this.#engine = engine;
    this.#refused = logins;
    logins.probe = () => this.#login();
    this.#warn = warn;
    this.#times = times;
    this.#holders = new Holders(times);
  }

  get max(): number {
    return this.#pool.max;
  }

  /** How many connections it keeps, also while nobody needs them. */
  get min(): number {
    return this.#pool.min;
  }

  get gauge(): PoolGauge {
    const { used, idle, connecting, waiting } = this.#pool.size;
    const size = used + idle + connecting;
    const gauge = { size, used, idle, waiting: waiting + this.#refused.size, min: this.min, max: this.max };
    return this.#engine.pooled ? { ...gauge, pooler: true } : gauge;
  }

  /**
   * A connection for `what` that is still there; the signal is asked for only when there is something to wait for. With
   * `wait` a login that is refused is tried again, unless it is the first.
   */
  async acquire(
    what: Purpose,
    signal: () => AbortSignal | undefined,
    wait?: Wait,
    refused: unknown = undefined,
  ): Promise<DriverConnection> {
    const since = performance.now();
    let refusal = refused ?? (wait && this.#refused.pending ? this.#refusalFor() : undefined);
    for (;;) {
      if (wait && refusal !== undefined) {
        const limit = wait.limit - (performance.now() - since);
        await this.#refused.wait(refusal, { ...wait, limit }, signal());
      }
      let connection: DriverConnection;
      try {
        connection = await this.#next(what, signal);
      } catch (error) {
        // A refused checkout has sent nothing, so it is always safe to try it again.
        if (!wait || !this.#refused.passes(error)) throw error;
        refusal = error;
        continue;
      }
      refusal = undefined;
      this.#refused.served();
      const thought = this.#engine.blocking ? 'fresh' : this.#idle.think(connection, performance.now());
      if (thought === 'fresh' || (thought === 'doubtful' && (await this.#answers(connection, signal())))) {
        this.#times?.tell('wait', since);
        return connection;
      }
      this.release(connection, false);
      signal()?.throwIfAborted();
    }
  }

  /** A connection that is idle, for a statement that ends before anything else can run. */
  peek(): DriverConnection | undefined {
    return this.#closed ? undefined : this.#pool.peek?.();
  }

  /** `acquire` with a callback, for one statement: where a connection is there it costs no promise and no signal. */
  take(what: Purpose, stoppable: Stoppable, wait: Wait, done: Acquired): void {
    // A closed pool would let its callers wait for the whole timeout.
    if (this.#closed) return done(closed());
    if (this.#refused.pending) return this.#takeSlowly(what, stoppable, wait, done);
    let letGo: (() => void) | undefined = undefined;
    const since = this.#times?.begin() ?? 0;
    const got: Acquired = (error, connection) => {
      letGo?.();
      if (!connection) {
        const refusal = this.#refusal(error);
        if (!this.#refused.passes(refusal)) return done(refusal);
        return this.#takeSlowly(what, stoppable, wait, done, refusal);
      }
      const now = performance.now();
      this.#holders.add(connection, what, now);
      this.#refused.served();
      if (this.#engine.blocking || this.#idle.think(connection, now) === 'fresh') {
        this.#times?.tell('wait', since);
        return done(undefined, connection);
      }
      // What it is held for is asked for anew, so that a lost connection is found by `acquire` alone.
      this.#holders.forget(connection);
      this.#pool.release(connection, true);
      this.#takeSlowly(what, stoppable, wait, done);
    };
    if (this.#pool.idle > 0) return void this.#pool.acquire(got);
    let giveUp: (() => void) | false | undefined;
    letGo = stoppable.onStop?.((reason) => {
      if (giveUp) giveUp();
      giveUp = false;
      done(reason);
    });
    if (giveUp !== false) giveUp = this.#pool.acquire(got);
  }

  #takeSlowly(what: Purpose, stoppable: Stoppable, wait: Wait, done: Acquired, refusal?: unknown): void {
    const stop = new AbortController();
    const letGo = stoppable.onStop?.((reason) => stop.abort(reason));
    void this.acquire(what, () => stop.signal, wait, refusal)
      .then((connection) => done(undefined, connection), done)
      .finally(() => letGo?.());
  }

  /** The refusal that a newcomer shares with those who wait, where it would need a new connection. */
  #refusalFor(): unknown {
    const { idle, used } = this.#pool.size;
    return idle > 0 || used >= this.#pool.max ? undefined : this.#refused.error;
  }

  /** Opens a connection for all who wait for one. */
  #login(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pool.acquire((error, connection) => {
        if (!connection) return reject(this.#refusal(error));
        this.#pool.release(connection, true);
        resolve();
      });
    });
  }

  async #answers(connection: DriverConnection, signal: AbortSignal | undefined): Promise<boolean> {
    const answered = this.#engine.run(connection, probeOf(this.#engine.family), false).then(() => true);
    if (await inTime(answered, patience, signal)) return true;
    this.#idle.lose(performance.now());
    return false;
  }

  #next(what: Purpose, signal: () => AbortSignal | undefined): Promise<DriverConnection> {
    return new Promise((resolve, reject) => {
      // A closed pool would let its callers wait for the whole timeout.
      if (this.#closed) return reject(closed());
      const waits = this.#pool.idle === 0 ? signal() : undefined;
      if (waits?.aborted) return reject(waits.reason);
      const giveUp = this.#pool.acquire((error, connection) => {
        letGo?.();
        if (!connection) return reject(this.#refusal(error));
        this.#holders.add(connection, what, performance.now());
        resolve(connection);
      });
      const letGo = waits
        ? this.#alarms.set(waits, () => {
            giveUp();
            reject(waits.reason);
          })
        : undefined;
    });
  }

  /**
   * Gives a connection back. What its holder left open on it is ended first; one that is not usable is closed, and the
   * pool forgets it. A blocking one is never busy or lost.
   */
  release(connection: DriverConnection, usable: boolean): void {
    if (this.#ending.has(connection) || !this.#holders.has(connection)) return;
    const alive = usable && connection.__knex__disposed === undefined;
    const open = alive ? this.#engine.leftOpen(connection, this.#holders.foreign(connection)) : [];
    if (open.length > 0) return void this.#end(connection, open);
    this.#giveBack(connection, usable);
  }

  /** Has a connection closed whose holder does not want it back; what is open on it ends with it. */
  dismiss(connection: DriverConnection): void {
    if (!this.#ending.has(connection) && this.#holders.delete(connection)) this.#pool.release(connection, false);
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
    if (!this.#holders.delete(connection)) return;
    const keep = this.#engine.blocking || (usable && connection.__knex__disposed === undefined);
    if (!usable && !keep) {
      this.#idle.doubt(performance.now());
      this.#engine.abandon(connection);
    }
    this.#idle.rest(connection, performance.now());
    this.#pool.release(connection, keep);
    if (keep) this.#refused.returned();
  }

  /** Gives up what is idle, now and whenever something becomes idle. */
  retire(): void {
    this.#pool.retire();
    this.#refused.retire();
  }

  /** Refuses newcomers, waits for what is in use, and closes every connection. */
  close(): Promise<void> {
    this.#closed = true;
    this.#refused.close(closed());
    return this.#pool.close();
  }

  /** Gives up the connections that are being opened: nobody waits for them any more. */
  stopConnecting(): void {
    this.#pool.stopConnecting();
  }

  /** Stops and closes what is still in use or being opened, whatever it does. */
  async abandon(): Promise<void> {
    this.#pool.stopConnecting();
    const held = this.#holders.connections.map(async (connection) => {
      const cancelled = this.#engine.cancel?.(connection).then(() => true);
      if (cancelled) await inTime(cancelled, patience);
      this.#giveBack(connection, false);
    });
    await Promise.all(held);
  }

  #refusal(error: unknown): unknown {
    if (this.#closed) return closed();
    if (!isAcquireTimeout(error)) return error;
    const { used } = this.#pool.size;
    const waited = `within ${this.#pool.acquireTimeout} ms`;
    // The pool was not full, so the server did not answer.
    if (used < this.#pool.max)
      return new QueryError('open_timeout', `no connection could be opened ${waited}: is the server reachable?`);
    return new QueryError(
      'pool_exhausted',
      `no connection became free ${waited}: ${used} of ${this.#pool.max} are in use, by ${String(this.#holders)}`,
    );
  }
}

function closed(): LeaseError {
  return new LeaseError('lease_aborted', 'the instance was closed before the statement was sent.');
}
