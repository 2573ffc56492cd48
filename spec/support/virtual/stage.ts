import { Subscription, type SchedulerLike } from 'rxjs';
import { ConfigError } from '../../../src/errors/index.ts';
import {
  LifecycleContext,
  Lifecycle,
  stateName,
  type InstanceLease,
  type LifecycleEvent,
  type WaitResult,
  type State,
  type Target,
} from '../../../src/lifecycle/index.ts';
import { defaultPolicies, type Policies } from '../../../src/policy/index.ts';
import { MemoryResource, type Closing, type Opening, type Raw } from './memory-resource.ts';

/** What differs from an ordinary connection in memory. */
export interface StageOptions {
  readonly policies?: Partial<Policies>;
  readonly overlap?: boolean;
  /** How each config opens; of a list, one after the other, and the last one from then on. */
  readonly opens?: Readonly<Record<string, Opening | readonly Opening[]>> | ((config: string) => Opening);
  readonly closes?: Readonly<Record<string, Closing>> | ((raw: Raw) => Closing);
  readonly host?: LifecycleContext;
  /** The share of the spread window after which it reacts. Default 0. */
  readonly spreadOffset?: number;
}

/** One connection in virtual time, and a record of what happened to it. An instance is called by its config and number: `b2`. */
export class Stage {
  readonly lifecycle: Lifecycle<Raw, string>;
  readonly resource: MemoryResource;
  readonly host: LifecycleContext;
  /** Events: `4 ready a1`. */
  readonly log: string[] = [];
  /** Changes of state: `4 ready`. */
  readonly statuses: string[] = [];
  /** What users were told, by the name of the user: `4 ann: a1`. */
  readonly heard: string[] = [];
  readonly users = new Map<string, Subscription>();
  readonly leases = new Map<string, InstanceLease<Raw, string>>();
  onStatus: ((status: string) => void) | undefined;
  onEvent: ((event: LifecycleEvent) => void) | undefined;
  onLeft: (() => void) | undefined;
  onHeard: ((user: string) => void) | undefined;

  readonly #scheduler: SchedulerLike;
  readonly #options: StageOptions;
  readonly #configs = new Map<number, string>();
  readonly #openings = new Map<string, number>();
  #target: Target<string> | undefined;
  #resting = false;

  constructor(scheduler: SchedulerLike, options: StageOptions = {}) {
    this.#scheduler = scheduler;
    this.#options = options;
    this.host =
      options.host ??
      new LifecycleContext(
        scheduler,
        () => 1,
        () => options.spreadOffset ?? 0,
      );
    this.resource = new MemoryResource(
      scheduler,
      (config) => this.#opening(config),
      (raw) => (typeof options.closes === 'function' ? options.closes(raw) : (options.closes?.[raw.config] ?? {})),
    );
    this.resource.overlap = options.overlap ?? true;
    this.lifecycle = new Lifecycle(this.resource, this.host, {
      changed: (state, before) => this.#changed(state, before),
      event: (event) => this.#event(event),
      left: () => this.onLeft?.(),
      rested: () => this.#rest(),
    });
  }

  get now(): number {
    return this.#scheduler.now();
  }

  get status(): string {
    return stateName(this.lifecycle.state);
  }

