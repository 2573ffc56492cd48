import type { DriverConnection } from '../engine.ts';
import type { Login } from '../fresh-logins.ts';

/** How many connections a pool has, by what they do, and how many callers wait for one. */
export interface PoolSize {
  readonly used: number;
  readonly idle: number;
  /** Connections that are being opened. */
  readonly connecting: number;
  readonly waiting: number;
}

/** Receives a connection, or the reason why there is none. */
export type Acquired = (error: unknown, connection?: DriverConnection) => void;

/**
 * A pool of physical connections, whoever keeps it: pg and mysql2 their own, tarn for the drivers that have none. It
 * knows nothing of leases; `CheckedPool` says who holds what and whether a connection may come back.
 */
export interface DriverPool {
  readonly max: number;
  /** How many connections it keeps, also while nobody needs them. */
  readonly min: number;
  /** Milliseconds that a caller waits for a connection; `Infinity`: for ever. */
  readonly acquireTimeout: number;
  readonly size: PoolSize;
  /** How many of its connections are idle. */
  readonly idle: number;
  /**
   * Calls `done` once. The function that it returns gives up the wait: `done` is not called any more, and a connection
   * that comes too late goes to the next caller.
   */
  acquire(done: Acquired): () => void;
  /** A connection that is idle, for work that ends before anything else can run. Default: none. */
  peek?(): DriverConnection | undefined;
  /** Takes a connection back; closes it where it is not usable. */
  release(connection: DriverConnection, usable: boolean): void;
  /** Closes what is idle, now and whenever a connection becomes idle. */
  retire(): void;
  /** Refuses newcomers, and resolves when every connection is closed. */
  close(): Promise<void>;
  /** Destroys the sockets of connections that are still being opened. */
  stopConnecting(): void;
}

/** Calls of the pool as its connections come and go. */
export interface PoolListener {
  /** Makes a new connection ready, before anybody gets it. A rejection closes it. */
  connected(connection: DriverConnection): Promise<void> | void;
  /** A connection could not be opened. Called before the pool goes on to the next caller in line. */
  refused(error: unknown): void;
  /** The reason why no connection is to be opened now: the server is not asked, and this is the error. */
  heldBack(): Error | undefined;
  /** Gives the user and the password for a connection that is about to be opened. Absent where they are among the settings. */
  readonly login?: (() => Promise<Login>) | undefined;
  /** A connection was opened and made ready, since a time of `performance.now()`. Default: nobody is told. */
  readonly created?: ((since: number) => void) | undefined;
}

/** The options that every pool understands, in milliseconds. */
export interface PoolOptions {
  readonly min: number;
  readonly max: number;
  readonly idleTimeout: number;
  readonly acquireTimeout: number;
  /** Age at which a connection is closed when it becomes idle; `Infinity`: never. */
  readonly maxLifetime: number;
}

/** The error of a caller that waited for `acquireTimeout`. */
export class AcquireTimeout extends Error {
  override readonly name = 'AcquireTimeout';
}

/** One caller that waits for a connection. */
export class Waiter {
  readonly #all: Set<Waiter>;
  readonly #done: Acquired;
  #timer: NodeJS.Timeout | undefined;

  constructor(all: Set<Waiter>, done: Acquired, timeout: number) {
    this.#all = all.add(this);
    this.#done = done;
    if (timeout !== Infinity) this.#timer = setTimeout(() => this.fail(new AcquireTimeout()), timeout).unref();
  }

  /** Ends the wait; `false` where it was over already, by its time-out, by giving up, or because the pool was closed. */
  leave(): boolean {
    if (this.#timer) clearTimeout(this.#timer);
    return this.#all.delete(this);
  }

  fail(error: unknown): void {
    if (this.leave()) this.#done(error);
  }
}

/** The callers that wait for a connection of one pool; each is answered once. */
export class Waiters {
  readonly #waiting = new Set<Waiter>();
  #closed = false;

  get size(): number {
    return this.#waiting.size;
  }

  /** `timeout` in milliseconds; `Infinity`: none. */
  add(done: Acquired, timeout: number): Waiter {
    const waiter = new Waiter(this.#waiting, done, timeout);
    if (this.#closed) waiter.fail(closed());
    return waiter;
  }

  /** Refuses those who wait, and newcomers. */
  close(): void {
    this.#closed = true;
    for (const waiter of [...this.#waiting]) waiter.fail(closed());
  }
}

function closed(): Error {
  return new Error('the pool is closed');
}
