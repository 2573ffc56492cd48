import { defer, EMPTY, ignoreElements, Subject, take, type Observable } from 'rxjs';
import type { HotlineError } from '../errors/index.ts';
import { allowManyListeners } from '../signals.ts';
import type { Policies } from '../policy/index.ts';

/** Receives the events of the current instance. */
export interface InstanceOwner<Raw, Config> {
  /** The last lease was released. */
  left(): void;
  /** A lease found that the instance is broken. */
  broken(instance: Instance<Raw, Config>, error: unknown): void;
}

/** The attempt that opened an instance. */
interface Opened<Config> {
  readonly config: Config;
  readonly generation: number;
  readonly policies: Policies;
}

/** One opened resource, with the leases that run on it. */
export class Instance<Raw, Config> {
  readonly raw: Raw;
  readonly config: Config;
  readonly generation: number;
  readonly openedAt: number;
  /** The scheduler's time at which its credentials end. */
  readonly expiresAt: number;
  /** As they were when it was opened. */
  readonly policies: Policies;

  readonly #leases = new Set<InstanceLease<Raw, Config>>();
  #owner: InstanceOwner<Raw, Config> | undefined;
  #emptied$: Subject<void> | undefined;
  #cut: AbortController | undefined;
  #retired: AbortController | undefined;
  #whyRetired: (() => HotlineError) | undefined;

  constructor(raw: Raw, { config, generation, policies }: Opened<Config>, openedAt: number, expiresAt = Infinity) {
    this.raw = raw;
    this.config = config;
    this.generation = generation;
    this.policies = policies;
    this.openedAt = openedAt;
    this.expiresAt = expiresAt;
  }

  get leases(): number {
    return this.#leases.size;
  }

  /** Fires when the leases are cut; shared by all of them. */
  get signal(): AbortSignal {
    return (this.#cut ??= sharedController()).signal;
  }

  /** Fires when the instance is retired: newcomers use the next one. Made when somebody reads it. */
  get retired(): AbortSignal {
    if (!this.#retired) {
      this.#retired = sharedController();
      if (this.#whyRetired) this.#retired.abort(this.#whyRetired());
    }
    return this.#retired.signal;
  }

  /** Connects the instance, which is now current, with its owner. */
  serve(owner: InstanceOwner<Raw, Config>): void {
    this.#owner = owner;
  }

  lease(): InstanceLease<Raw, Config> {
    const lease = new InstanceLease<Raw, Config>(this);
    this.#leases.add(lease);
    return lease;
  }

  /** Called by a lease, once. */
  released(lease: InstanceLease<Raw, Config>): void {
    this.#leases.delete(lease);
    if (this.#leases.size > 0) return;
    this.#emptied$?.next();
    this.#owner?.left();
  }

  /** Called by a lease; a retired instance has no owner any more. */
  broke(error: unknown): void {
    this.#owner?.broken(this, error);
  }

  /** No new leases; completes when the last one is gone. */
  retire(why: () => HotlineError): Observable<never> {
    this.#owner = undefined;
    this.#whyRetired = why;
    this.#retired?.abort(why());
    return defer(() => {
      if (this.#leases.size === 0) return EMPTY;
      this.#emptied$ = new Subject();
      return this.#emptied$.pipe(take(1), ignoreElements());
    });
  }

  /** Ends every lease: their signal fires, their promises reject. */
  cut(error: HotlineError): void {
    const held = [...this.#leases];
    this.#leases.clear();
    // Also for a holder that asks for the signal only now.
    (this.#cut ??= sharedController()).abort(error);
    for (const lease of held) lease.cut(error);
    this.#emptied$?.next();
  }
}

/** Every lease may listen to it, so that many listeners are no leak. */
function sharedController(): AbortController {
  const controller = new AbortController();
  allowManyListeners(controller.signal);
  return controller;
}

/** The part of an instance that its leases use. */
interface Leased<Raw, Config> {
  readonly raw: Raw;
  readonly config: Config;
  readonly generation: number;
  readonly signal: AbortSignal;
  readonly retired: AbortSignal;
  released(lease: InstanceLease<Raw, Config>): void;
  broke(error: unknown): void;
}

/** One running piece of work on one instance. */
export class InstanceLease<Raw, Config> {
  readonly raw: Raw;
  readonly config: Config;
  readonly generation: number;
  readonly #instance: Leased<Raw, Config>;
  #ended = false;
  /** Called when the instance may not wait for the lease any longer. */
  onCut: ((error: HotlineError) => void) | undefined;

  constructor(instance: Leased<Raw, Config>) {
    this.#instance = instance;
    this.raw = instance.raw;
    this.config = instance.config;
    this.generation = instance.generation;
  }

  get signal(): AbortSignal {
    return this.#instance.signal;
  }

  get retired(): AbortSignal {
    return this.#instance.retired;
  }

  /** Newcomers get a fresh instance; this lease goes on. */
  broken(error: unknown): void {
    this.#instance.broke(error);
  }

  release(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#instance.released(this);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release();
  }

  /** Called by the instance, which has already let go of it. */
  cut(error: HotlineError): void {
    this.#ended = true;
    this.onCut?.(error);
  }
}
