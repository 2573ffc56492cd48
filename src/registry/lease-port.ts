import { channel } from 'node:diagnostics_channel';
import { Observable, retry, Subscription, throwError, type SchedulerLike } from 'rxjs';
import { after, elapsed, holdProcess$, milliseconds } from '../duration/index.ts';
import { ConfigError, LeaseError, ofArguments, type HotlineError } from '../errors/index.ts';
import { Superseded, type Lease, type LeaseOptions } from '../kinds/base/index.ts';
import type { Instance, InstanceLease, Lifecycle } from '../lifecycle/index.ts';
import { backOff, loginDelays, loginPatience } from '../policy/index.ts';
import type { Config } from '../secrets/index.ts';
import type { Identity } from './identity.ts';
import { Guard, holding, refuseNested } from './lease-guard.ts';

/** The message on `hotline:lease` about one lease, sent when the lease ends and the channel has subscribers. */
export interface LeaseMessage {
  /** The identity. */
  readonly id: string;
  /** The name. */
  readonly connection: string;
  /** The number of the instance. */
  readonly generation: number;
  /** The time when it began, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** Milliseconds from asking to getting it. */
  readonly waited: number;
  /** Milliseconds it was held. */
  readonly held: number;
}

const leaseChannel = channel('hotline:lease');

/** A lease that notifies its holder when it is cut. */
type CuttableLease<Raw> = Lease<Raw> & Pick<InstanceLease<Raw, Config>, 'onCut'>;

const nothing: Readonly<Record<string, never>> = {};

/** How a caller waits for an instance. */
interface Waiting {
  /** However often opening fails. */
  readonly patient?: boolean;
  /** Credentials were refused by this error already. */
  readonly refused?: HotlineError;
}

type Work<Raw, T> = (raw: Raw, lease: Lease<Raw>) => T | PromiseLike<T>;

/** Hands out leases on the current instance of a lifecycle, and waits for an instance where there is none. */
export class LeasePort<Raw> {
  readonly #lifecycle: Lifecycle<Raw, Config>;
  readonly #identity: Identity;
  readonly #scheduler: SchedulerLike;
  /** True where a new instance opens beside the leases of the one before. */
  readonly #overlap: boolean;
  #waiting = 0;

  constructor(lifecycle: Lifecycle<Raw, Config>, identity: Identity, scheduler: SchedulerLike) {
    this.#lifecycle = lifecycle;
    this.#identity = identity;
    this.#scheduler = scheduler;
    this.#overlap = identity.Kind.overlap;
  }

  /** Callers that wait for an instance. */
  get waiting(): number {
    return this.#waiting;
  }

