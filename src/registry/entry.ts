import { Observable, type SchedulerLike, type Subscriber } from 'rxjs';
import { after, holdProcess$ } from '../duration/index.ts';
import type { HotlineError } from '../errors/index.ts';
import type {
  BaseConnection,
  ConnectionStats,
  ConnectionStatus,
  Lease,
  LeaseOptions,
  Leases,
} from '../kinds/base/index.ts';
import { Lifecycle, type Instance, type Listener, type State } from '../lifecycle/index.ts';
import type { Config, Description, FileContent } from '../secrets/index.ts';
import { ConfigTracker } from './config-tracker.ts';
import type { EntryEvent } from './events.ts';
import { FinalFailure } from './final-failure.ts';
import { hooksOf, KindResource } from './hooks.ts';
import type { Identity } from './identity.ts';
import { closedError, LeasePort } from './lease-port.ts';
import type { RegistryContext } from './registry-context.ts';
import { statsOf, StatusTracker } from './status.ts';

/** Keeps entries, as an entry sees it. */
export interface EntryKeeper {
  /** The entry that serves this identity now: an evicted one is kept again, unless another took its place. */
  current(entry: Entry): Entry;
  /** Marks the entry as the most recently used. */
  touch(entry: Entry): void;
  /** Nobody uses the entry any more. */
  release(entry: Entry): void;
}

