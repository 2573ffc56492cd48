import type { Observable, SchedulerLike } from 'rxjs';
import type { Duration } from '../../duration/index.ts';
import { LeaseError } from '../../errors/index.ts';
import type { Config, Description, FileContent } from '../../secrets/index.ts';
import type { ConnectionStatus } from './status.ts';

/** The context of a callback that holds a lease. */
export interface LeaseContext {
  /** Fires when the lease is cut: the caller's signal or timeout, or the end of the instance's `drainTimeout`. */
  readonly signal: AbortSignal;
}

/** Limits of the wait for a lease and of the lease itself. */
export interface LeaseOptions {
  /** Ends the wait for the lease and fires the signal of the callback. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds, or `'30s'`, for all of it: the wait and the work. Default and `Infinity`: none. `0`: no longer than it takes at once. */
  readonly timeout?: Duration | undefined;
}

/**
 * One running piece of work on one instance, which cannot be closed under it before its `drainTimeout` is over.
 *
 * @example
 * await using lease = await pets.lease();
 * lease.retired.addEventListener('abort', () => console.log('newcomers use the next instance'));
 */
export interface Lease<Raw> extends LeaseContext, AsyncDisposable {
  /** The value that `connect` returned. */
  readonly raw: Raw;
  /** The number of the instance; a later one has a greater number. */
  readonly generation: number;
  /** The config that this instance was opened with; while the next one opens it differs from the port's `config()`. */
  readonly config: Config;
  /** Fires when the instance was retired: later callers use the next one, this lease goes on until it is released or cut. */
  readonly retired: AbortSignal;
  /**
   * Calls back when the lease is stopped by its caller's signal or timeout, and when it is cut then; the result takes that
   * back. What `signal` says, at the cost of a function. Absent where the caller gave neither.
   */
  onStop?(stop: (reason: unknown) => void): () => void;
  /** Ends the lease. The second call does nothing. */
  release(): void;
  /** Reports the instance as broken: later callers get a fresh one, this lease goes on until it is released. */
  broken(error: unknown): void;
}

/** @inline */
export interface InstanceStats {
  /** Leases that are held on it. */
  readonly leases: number;
  /** The figures of its pool, where its kind has one. */
  readonly pool?: PoolGauge;
}

/** The use of a connection at this moment; `leases` and `pool` are those of the instance that serves. */
export interface ConnectionStats extends InstanceStats {
  /** Subscriptions and waiting callers. */
  readonly subscribers: number;
  /** Callers that wait for an instance; they are subscribers, too. Absent where nobody does. */
  readonly waiting?: number;
  /** The instances that were retired and are not closed yet, oldest first. Absent when there is none. */
  readonly draining?: readonly (InstanceStats & { readonly generation: number })[];
}

/**
 * Thrown under a lease where nothing was sent yet and the instance has been retired meanwhile: `Leases.use` runs its work
 * again on the next instance.
 */
export class Superseded extends LeaseError {}

/** The figures of a pool. */
export interface PoolGauge {
  /** Connections in all. */
  readonly size: number;
  /** Connections at work. */
  readonly used: number;
  /** Connections that are idle. */
  readonly idle: number;
  /** Callers that wait for one. */
  readonly waiting: number;
  /** The fewest connections that it keeps, also while nobody needs them. Absent where the kind does not say. */
  readonly min?: number;
  /** The most connections that it opens. Absent where the kind does not say. */
  readonly max?: number;
  /** A pooler such as PgBouncer stands between this and the server. Absent where none was recognised. */
  readonly pooler?: true;
}

/**
 * The one port through which a handle reaches the instance of its identity. Implemented by `registry/`;
 * every call finds the current instance, so a handle never goes stale.
 */
export interface Leases<Raw> {
  /** The identity. */
  readonly id: string;
  /** The name of the connection. */
  readonly name: string;
  /** Replayed; neither opens nor holds anything. */
  readonly status$: Observable<ConnectionStatus>;
  /** Emits the generation of the current instance and of each one after it. A subscriber keeps an instance open. */
  readonly instance$: Observable<number>;
  /** A lease to be released by hand; opens an instance if there is none. */
  lease(options?: LeaseOptions): Promise<Lease<Raw>>;
  /**
   * A lease for as long as `fn` runs; the fast path of everything that fits in one call.
   * A signal or timeout rejects the call at once; the lease ends when `fn` has. It runs again where it throws `Superseded`.
   */
  use<T>(fn: (raw: Raw, lease: Lease<Raw>) => T | PromiseLike<T>, options?: LeaseOptions): Promise<T>;
  /** The effective config of this moment; opens nothing. Rejects as `connection()` would when there is none. */
  config(): Promise<Config>;
  /** Runs the kind's `check` on the current instance; opens one if there is none. */
  ping(options?: LeaseOptions): Promise<void>;
  /** Retires the current instance; where there are subscribers the next one opens at once. */
  reset(): Promise<void>;
  /** Ends the leases on an instance at once, or on all of them; the one that serves is retired first. */
  cutLeases?(generation?: number): Promise<void>;
  /**
   * Says that the current instance will not serve much longer (its credentials run out): the next one is opened while
   * it serves, and newcomers move over. Where nobody uses it, it closes. Said again, it changes nothing.
   */
  renew(): void;
  /** Tells, by a `warning` event of this connection, of something that looks wrong but stops nothing. */
  warn?(code: string, message: string): void;
  /** Keeps texts out of messages that came by another way than the config: credentials of a provider. */
  conceal?(secrets: readonly string[]): void;
  /** Has the sources of the secrets read again: the server refuses what they said last. */
  look?(): void;
  /**
   * Has the instance that is to replace the current one tried at once, where it waits for its next attempt. `true`: an
   * attempt has begun.
   */
  hasten?(): boolean;
  /** Emits the content of a file that the config names, now and whenever it changes. Never errors. */
  watchFile(path: string): Observable<FileContent>;
  /** The use of the connection at this moment; opens nothing. */
  stats(): ConnectionStats;
  /** The effective settings, redacted. */
  describe(): Description;
  /** The secret values of this connection, to be kept out of messages. */
  secrets(): Iterable<string>;
  /** The registry's timers; they do not hold the process. */
  readonly scheduler: SchedulerLike;
  /** A value that the kinds of one registry share (the query cache); made on first use, forgotten with the registry. */
  shared<T>(key: symbol, make: () => T): T;
}
