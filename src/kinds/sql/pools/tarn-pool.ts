import type { DriverConnection } from '../engine.ts';
import { Waiters, type Acquired, type DriverPool, type PoolSize } from './driver-pool.ts';

interface PendingAcquire {
  readonly promise: Promise<DriverConnection>;
  isRejected: boolean;
  abort(): void;
}

/** The part of tarn's pool that is used here. */
export interface Tarn {
  max: number;
  min: number;
  idleTimeoutMillis: number;
  readonly acquireTimeoutMillis: number;
  readonly interval: NodeJS.Timeout | null;
  acquire(): PendingAcquire;
  release(connection: DriverConnection): boolean;
  destroy(): Promise<unknown>;
  check(): void;
  numUsed(): number;
  numFree(): number;
  numPendingAcquires(): number;
  numPendingCreates(): number;
  on(event: 'createSuccess' | 'destroyRequest', listener: (id: number, connection: DriverConnection) => void): void;
}

/** Keeps the process alive for a connection, or does not. */
export type Hold = (connection: DriverConnection, held: boolean) => void;

/** The pool that knex brings, tarn, for the drivers that have none of their own. */
export class TarnPool implements DriverPool {
  readonly max: number;
  readonly min: number;
  readonly acquireTimeout: number;
  readonly #tarn: Tarn;
  readonly #hold: Hold;
  readonly #waiters = new Waiters();
  readonly #idle = new Set<DriverConnection>();
  readonly #stopConnecting: () => void;
  readonly #overdue: () => boolean;
  #closing: Promise<void> | undefined;
  #retired = false;

  /** `overdue`: whether a caller has to wait for the next turn of the event loop. */
  constructor(tarn: Tarn, hold: Hold, stopConnecting: () => void, overdue: () => boolean = () => false) {
    this.max = tarn.max;
    this.min = tarn.min;
    this.acquireTimeout = tarn.acquireTimeoutMillis;
    this.#tarn = tarn;
    this.#hold = hold;
    this.#stopConnecting = stopConnecting;
    this.#overdue = overdue;
    tarn.on('createSuccess', (_id, connection) => hold(connection, false));
    tarn.on('destroyRequest', (_id, connection) => this.#idle.delete(connection));
  }

  get idle(): number {
    return this.#tarn.numFree();
  }

  get size(): PoolSize {
    return {
      used: this.#tarn.numUsed(),
      idle: this.idle,
      connecting: this.#tarn.numPendingCreates(),
      waiting: this.#waiters.size,
    };
  }

  acquire(done: Acquired): () => void {
    // tarn has a time-out of its own.
    const waiter = this.#waiters.add(done, Infinity);
    if (this.#closing) return () => undefined;
    let pending: PendingAcquire | undefined;
    let left = false;
    const begin = (): void => {
      if (left || this.#closing) return;
      pending = this.#tarn.acquire();
      pending.promise.then(
        (connection) => {
          this.#hold(connection, true);
          this.#idle.delete(connection);
          if (waiter.leave()) done(undefined, connection);
          else this.release(connection, true);
        },
        (error: unknown) => waiter.fail(error),
      );
    };
    if (this.#overdue()) setImmediate(begin);
    else begin();
    return () => {
      left = true;
      if (waiter.leave() && pending) this.#giveUp(pending);
    };
  }

  release(connection: DriverConnection, usable: boolean): void {
    if (!usable) connection.__knex__disposed ??= 'hotline closed it';
    else {
      this.#hold(connection, false);
      this.#idle.add(connection);
    }
    this.#tarn.release(connection);
    // An idle connection does not keep the process alive, and neither does the pool that looks after it.
    this.#tarn.interval?.unref();
    if (this.#retired) setImmediate(() => this.#tarn.check());
  }

  peek(): DriverConnection | undefined {
    if (this.#closing || this.#waiters.size > 0) return undefined;
    const [idle] = this.#idle;
    return idle;
  }

  retire(): void {
    this.#retired = true;
    Object.assign(this.#tarn, { min: 0, idleTimeoutMillis: 0 });
    this.#tarn.check();
  }

  close(): Promise<void> {
    this.#waiters.close();
    return (this.#closing ??= this.#tarn.destroy().then(() => undefined));
  }

  stopConnecting(): void {
    this.#stopConnecting();
  }

  /**
   * Ends a wait. tarn notes some microtasks later that it has ended; a connection that it then takes back would not be
   * offered to the next in line.
   */
  #giveUp(pending: PendingAcquire): void {
    pending.isRejected = true;
    pending.abort();
    setImmediate(() => {
      if (this.#closing || this.#tarn.numFree() === 0 || this.#tarn.numPendingAcquires() === 0) return;
      // A newcomer has the pool look who is first.
      const last = this.#tarn.acquire();
      last.promise.then((connection) => this.release(connection, true)).catch(() => undefined);
    });
  }
}

/** tarn's own class of error is not exported through knex. */
export function isAcquireTimeout(error: unknown): boolean {
  return error instanceof Error && /^(Acquire)?Timeout(Error)?$/.test(error.constructor.name);
}