/** One identity in a registry: its handle, its lifecycle, and the port through which the handle reaches it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- entries of all kinds live in one map
export class Entry<Raw = any> implements Leases<Raw>, Listener<Raw, Config> {
  readonly identity: Identity;
  readonly handle: BaseConnection<Raw>;
  readonly tracker: ConfigTracker;
  /** Tells whether the registry keeps it; an evicted one is kept again when its handle is used. */
  listed = false;
  /** The keys of the requests that resolve to it, forgotten with it. */
  requests: readonly string[] = [];
  readonly #context: RegistryContext;
  readonly #keeper: EntryKeeper;
  readonly #resource: KindResource<Raw>;
  readonly #lifecycle: Lifecycle<Raw, Config>;
  readonly #port: LeasePort<Raw>;
  readonly #status: StatusTracker;
  /** Made with the first failure. */
  #failure: FinalFailure | undefined;
  /** The subscribers that wait for refused credentials to be mended; made with the first. */
  #mending: WeakSet<Subscriber<unknown>> | undefined;

  /** `inferred`: no caller gave the class. */
  constructor(identity: Identity, context: RegistryContext, keeper: EntryKeeper, inferred: boolean) {
    const { lifecycle } = context;
    this.identity = identity;
    this.#context = context;
    this.#keeper = keeper;
    this.handle = new identity.Kind(this) as BaseConnection<Raw>;
    this.tracker = new ConfigTracker(identity, context, inferred, (target) => this.#lifecycle.setTarget(target));
    this.#resource = new KindResource(hooksOf(this.handle), identity, this.tracker);
    this.#lifecycle = new Lifecycle(this.#resource, lifecycle, this);
    this.#port = new LeasePort(this.#lifecycle, identity, lifecycle.scheduler);
    this.#status = new StatusTracker(identity, lifecycle.scheduler, () => this.#pooled);
  }

  get id(): string {
    return this.identity.id;
  }

  get name(): string {
    return this.identity.name;
  }

  get scheduler(): SchedulerLike {
    return this.#context.lifecycle.scheduler;
  }

  get status(): ConnectionStatus {
    return this.#status.status;
  }

  get status$(): Observable<ConnectionStatus> {
    return this.#status.status$;
  }

  get inUse(): boolean {
    return this.#lifecycle.inUse;
  }

  stats(): ConnectionStats {
    return statsOf(this.#lifecycle, this.#resource, this.#port.waiting);
  }

  get instance$(): Observable<number> {
    return new Observable((subscriber) => this.attach(subscriber, ({ generation }) => generation));
  }

  /** Adds a subscriber, and sends it `project` of each instance that serves. */
  attach<T>(subscriber: Subscriber<T>, project: (instance: Instance<Raw, Config>) => T): void {
    const entry = this.#current();
    if (entry !== this) return entry.attach(subscriber, project);
    if (this.#failure?.postpone(subscriber, () => this.attach(subscriber, project))) return;
    const { current, closed } = this.#lifecycle.state;
    if (closed) return this.#fail(subscriber, closedError(this.name), true);
    let served: number | undefined;
    let subscribing = true;
    // Waiting for a first value keeps the process alive; waiting for the next one does not.
    const hold = current ? undefined : holdProcess$.subscribe();
    if (hold) subscriber.add(hold);
    const serve = (instance: Instance<Raw, Config>): void => {
      if (served === instance.generation) return;
      served = instance.generation;
      hold?.unsubscribe();
      subscriber.next(project(instance));
    };
    subscriber.add(
      this.#lifecycle.want((outcome) => {
        if ('instance' in outcome) serve(outcome.instance);
        else if ('closed' in outcome) subscriber.complete();
        else if (served === undefined && !this.tracker.patient)
          this.#failed(subscriber, outcome.error, subscribing, () => served === undefined);
      }),
    );
    if (current && this.#lifecycle.state.current === current) serve(current);
    subscribing = false;
  }

  /** Refused credentials are waited for as a call of the connection does, until they are taken or the subscriber leaves. */
  #failed(subscriber: Subscriber<unknown>, error: HotlineError, subscribing: boolean, due: () => boolean): void {
    if (!this.#port.mayBeMended(error)) return this.#fail(subscriber, error, subscribing, due);
    const mending = (this.#mending ??= new WeakSet());
    if (mending.has(subscriber)) return;
    mending.add(subscriber);
    const left = new AbortController();
    subscriber.add(() => left.abort());
    this.#port
      .ready(left.signal, { refused: error })
      .catch((last: HotlineError) => this.#fail(subscriber, last, false, due));
  }

  #fail(subscriber: Subscriber<unknown>, error: HotlineError, subscribing: boolean, due?: () => boolean): void {
    this.#failure ??= new FinalFailure(this.#context.loads.load$, () => {
      const { target } = this.tracker;
      const { retry } = target && 'policies' in target ? target.policies : this.#context.defaults;
      return after(retry.maxDelay, this.scheduler);
    });
    this.#failure.deliver(subscriber, error, subscribing, due);
  }

  /** Resolves when an instance serves; with `attempts: Infinity` it waits until one does, or `signal` fires. */
  ready(signal?: AbortSignal): Promise<void> {
    const entry = this.#current();
    return entry.#port.ready(signal, { patient: entry.tracker.patient });
  }

  use<T>(work: (raw: Raw, lease: Lease<Raw>) => T | PromiseLike<T>, options?: LeaseOptions): Promise<T> {
    return this.#current().#port.use(work, options);
  }

  lease(options?: LeaseOptions): Promise<Lease<Raw>> {
    return this.#current().#port.lease(options);
  }

  /** Runs the kind's check on the current instance; one that does not answer is replaced, and serves until then. */
  ping(options?: LeaseOptions): Promise<void> {
    const entry = this.#current();
    return entry.#port.use(async (raw, { signal, generation, config }) => {
      await entry.#resource.ping(raw, config, signal).catch((error: HotlineError) => {
        if (!signal.aborted && error.category === 'transient') entry.#lifecycle.renew('failed', generation);
        throw error;
      });
    }, options);
  }

  async reset(): Promise<void> {
    this.#current().#lifecycle.reset();
  }

  async cutLeases(generation?: number): Promise<void> {
    this.#current().#lifecycle.cut(generation);
  }

  renew(): void {
    this.#lifecycle.renew();
  }

  async config(): Promise<Config> {
    const { tracker } = this.#current();
    if (!tracker.target) tracker.resume(await this.#context.loads.first());
    const { target } = tracker;
    if (target && 'config' in target) return target.config;
    throw target?.error ?? closedError(this.name);
  }

  describe(): Description {
    const description = this.tracker.describe();
    return this.#pooled ? { ...description, pooler: true } : description;
  }

  get #pooled(): boolean {
    const { current } = this.#lifecycle.state;
    return current !== undefined && this.#resource.pool(current.raw)?.pooler === true;
  }

  secrets(also?: Config): Iterable<string> {
    return this.tracker.secrets(also);
  }

  warn(code: string, message: string): void {
    this.event({ type: 'warning', code, message: `"${this.name}": ${message}` });
  }

  conceal(secrets: readonly string[]): void {
    this.tracker.conceal(secrets);
  }

  look(): void {
    this.#context.look();
  }

  hasten(): boolean {
    return this.#lifecycle.hasten();
  }

  watchFile(path: string): Observable<FileContent> {
    return this.#context.watchFile(path);
  }

  shared<T>(key: symbol, make: () => T): T {
    return this.#context.shared(key, make);
  }

  /** Closes it if nobody uses it. */
  evict(): void {
    this.#lifecycle.evict();
  }

  close(): void {
    this.#lifecycle.close();
  }

  changed(state: State<Raw, Config>): void {
    if (this.#status.update(state)) this.#context.changed();
  }

  event(event: EntryEvent): void {
    // What the sources said last is refused, so they may have said it too late.
    if (event.type === 'instance.failed' && event.error.category === 'auth') this.#context.look();
    this.#context.event(this.identity, event);
  }

  left(): void {
    this.#keeper.release(this);
  }

  rested(): void {
    this.tracker.suspend();
    this.#lifecycle.forget();
  }

  #current(): Entry<Raw> {
    const entry = this.listed ? this : (this.#keeper.current(this) as Entry<Raw>);
    this.#keeper.touch(entry);
    if (!entry.tracker.target) entry.tracker.resume(this.#context.loads.latest());
    return entry;
  }
}
