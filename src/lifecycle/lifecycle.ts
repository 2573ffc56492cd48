import { BehaviorSubject, Subject, Subscription } from 'rxjs';
import { Waiters, waitResultOf, type WaitResult } from './waiters.ts';
import { effects$ } from './timers.ts';
import type { LifecycleEvent, RetireReason } from './events.ts';
import type { LifecycleContext } from './context.ts';
import type { Instance, InstanceLease, InstanceOwner } from './instance.ts';
import type { Listener, Resource } from './resource.ts';
import { Retirement } from './retire.ts';
import { idleState, policiesOf, type Attempt, type LifecycleAction, type State, type Target } from './state.ts';
import { reduce } from './reducer.ts';

/**
 * The state of one connection over time. Each action goes through the reducer; the effects of the new state (an attempt,
 * the timers of ttl, idleness and back-off) are operators over the stream of states. At rest there is no stream.
 */
export class Lifecycle<Raw, Config> implements InstanceOwner<Raw, Config> {
  readonly #resource: Resource<Raw, Config>;
  readonly #host: LifecycleContext;
  readonly #listener: Listener<Raw, Config>;
  #state: State<Raw, Config> = idleState;
  #wanted = 0;
  #unusedSince: number | undefined;
  #served = false;
  #running: Running<Raw, Config> | undefined;
  #waiters: Waiters<Raw, Config> | undefined;
  /** Actions that came during a transition, in order. */
  #queue: LifecycleAction<Raw, Config>[] | undefined;
  /** The number of the current transition: a waiter that joins during it is not notified of it. */
  #transition = 0;
  /** Made with the first attempt, so that a connection at rest is small. */
  #ending: Retirement<Raw, Config> | undefined;

  constructor(resource: Resource<Raw, Config>, host: LifecycleContext, listener: Listener<Raw, Config>) {
    this.#resource = resource;
    this.#host = host;
    this.#listener = listener;
  }

  get state(): State<Raw, Config> {
    return this.#state;
  }

  /** Subscriptions and waiting callers. */
  get wanted(): number {
    return this.#wanted;
  }

  /** Tells whether an instance has ever served. */
  get served(): boolean {
    return this.#served;
  }

  get inUse(): boolean {
    return this.#wanted > 0 || (this.#state.current?.leases ?? 0) > 0;
  }

  get #retirement(): Retirement<Raw, Config> {
    return (this.#ending ??= new Retirement(this.#resource, this.#host, (event) => this.#listener.event(event)));
  }

  /** Retired instances of this connection still drain or close. */
  get ending(): boolean {
    return this.#ending?.pending ?? false;
  }

  /** Instances that are retired and not closed yet, oldest first. */
  get draining(): Iterable<Instance<Raw, Config>> {
    return this.#ending?.draining ?? [];
  }

  setTarget(target: Target<Config>): void {
    this.#dispatch({ type: 'target', target });
  }

