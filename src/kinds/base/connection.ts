import { inspect } from 'node:util';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { defer, Observable, switchMap, type ObservableInput } from 'rxjs';
import { HotlineError, isRetryable, ofArguments, withConnection, type ErrorCategory } from '../../errors/index.ts';
import { refuseUnknown } from '../../known-options.ts';
import type { Config, Description } from '../../secrets/index.ts';
import { HeldLease } from './held-lease.ts';
import type { ConnectionStats, Lease, LeaseContext, LeaseOptions, Leases, PoolGauge } from './leases.ts';
import type { FallbackContext, FallbackSettings, Settings } from './settings.ts';
import type { ConnectionStatus } from './status.ts';
import { tracedUse, uses } from './trace.ts';

const leaseOptionNames = ['signal', 'timeout'] satisfies (keyof LeaseOptions)[];

/** The error for options of a lease that nobody knows. */
function refusal(options: LeaseOptions | undefined, name: string): HotlineError | undefined {
  if (options === undefined) return undefined;
  try {
    return void refuseUnknown(options, leaseOptionNames);
  } catch (error) {
    return withConnection(ofArguments(error, name), name);
  }
}

/**
 * Adds to an error of a driver what ours say: its category, and whether the work is worth another attempt. Other libraries
 * read the error too, so it stays that object, and what is added is seen only by who asks for it.
 */
function classified(error: unknown, categoryOf: (error: unknown) => ErrorCategory | undefined): unknown {
  if (typeof error !== 'object' || error === null || error instanceof HotlineError) return error;
  try {
    const category = categoryOf(error);
    if (category === undefined || !Object.isExtensible(error)) return error;
    const retryable = isRetryable(category);
    for (const [name, value] of Object.entries({ category, retryable, resumable: retryable }))
      if (!(name in error)) Object.defineProperty(error, name, { value, configurable: true, writable: true });
  } catch {
    // A strange object may throw at any question; the caller gets it as it is.
  }
  return error;
}

/** The values of `project`, under one lease from subscription to its end; errors when the lease is cut. */
function leased$<Raw, T>(
  leases: Leases<Raw>,
  project: (raw: Raw, context: LeaseContext) => ObservableInput<T>,
): Observable<T> {
  return new Observable<T>((subscriber) => {
    const stop = new AbortController();
    subscriber.add(() => stop.abort());
    leases.lease({ signal: stop.signal }).then(
      (lease) => {
        subscriber.add(() => lease.release());
        if (subscriber.closed) return;
        const cut = (): void => subscriber.error(lease.signal.reason);
        lease.signal.addEventListener('abort', cut, { once: true });
        subscriber.add(() => lease.signal.removeEventListener('abort', cut));
        defer(() => project(lease.raw, lease)).subscribe(subscriber);
      },
      (error: unknown) => subscriber.error(error),
    );
  });
}

/**
 * A connection: the thin, named handle a user holds, and the hooks that open what is behind it.
 * It never goes stale: every call finds the current instance of its identity.
 *
 * A kind of your own extends it and says how to connect:
 *
 * @example
 * class ClockConnection extends BaseConnection<Clock> {
 *   protected connect(config: Config) { return new Clock(String(config['zone'])); }
 *   protected override disconnect(clock: Clock) { clock.stop(); }
 * }
 * connection$('wall', { type: ClockConnection, zone: 'UTC' });
 */
export abstract class BaseConnection<Raw, Opened = Raw> {
  /** The declarations of the settings. Default: none, so every name is accepted and every value is secret. */
  static readonly settings?: Settings;
  /** Validates the config before `connect`; what it returns is what `connect` gets. */
  static readonly schema?: StandardSchemaV1;
  /** `false`: two instances cannot live side by side; the old one is drained and closed before the next is opened. */
  static readonly overlap: boolean = true;
  /** Settings that other tools keep of the connection, for what its section and its params leave open. Default: none. */
  static readonly fallbackSettings?: (context: FallbackContext) => FallbackSettings | undefined;

  readonly #leases: Leases<Opened>;

  /** @hidden Called by the registry; ask `connection()` or `connection$()` for a handle. */
  constructor(leases: Leases<Opened>) {
    this.#leases = leases;
  }

  /** The identity of this connection, as events and `connections$` name it. */
  get id(): string {
    return this.#leases.id;
  }

  /** The name it was asked for by. */
  get name(): string {
    return this.#leases.name;
  }

  /** The name of the class. */
  get kind(): string {
    return this.constructor.name;
  }

  /** Replayed; emits on changes of state. It neither opens nor holds anything. */
  get status$(): Observable<ConnectionStatus> {
    return this.#leases.status$;
  }

