import { BehaviorSubject, Subject, Subscription } from 'rxjs';
import { Audience } from './audience.ts';
import { effects$ } from './effects.ts';
import type { LifecycleEvent } from './event.ts';
import type { Host } from './host.ts';
import type { Instance, InstanceOwner } from './instance.ts';
import type { InstanceLease } from './lease.ts';
import type { Listener } from './listener.ts';
import { outcomeOf, type Outcome } from './outcome.ts';
import type { Resource } from './resource.ts';
import type { RetireReason } from './retire-reason.ts';
import { Retirement } from './retirement.ts';
import { policiesOf, rest, type Attempt, type LifecycleInput, type State, type Target } from './state.ts';
import { step } from './step.ts';

/**
 * One connection over time. Each event goes through the table in `step.ts`; what the new state asks for (an attempt,
 * the timers of ttl, idleness and back-off) are operators over the stream of states. At rest there is no stream.
 */
export class Lifecycle<Raw, Config> implements InstanceOwner<Raw, Config> {
  readonly #resource: Resource<Raw, Config>;
  readonly #host: Host;
  readonly #listener: Listener<Raw, Config>;
  #state: State<Raw, Config> = rest;
  #wanted = 0;
  #unusedSince: number | undefined;
  #running: Running<Raw, Config> | undefined;
  #audience: Audience<Raw, Config> | undefined;
  /** Events that came while another one was handled, in order. */
  #mailbox: LifecycleInput<Raw, Config>[] | undefined;
  /** Counts events: who comes while one is told of was not there when it happened. */
  #turn = 0;
  /** Made with the first attempt, so that a connection at rest is small. */
  #ending: Retirement<Raw, Config> | undefined;

