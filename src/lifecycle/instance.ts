import { setMaxListeners } from 'node:events';
import { defer, EMPTY, ignoreElements, Subject, take, type Observable } from 'rxjs';
import type { HotlineError } from '../errors/index.ts';
import { InstanceLease } from './lease.ts';
import type { Policies } from './policy.ts';
import type { RetireReason } from './retire-reason.ts';

/** Whom a serving instance tells. */
export interface InstanceOwner<Raw, Config> {
  /** The last lease was released. */
  unleased(): void;
  /** A lease found that the instance is broken. */
  broken(instance: Instance<Raw, Config>, error: unknown): void;
}

/** The attempt that an instance came of. */
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
  /** When what it was opened with runs out. */
  readonly expiresAt: number;
  /** As they were when it was opened. */
  readonly policies: Policies;
  /** Why its time is over, where it could not be replaced yet. */
  expired: RetireReason | undefined;

  readonly #leases = new Set<InstanceLease<Raw, Config>>();
  #owner: InstanceOwner<Raw, Config> | undefined;
  #emptied$: Subject<void> | undefined;
  #cut: AbortController | undefined;

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
    return (this.#cut ??= heardByMany()).signal;
  }

  /** From now on the owner hears of it. */
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
    this.#owner?.unleased();
  }

  /** Called by a lease; a retired instance has nobody left to tell. */
  broke(error: unknown): void {
    this.#owner?.broken(this, error);
  }

  /** No new leases; completes when the last one is gone. */
  retire(): Observable<never> {
    this.#owner = undefined;
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
    // Also for who asks for the signal only now.
    (this.#cut ??= heardByMany()).abort(error);
    for (const lease of held) lease.cut(error);
    this.#emptied$?.next();
  }
}

/** Every lease may listen to it, so that many listeners are no leak. */
function heardByMany(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