  aim(config: string, policies: Partial<Policies> = {}): void {
    const { retry } = defaultPolicies;
    const all = { ...defaultPolicies, retry: { ...retry, jitter: 'none' as const }, ...this.#options.policies };
    this.#target = { config, policies: { ...all, ...policies } };
    if (!this.#resting) this.lifecycle.setTarget(this.#target);
  }

  remove(reason: 'removed' | 'kind-changed' = 'removed'): void {
    const code = reason === 'removed' ? 'missing_config' : 'kind_changed';
    this.#target = { error: new ConfigError(code, `It is ${reason}.`), reason };
    this.#resting = false;
    this.lifecycle.setTarget(this.#target);
  }

  /** Interest, as of somebody who subscribed to `connection$`. */
  want(user = 'ann'): void {
    this.#wake();
    const { current } = this.lifecycle.state;
    this.#enter(user, (outcome) => this.#hear(user, outcome));
    if (current) this.#hear(user, { instance: current });
  }

  leave(user = 'ann'): void {
    this.users.get(user)?.unsubscribe();
    this.users.delete(user);
  }

  /** Waits for one outcome, as `await connection()` does. */
  ask(user = 'bob'): void {
    this.#wake();
    const { current } = this.lifecycle.state;
    if (current) return this.#hear(user, { instance: current });
    this.#enter(user, (outcome) => {
      this.leave(user);
      this.#hear(user, outcome);
    });
  }

  /** Waits where it must, and leases, as `use()` does. */
  lease(user = 'leo'): void {
    this.#wake();
    const lease = this.lifecycle.tryLease();
    if (lease) return this.#hold(user, lease);
    this.#enter(user, (outcome) => {
      const late = this.lifecycle.tryLease();
      this.leave(user);
      if (late) this.#hold(user, late);
      else this.#hear(user, outcome);
    });
  }

  release(user = 'leo'): void {
    const lease = this.leases.get(user);
    this.leases.delete(user);
    lease?.release();
  }

  /** Somebody found that what is open does not work. */
  broken(instance = this.lifecycle.state.current): void {
    if (instance) this.lifecycle.broken(instance, new Error('It does not work.'));
  }

  note(what: string): void {
    this.log.push(`${this.now} ${what}`);
  }

  nameOf(generation: number): string {
    return `${this.#configs.get(generation)}${generation}`;
  }

  /** As a registry does: what nobody uses is forgotten, and aimed anew when somebody does. */
  #rest(): void {
    this.#resting = true;
    this.lifecycle.forget();
  }

  #wake(): void {
    if (!this.#resting || !this.#target) return;
    this.#resting = false;
    this.lifecycle.setTarget(this.#target);
  }

  /** The user counts before anything is heard, and may leave while hearing. */
  #enter(user: string, hear: (outcome: WaitResult<Raw, string>) => void): void {
    const entered = new Subscription();
    this.users.set(user, entered);
    entered.add(this.lifecycle.want(hear));
  }

  #hold(user: string, lease: InstanceLease<Raw, string>): void {
    this.leases.set(user, lease);
    this.#say(user, this.nameOf(lease.generation));
    lease.onCut = (error) => {
      this.leases.delete(user);
      this.#say(user, error.code);
    };
  }

  #hear(user: string, outcome: WaitResult<Raw, string>): void {
    if ('instance' in outcome) this.#say(user, this.nameOf(outcome.instance.generation));
    else this.#say(user, 'error' in outcome ? outcome.error.code : 'closed');
  }

  #say(user: string, what: string): void {
    this.heard.push(`${this.now} ${user}: ${what}`);
    this.onHeard?.(user);
  }

  #changed(state: State<Raw, string>, before: State<Raw, string>): void {
    if (state.attempt) this.#configs.set(state.attempt.generation, state.attempt.config);
    const status = stateName(state);
    if (status === stateName(before)) return;
    this.statuses.push(`${this.now} ${status}`);
    this.onStatus?.(status);
  }

  #event(event: LifecycleEvent): void {
    this.note(
      `${event.type.replace('instance.', '').replace('.', ' ')} ${this.nameOf(event.generation)}${detail(event)}`,
    );
    this.onEvent?.(event);
  }

  #opening(config: string): Opening {
    const { opens } = this.#options;
    if (typeof opens === 'function') return opens(config);
    const how = opens?.[config] ?? {};
    if (!Array.isArray(how)) return how as Opening;
    const nth = this.#openings.get(config) ?? 0;
    this.#openings.set(config, nth + 1);
    return how[Math.min(nth, how.length - 1)] as Opening;
  }
}

function detail(event: LifecycleEvent): string {
  if (event.type === 'instance.retired') return ` (${event.reason})`;
  if (event.type === 'instance.failed') return ` (${event.error.code}), again in ${event.retryIn}`;
  return event.type === 'instance.closed' && event.error ? ` (${event.error.code})` : '';
}