  constructor(resource: Resource<Raw, Config>, host: Host, listener: Listener<Raw, Config>) {
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

  get inUse(): boolean {
    return this.#wanted > 0 || (this.#state.current?.leases ?? 0) > 0;
  }

  get #retirement(): Retirement<Raw, Config> {
    return (this.#ending ??= new Retirement(this.#resource, this.#host, (event) => this.#listener.event(event)));
  }

  /** Instances of this connection still drain or close. */
  get ending(): boolean {
    return this.#ending?.pending ?? false;
  }

  /** What was retired and is not closed yet, oldest first. */
  get draining(): Iterable<Instance<Raw, Config>> {
    return this.#ending?.draining ?? [];
  }

  aim(target: Target<Config>): void {
    this.#handle({ type: 'target', target });
  }

  /** At rest: what is kept is small and no secret. Whoever wants an instance aims again first. */
  forget(): void {
    if (!this.#running && !this.#state.closed) this.#state = { ...rest, generation: this.#state.generation };
  }

  /** A lease on the current instance, if there is one. */
  tryLease(): InstanceLease<Raw, Config> | undefined {
    const lease = this.#state.current?.lease();
    if (lease) this.#unusedSince = undefined;
    return lease;
  }

  /**
   * Outcomes from now on, while counting as somebody who wants an instance. Does not say what is already there.
   * The result ends it.
   */
  want(hear: (outcome: Outcome<Raw, Config>) => void): () => void {
    this.#wanted++;
    this.#unusedSince = undefined;
    const leave = (this.#audience ??= new Audience()).join(hear, this.#turn);
    if (!this.#state.current) this.#ask(hear);
    return () => {
      if (!leave()) return;
      this.#wanted--;
      this.#left();
    };
  }

  #ask(hear: (outcome: Outcome<Raw, Config>) => void): void {
    const { target, closed } = this.#state;
    if (closed) hear({ closed: true });
    else if (target && 'error' in target) hear({ error: target.error });
    else this.#handle({ type: 'wanted' });
  }

  broken(instance: Instance<Raw, Config>, error: unknown): void {
    this.#handle({ type: 'broken', instance, error });
  }

  reset(): void {
    this.#handle({ type: 'reset' });
  }

  /** As when the ttl of the current instance is over; not where `generation` is one of before. */
  renew(reason: RetireReason = 'expired', generation?: number): void {
    const { current } = this.#state;
    if (!current || current.generation !== (generation ?? current.generation)) return;
    this.#handle({ type: 'expired', instance: current, reason });
  }

  /** Ends what nobody uses; does nothing while somebody does. */
  evict(): void {
    this.#handle({ type: 'evicted' });
  }

  close(): void {
    this.#handle({ type: 'closed' });
  }

  /** The last lease of the current instance was released. */
  unleased(): void {
    this.#left();
  }

  #left(): void {
    if (this.inUse) return;
    const { current, failure } = this.#state;
    if (failure ?? current?.expired) this.#handle({ type: 'unwanted' });
    // On the hot path: the clock is read only where somebody counts.
    if (this.#running?.unused$.observed) {
      this.#unusedSince = this.#host.scheduler.now();
      this.#running.unused$.next();
    }
    this.#listener.left();
  }

  /** One event at a time: what an event causes at once is handled after it. */
  #handle(input: LifecycleInput<Raw, Config>): void {
    // What is open already comes before what is wanted of it.
    if (this.#mailbox) return void this.#mailbox[input.type === 'opened' ? 'unshift' : 'push'](input);
    const mailbox = (this.#mailbox = [input]);
    try {
      for (let next = mailbox.shift(); next; next = mailbox.shift()) this.#take(next);
    } finally {
      this.#mailbox = undefined;
    }
  }

  #take(input: LifecycleInput<Raw, Config>): void {
    const before = this.#state;
    const { scheduler, random } = this.#host;
    this.#turn++;
    const { state, retired, late, reason } = step(before, input, {
      ...{ resource: this.#resource, wanted: this.#wanted > 0 },
      now: scheduler.now(),
      random,
      place: () => this.#host.place(this.#listener.id ?? ''),
    });
    this.#state = state;
    if (state.current && state.current !== before.current) this.#serve(state.current);
    if (retired) this.#retirement.retire(retired, reason ?? 'replaced', policiesOf(before));
    if (late) this.#retirement.close(late);
    if (state === before) return;
    if (before.attempt && before.attempt !== state.attempt) this.#ended(before.attempt, input, state, reason);
    this.#listener.changed(state, before);
    const outcome = outcomeOf(before, state, input);
    if (outcome) this.#audience?.tell(outcome, this.#turn);
    this.#run(state);
    // Leases on what was retired are no use of what came instead.
    if (retired && this.#unusedSince === undefined) this.#left();
  }

  #serve(instance: Instance<Raw, Config>): void {
    instance.serve(this);
    this.#listener.event({ type: 'instance.ready', generation: instance.generation });
  }

  /** What became of an attempt that is no longer the one. */
  #ended(
    attempt: Attempt<Config>,
    input: LifecycleInput<Raw, Config>,
    state: State<Raw, Config>,
    reason: RetireReason = 'replaced',
  ): void {
    const { generation } = attempt;
    if (input.type === 'opened') return;
    if (input.type === 'failed')
      this.#listener.event({
        type: 'instance.failed',
        generation,
        error: input.error,
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
    this.#audience = undefined;
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
      tell: (event: LifecycleEvent) => this.#listener.event(event),
      makes: (attempt: Attempt<Config>) => this.#state.attempt === attempt,
      place: () => this.#host.place(this.#listener.id ?? ''),
      unused$,
      unusedSince: () => (this.inUse ? undefined : (this.#unusedSince ??= this.#host.scheduler.now())),
    };
    effects.add(effects$(state$, context).subscribe((input) => this.#handle(input)));
  }
}

/** What runs while a connection is not at rest. */
interface Running<Raw, Config> {
  readonly state$: BehaviorSubject<State<Raw, Config>>;
  readonly unused$: Subject<void>;
  readonly effects: Subscription;
}