  /** Forgets the target of a connection at rest, so that it is small and holds no secret. `setTarget` comes first again. */
  forget(): void {
    if (!this.#running && !this.#state.closed) this.#state = { ...idleState, generation: this.#state.generation };
  }

  /** A lease on the current instance, if there is one. */
  tryLease(): InstanceLease<Raw, Config> | undefined {
    const lease = this.#state.current?.lease();
    if (lease) this.#unusedSince = undefined;
    return lease;
  }

  /**
   * Counts as somebody who wants an instance, and calls `listener` with every result from now on; not with the instance
   * that is already there. The returned function ends it.
   */
  want(listener: (result: WaitResult<Raw, Config>) => void): () => void {
    this.#wanted++;
    this.#unusedSince = undefined;
    const leave = (this.#waiters ??= new Waiters()).add(listener, this.#transition);
    if (!this.#state.current) this.#ask(listener);
    return () => {
      if (!leave()) return;
      this.#wanted--;
      this.left();
    };
  }

  #ask(listener: (result: WaitResult<Raw, Config>) => void): void {
    const { target, closed } = this.#state;
    if (closed) listener({ closed: true });
    else if (target && 'error' in target) listener({ error: target.error });
    else this.#dispatch({ type: 'wanted' });
  }

  broken(instance: Instance<Raw, Config>, error: unknown): void {
    this.#dispatch({ type: 'broken', instance, error, jitter: this.#host.random() });
  }

  reset(): void {
    this.#dispatch({ type: 'reset' });
  }

  /** Ends the leases on an instance at once, or on all of them; the one that serves is retired first. */
  cut(generation?: number): void {
    const { current } = this.#state;
    if (current && (generation ?? current.generation) === current.generation) this.reset();
    this.#ending?.cut(generation);
  }

  /** Replaces the current instance as if its ttl were over; does nothing where `generation` is not the current one. */
  renew(reason: RetireReason = 'expired', generation?: number): void {
    const { current } = this.#state;
    if (!current || current.generation !== (generation ?? current.generation)) return;
    this.#dispatch({ type: 'expired', instance: current, reason });
  }

  /** Counts as a use that is over: `idleTimeout` begins anew. */
  touch(): void {
    if (this.#unusedSince !== undefined) this.#unusedSince = this.#host.now;
  }

  /** Starts the attempt that waits to replace the current instance: for its back-off, or for its place in `spread`. */
  hasten(): boolean {
    const { current, attempt } = this.#state;
    if (!current) return false;
    this.#dispatch({ type: 'hastened' });
    return this.#state.attempt !== attempt;
  }

  /** Ends what nobody uses; does nothing while somebody does. */
  evict(): void {
    this.#dispatch({ type: 'evicted' });
  }

  close(): void {
    this.#dispatch({ type: 'closed' });
  }

  left(): void {
    if (this.inUse) return;
    const { failure, expired } = this.#state;
    if (failure ?? expired) this.#dispatch({ type: 'unwanted' });
    // On the hot path: the clock is read only where somebody counts.
    if (this.#running?.unused$.observed) {
      this.#unusedSince = this.#host.now;
      this.#running.unused$.next();
    }
    this.#listener.left();
  }

  /** Handles one action at a time: actions that it causes at once are queued. */
  #dispatch(action: LifecycleAction<Raw, Config>): void {
    // An instance that is open is taken before anything is done to it.
    if (this.#queue) return void this.#queue[action.type === 'opened' ? 'unshift' : 'push'](action);
    const queue = (this.#queue = [action]);
    try {
      for (let next = queue.shift(); next; next = queue.shift()) this.#apply(next);
    } finally {
      this.#queue = undefined;
    }
  }

  #apply(action: LifecycleAction<Raw, Config>): void {
    const before = this.#state;
    this.#transition++;
    const { state, retired, late, reason } = reduce(before, action, {
      resource: this.#resource,
      wanted: this.#wanted > 0,
      leased: (before.current?.leases ?? 0) > 0,
      now: this.#host.now,
      spreadOffset: () => this.#spreadOffset(),
    });
    this.#state = state;
    if (state.current && state.current !== before.current) this.#serve(state.current);
    if (retired) this.#retirement.retire(retired, reason ?? 'replaced', policiesOf(before));
    if (late) this.#retirement.close(late);
    if (state === before) return;
    if (before.attempt && before.attempt !== state.attempt) this.#ended(before.attempt, action, state, reason);
    this.#listener.changed(state, before);
    const result = waitResultOf(before, state, action);
    if (result) this.#waiters?.notify(result, this.#transition);
    this.#run(state);
    // Leases on the retired instance do not use its successor.
    if (retired && this.#unusedSince === undefined) this.left();
  }

  #spreadOffset(): number {
    return this.#host.spreadOffset(this.#listener.id ?? '');
  }

  #serve(instance: Instance<Raw, Config>): void {
    this.#served = true;
    instance.serve(this);
    this.#listener.event({ type: 'instance.ready', generation: instance.generation });
  }

  /** Tells how an attempt that is no longer the current one ended. */
  #ended(
    attempt: Attempt<Config>,
    action: LifecycleAction<Raw, Config>,
    state: State<Raw, Config>,
    reason: RetireReason = 'replaced',
  ): void {
    const { generation } = attempt;
    if (action.type === 'opened') return;
    if (action.type === 'failed')
      this.#listener.event({
        type: 'instance.failed',
        generation,
        error: action.error,
        retryIn: state.failure?.retryIn ?? Infinity,
      });
    else this.#listener.event({ type: 'instance.retired', generation, reason });
  }

  /** Starts, feeds and ends the stream of states: there is one while something is open, opening or to be tried again. */
  #run(state: State<Raw, Config>): void {
    const active = state.current ?? state.attempt ?? (state.failure && state.failure.retryIn !== Infinity);
    if (!active) this.#stop(state);
    else if (this.#running) this.#running.state$.next(state);
    else this.#start(state);
  }

  #stop({ failure, closed }: State<Raw, Config>): void {
    if (!this.#running) return;
    this.#running.effects.unsubscribe();
    this.#running = undefined;
    if (failure || closed || this.#wanted > 0) return;
    this.#waiters = undefined;
    this.#listener.rested();
  }

  #start(state: State<Raw, Config>): void {
    const state$ = new BehaviorSubject(state);
    const unused$ = new Subject<void>();
    const effects = new Subscription();
    this.#running = { state$, unused$, effects };
    const context = {
      resource: this.#resource,
      host: this.#host,
      retirement: this.#retirement,
      emit: (event: LifecycleEvent) => this.#listener.event(event),
      isCurrent: (attempt: Attempt<Config>) => this.#state.attempt === attempt,
      spreadOffset: () => this.#spreadOffset(),
      unused$,
      unusedSince: () => (this.inUse ? undefined : (this.#unusedSince ??= this.#host.now)),
    };
    effects.add(effects$(state$, context).subscribe((action) => this.#dispatch(action)));
  }
}

/** The streams and timers of a connection that is not at rest. */
interface Running<Raw, Config> {
  readonly state$: BehaviorSubject<State<Raw, Config>>;
  readonly unused$: Subject<void>;
  readonly effects: Subscription;
}