  /**
   * Runs `fn` with what is behind this connection (the knex instance, the driver's connection) under one lease:
   * nothing closes it before `fn` has ended, or the retired instance's `drainTimeout` has.
   *
   * What `fn` throws comes out as the same object. Where the kind knows it as an error of its driver, it has `category`, `retryable`
   * and `resumable` as a HotlineError does.
   *
   * @throws HotlineError `lease_aborted`, `timeout`, `cancelled`, `closed`, `nested_lease`, or why it could not be opened.
   * @example const columns = await pets.use((knex) => knex('pet').columnInfo());
   */
  use<T>(fn: (raw: Raw, context: LeaseContext) => T | PromiseLike<T>, options?: LeaseOptions): Promise<T> {
    const refused = options === undefined ? undefined : refusal(options, this.name);
    if (refused) return Promise.reject(refused);
    // The port says what is wrong with something that is no function.
    const work = (opened: Opened, lease: Lease<Opened>): T | PromiseLike<T> =>
      uses.hasSubscribers ? tracedUse(this, lease, () => fn(this.rawOf(opened), lease)) : fn(this.rawOf(opened), lease);
    const run = typeof fn === 'function' ? work : fn;
    return this.#leases.use(run, options).catch((error: unknown) => {
      throw this.thrown(error);
    });
  }

  /**
   * A lease that you release yourself, for what does not fit into one call of `use`: a session, a consumer that listens.
   * `signal` and `timeout` end the wait, and fire the `signal` of the lease while it is held; so does the cut.
   *
   * @throws HotlineError `timeout`, `cancelled`, `closed`, or why it could not be opened.
   * @example
   * const lease = await pets.lease();
   * try { console.log(await lease.raw.raw('select 1')); } finally { lease.release(); }
   */
  async lease(options?: LeaseOptions): Promise<Lease<Raw>> {
    const refused = refusal(options, this.name);
    if (refused) throw refused;
    return new HeldLease(await this.#leases.lease(options), (opened) => this.rawOf(opened), this);
  }

  /** The use of this connection at this moment: leases, and its pool where there is one. It opens nothing. */
  stats(): ConnectionStats {
    return this.#leases.stats();
  }

  /** Emits the values of `project`, which runs on each subscription and again on every new instance, under one lease. */
  use$<T>(project: (raw: Raw, context: LeaseContext) => ObservableInput<T>): Observable<T> {
    return this.#leases.instance$.pipe(
      switchMap(() => leased$(this.#leases, (opened, context) => project(this.rawOf(opened), context))),
    );
  }

  /**
   * Resolves when the server has answered; opens an instance if there is none.
   *
   * @throws HotlineError `timeout`, `cancelled`, `closed`, or why it does not answer or could not be opened.
   */
  ping(options?: LeaseOptions): Promise<void> {
    const refused = refusal(options, this.name);
    return refused ? Promise.reject(refused) : this.#leases.ping(options);
  }

  /** Retires the instance: later callers do not get it, it is drained and closed; a new one opens at once if there are subscribers. */
  reset(): Promise<void> {
    return this.#leases.reset();
  }

  /**
   * Ends every lease on an instance at once, with `lease_aborted`, and closes it: for one whose work hangs, and that drains for too long.
   * The instance that serves is retired first, as by `reset`. Without `generation`: on every instance.
   *
   * @example for (const { generation } of pets.stats().draining ?? []) await pets.cutLeases(generation);
   */
  async cutLeases(generation?: number): Promise<void> {
    await this.#leases.cutLeases?.(generation);
  }

  /** The effective settings with the origin of each; secrets are redacted. */
  describe(): Description {
    return this.#leases.describe();
  }

  /** @hidden Prints the class, id and name, and nothing of the instance, whatever the options of the printer are. */
  [inspect.custom](): string {
    return `${this.kind} { id: '${this.id}', name: '${this.name}' }`;
  }

  /** The port, for subclasses that build on leases. */
  protected get leases(): Leases<Opened> {
    return this.#leases;
  }

  /**
   * Opens one instance. `config` is frozen and holds the params over the section, and no policy.
   * It should stop when `signal` fires; what it returns after that is closed.
   */
  protected abstract connect(config: Config, context: LeaseContext): Promise<Opened> | Opened;

  /** @hidden What `use` rejects with where its callback has thrown `error`. */
  protected thrown(error: unknown): unknown {
    return classified(error, (known) => this.classify(known));
  }

  /** @hidden The part of the result of `connect` that `use` passes. */
  protected rawOf(opened: Opened): Raw {
    return opened as unknown as Raw;
  }

  /** Closes what `connect` opened; a promise is waited for, up to `closeTimeout`. Default: nothing to close. */
  protected disconnect(_opened: Opened, _context: LeaseContext): unknown {
    return undefined;
  }

  /** Throws, or rejects, when what was opened does not answer. Called before an instance serves, and by `ping`. Default: nothing. */
  protected check(_opened: Opened, _context: LeaseContext): unknown {
    return undefined;
  }

  /**
   * The time at which the credentials that it was opened with run out: a date, or milliseconds since the epoch. When four fifths
   * of the rest are over (earlier by the share of this process in `spread`) the next instance is opened, and
   * `connect` gets itself new ones. Seconds, a time that is over, and what is no time fail the opening. Default: never, as
   * `undefined` and `Infinity`.
   *
   * @example
   * class ApiConnection extends BaseConnection<ApiSession> {
   *   protected connect() { return logIn(); }
   *   protected override expiresAt(session: ApiSession) { return session.token.expiresAt; }
   * }
   */
  protected expiresAt(_opened: Opened): Date | number | undefined {
    return undefined;
  }

  /** The category of an error of the driver. Default: `undefined`, which counts as `transient`. */
  protected classify(_error: unknown): ErrorCategory | undefined {
    return undefined;
  }

  /** The part of the config that decides which data a query sees. Default: all of it. */
  protected cacheScope(config: Config): unknown {
    return config;
  }

  /** Tells whether the instance that `before` opened serves `after` as well, so that a change does not replace it. Default: no. */
  protected keeps(_before: Config, _after: Config): boolean {
    return false;
  }

  /** Closes what is idle of an instance that was retired and still has leases. Default: nothing. */
  protected retire(_opened: Opened): void {}

  /** Ends the work on a retired instance whose leases were cut, so that its holders get an error. Default: nothing. */
  protected cut(_opened: Opened): unknown {
    return undefined;
  }

  /** The figures of the pool, where there is one. */
  protected pool(_opened: Opened): PoolGauge | undefined {
    return undefined;
  }
}
