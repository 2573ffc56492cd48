import { Observable, Subject, type SchedulerLike } from 'rxjs';
import { elapsed } from '../duration/index.ts';
import type { HotlineError } from '../errors/index.ts';
import type { ConnectionState, ConnectionStats, ConnectionStatus, InstanceStats } from '../kinds/base/index.ts';
import { stateName, type Instance, type Lifecycle, type State } from '../lifecycle/index.ts';
import type { Config } from '../secrets/index.ts';
import type { KindResource } from './hooks.ts';
import type { Identity } from './identity.ts';

/** The status of one connection over time. */
export class StatusTracker {
  readonly #identity: Pick<Identity, 'id' | 'name'>;
  readonly #scheduler: SchedulerLike;
  readonly #pooled: () => boolean;
  #state: ConnectionState = 'idle';
  #generation = 0;
  #since: number;
  #error: HotlineError | undefined;
  #nextRetryAt: number | undefined;
  #changes$: Subject<void> | undefined;

  /** `pooled` says whether the open instance is behind a pooler. */
  constructor(identity: Pick<Identity, 'id' | 'name'>, scheduler: SchedulerLike, pooled: () => boolean) {
    this.#identity = identity;
    this.#scheduler = scheduler;
    this.#pooled = pooled;
    this.#since = scheduler.now();
  }

  get status(): ConnectionStatus {
    const { id, name } = this.#identity;
    return {
      id,
      name,
      state: this.#state,
      generation: this.#generation,
      since: this.#since,
      ...(this.#error && { error: this.#error }),
      ...(this.#nextRetryAt !== undefined && { nextRetryAt: this.#nextRetryAt }),
      ...(this.#pooled() && { pooler: true }),
    };
  }

  /** Takes over a state of the lifecycle; tells whether the status is another one now. */
  update(state: State<unknown, unknown>): boolean {
    const { current, failure } = state;
    const before = { state: this.#state, generation: this.#generation };
    this.#state = stateName(state);
    this.#generation = current?.generation ?? this.#generation;
    const failing = this.#state === 'degraded' || this.#state === 'failed';
    this.#error = failing ? failure?.error : undefined;
    const waits = failing && failure && failure.retryIn !== Infinity && !state.attempt;
    this.#nextRetryAt = waits
      ? this.#scheduler.now() + failure.at + failure.retryIn - elapsed(this.#scheduler)
      : undefined;
    if (this.#state === before.state && this.#generation === before.generation) return false;
    this.#since = this.#scheduler.now();
    this.#changes$?.next();
    return true;
  }

  /** Replayed; emits on changes of state, and completes after `closed`. */
  get status$(): Observable<ConnectionStatus> {
    return new Observable((subscriber) => {
      subscriber.next(this.status);
      if (this.#state === 'closed') return subscriber.complete();
      return (this.#changes$ ??= new Subject()).subscribe(() => {
        subscriber.next(this.status);
        if (this.#state === 'closed') subscriber.complete();
      });
    });
  }
}

export function statsOf<Raw>(
  lifecycle: Lifecycle<Raw, Config>,
  resource: KindResource<Raw>,
  waiting: number,
): ConnectionStats {
  const usage = ({ leases, raw }: Instance<Raw, Config>): InstanceStats => {
    const pool = resource.pool(raw);
    return { leases, ...(pool && { pool }) };
  };
  const { current } = lifecycle.state;
  const draining = Array.from(lifecycle.draining, (old) => ({ generation: old.generation, ...usage(old) }));
  return {
    subscribers: lifecycle.wanted,
    ...(waiting > 0 && { waiting }),
    ...(current ? usage(current) : { leases: 0 }),
    ...(draining.length > 0 && { draining }),
  };
}