  use<T>(work: Work<Raw, T>, options?: LeaseOptions): Promise<T> {
    if (typeof work !== 'function') return Promise.reject(notAFunction(this.#identity.name));
    let guard: Guard | undefined;
    try {
      guard = this.#guard(options);
    } catch (error) {
      return Promise.reject(ofArguments(error, this.#identity.name));
    }
    // The fast path: an instance is there, and nobody listens to leases.
    if (this.#overlap && !leaseChannel.hasSubscribers && !guard?.stopped) {
      const lease = this.#lifecycle.tryLease();
      if (lease) {
        const asked = guard ? elapsed(this.#scheduler) : 0;
        const again = (): Promise<T> => this.use(work, this.#rest(options, asked));
        return perform(guard ? new GuardedLease(lease, guard) : lease, work, again);
      }
    }
    return this.#useTraced(work, options, guard);
  }

  lease(options?: LeaseOptions): Promise<CuttableLease<Raw>> {
    try {
      const guard = this.#guard(options);
      return guard ? this.#leased(guard) : this.#acquire(undefined, nothing);
    } catch (error) {
      return Promise.reject(ofArguments(error, this.#identity.name));
    }
  }

  async #leased(guard: Guard | undefined, how: Waiting = {}): Promise<CuttableLease<Raw>> {
    const lease = await this.#acquire(guard, how);
    return guard ? new GuardedLease(lease, guard) : lease;
  }

  async #useTraced<T>(work: Work<Raw, T>, options: LeaseOptions | undefined, guard: Guard | undefined): Promise<T> {
    const asked = elapsed(this.#scheduler);
    const lease = await this.#leased(guard);
    const again = (): Promise<T> => this.use(work, this.#rest(options, asked));
    const run = (): Promise<T> => perform(lease, work, again);
    const startedAt = this.#scheduler.now();
    const taken = elapsed(this.#scheduler);
    try {
      return await (this.#overlap ? run() : holding(this.#lifecycle, run));
    } finally {
      this.#publish(lease.generation, startedAt, taken - asked, elapsed(this.#scheduler) - taken);
    }
  }

  /** The same options, with the rest of the timeout. */
  #rest(options: LeaseOptions | undefined, asked: number): LeaseOptions | undefined {
    if (options?.timeout === undefined) return options;
    const left = milliseconds(options.timeout, 'timeout') - (elapsed(this.#scheduler) - asked);
    return { ...options, timeout: Math.max(0, left) };
  }

  /** Resolves as soon as an instance serves; holds no lease. */
  async ready(signal?: AbortSignal, how?: Waiting): Promise<void> {
    if (this.#lifecycle.state.current && !signal?.aborted) return this.#lifecycle.touch();
    const lease = await this.#leased(this.#guard({ signal }), how);
    lease.release();
  }

  #acquire(guard: Guard | undefined, { patient, refused }: Waiting): Promise<InstanceLease<Raw, Config>> {
    const ready = guard?.stopped ? undefined : this.#lifecycle.tryLease();
    if (ready) return Promise.resolve(ready);
    if (!this.#overlap) refuseNested(this.#lifecycle, this.#identity.name);
    return new Promise((resolve, reject) => {
      const waiting = new Subscription();
      const refuse = (error: unknown): void => {
        waiting.unsubscribe();
        guard?.end();
        reject(error);
      };
      if (guard?.stopped) return refuse(guard.stopped);
      waiting.add(guard?.onStop(refuse));
      waiting.add(holdProcess$.subscribe());
      this.#waiting++;
      waiting.add(() => this.#waiting--);
      let last: HotlineError | undefined;
      const note = (error: HotlineError): void => {
        if (last === undefined) waiting.add(after(loginPatience, this.#scheduler).subscribe(() => refuse(last)));
        last = error;
      };
      if (refused) note(refused);
      const again$ = (error: HotlineError, failures: number): Observable<unknown> => {
        if (!this.mayBeMended(error)) return throwError(() => error);
        note(error);
        // The connection itself makes longer pauses, so that no account is locked.
        return after(backOff(failures, loginDelays, 1), this.#scheduler);
      };
      waiting.add(
        this.#instance$(patient)
          .pipe(retry({ delay: again$ }))
          .subscribe({
            next: (instance) => {
              // Taken at once, so that nothing closes the instance before its first user has it.
              resolve(instance.lease());
              waiting.unsubscribe();
            },
            error: refuse,
          }),
      );
    });
  }

  /** Emits the instance that serves; errors where there is none, unless it is `patient`, and where the registry is closed. */
  #instance$(patient: boolean | undefined): Observable<Instance<Raw, Config>> {
    return new Observable((subscriber) =>
      this.#lifecycle.want((outcome) => {
        if ('instance' in outcome) subscriber.next(outcome.instance);
        else if ('closed' in outcome) subscriber.error(closedError(this.#identity.name));
        else if (!patient) subscriber.error(outcome.error);
      }),
    );
  }

  /** Refused credentials of a connection that served before: the next secret, or the altered password, may be on its way (promise 24). */
  mayBeMended({ category }: HotlineError): boolean {
    return category === 'auth' && this.#lifecycle.served;
  }

  #guard(options: LeaseOptions | undefined): Guard | undefined {
    const { signal, timeout = Infinity } = options ?? nothing;
    if (signal === undefined && timeout === Infinity) return undefined;
    return new Guard(this.#identity.name, options!, this.#scheduler);
  }

  #publish(generation: number, startedAt: number, waited: number, held: number): void {
    if (!leaseChannel.hasSubscribers) return;
    const { id, name } = this.#identity;
    const message: LeaseMessage = { id, connection: name, generation, startedAt, waited, held };
    leaseChannel.publish(message);
  }
}

export function closedError(name: string): LeaseError {
  return new LeaseError('closed', `"${name}": the registry is closed.`, { connection: name });
}

function notAFunction(connection: string): ConfigError {
  return new ConfigError('invalid_argument', `"${connection}": what is run under a lease must be a function.`, {
    connection,
  });
}

/** A lease that also ends its caller's wait: on the caller's signal or timeout, and when the instance is cut. */
class GuardedLease<Raw> implements CuttableLease<Raw> {
  readonly raw: Raw;
  readonly config: Config;
  readonly generation: number;
  readonly #lease: InstanceLease<Raw, Config>;
  readonly #guard: Guard;

  constructor(lease: InstanceLease<Raw, Config>, guard: Guard) {
    this.#lease = lease;
    this.#guard = guard;
    this.raw = lease.raw;
    this.config = lease.config;
    this.generation = lease.generation;
    lease.onCut = (error) => guard.stop(error);
  }

  get onCut(): undefined {
    return undefined;
  }

  set onCut(cut: (error: HotlineError) => void) {
    this.#guard.onStop(cut);
  }

  onStop(stop: (reason: unknown) => void): () => void {
    return this.#guard.onStop(stop);
  }

  get signal(): AbortSignal {
    return this.#guard.signal;
  }

  get retired(): AbortSignal {
    return this.#lease.retired;
  }

  broken(error: unknown): void {
    this.#lease.broken(error);
  }

  release(): void {
    this.#guard.end();
    this.#lease.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release();
  }
}

/**
 * Runs `work` under the lease. A cut rejects at once, whether or not the work listens; the lease ends when the work has.
 * `again` takes over where nothing was sent.
 */
function perform<Raw, T>(lease: CuttableLease<Raw>, work: Work<Raw, T>, again: () => Promise<T>): Promise<T> {
  let result: T | PromiseLike<T>;
  try {
    result = work(lease.raw, lease);
  } catch (error) {
    lease.release();
    return Promise.reject(error);
  }
  const running = result as PromiseLike<T>;
  if (typeof (running as Partial<PromiseLike<T>> | undefined | null)?.then !== 'function') {
    lease.release();
    return Promise.resolve(result);
  }
  return new Promise<T>((resolve, reject) => {
    lease.onCut = reject;
    running.then(
      (value) => {
        lease.release();
        resolve(value);
      },
      (error: unknown) => {
        lease.release();
        if (error instanceof Superseded) again().then(resolve, reject);
        else reject(error);
      },
    );
  });
}
