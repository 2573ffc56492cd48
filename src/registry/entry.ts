import type { StandardSchemaV1 } from '@standard-schema/spec';
import { Observable, type SchedulerLike, type Subscriber } from 'rxjs';
import { holdProcess$ } from '../duration/index.ts';
import type { HotlineError } from '../errors/index.ts';
import type { BaseConnection, ConnectionStatus, Lease, LeaseOptions, Leases } from '../kinds/base/index.ts';
import {
  Lifecycle,
  type LifecycleContext,
  type Instance,
  type Listener,
  type State,
  type Target,
} from '../lifecycle/index.ts';
import type { Policies } from '../policy/index.ts';
import type { Config, Description, FileContent, Load, Written } from '../secrets/index.ts';
import type { EntryEvent } from './event.ts';
import { hooksOf, KindResource } from './hooks.ts';
import type { Identity } from './identity.ts';
import type { KindClass } from './kind.ts';
import { closedError, LeasePort } from './lease-port.ts';
import { statsOf, type ConnectionStats } from './stats.ts';
import { StatusBoard } from './status.ts';
import { Targeting } from './targeting.ts';

/** What an entry asks of its registry. */
export interface Realm extends Pick<Leases<unknown>, 'shared' | 'watchFile'> {
  readonly host: LifecycleContext;
  readonly defaults: Policies;
  /** What the sources hold now; `undefined` before they have said anything. The first call starts them. */
  load(): Load | undefined;
  /** The same, as soon as they have. */
  loaded(): Promise<Load | undefined>;
  /** The class that a name has without anybody saying one; at once where it is known. Throws when it has none. */
  kindOf(name: string, type: Written | undefined): KindClass | Promise<KindClass>;
  /** The entry that stands for this identity now: a forgotten one comes back, unless another took its place. */
  live(entry: Entry): Entry;
  /** The entry was asked for. */
  touched(entry: Entry): void;
  /** Nobody uses the entry any more. */
  left(entry: Entry): void;
  changed(): void;
  event(entry: Entry, event: EntryEvent): void;
}

/** One identity in a registry: its handle, its lifecycle, and the port between them. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- entries of all kinds live in one map
export class Entry<Raw = any> implements Leases<Raw>, Listener<Raw, Config> {
  readonly identity: Identity;
  readonly handle: BaseConnection<Raw>;
  /** Whether nobody said the class: it follows the section. */
  inferred: boolean;
  /** Whether the registry knows it; a forgotten one comes back when its handle is used. */
  listed = false;
  /** The requests that lead here, forgotten with it. */
  requests: readonly string[] = [];
  readonly targeting: Targeting;
  readonly #realm: Realm;
  readonly #resource: KindResource<Raw>;
  readonly #lifecycle: Lifecycle<Raw, Config>;
  readonly #port: LeasePort<Raw>;
  readonly #board: StatusBoard;

  constructor(identity: Identity, realm: Realm, inferred: boolean) {
    this.identity = identity;
    this.inferred = inferred;
    this.#realm = realm;
    this.handle = new identity.Kind(this) as BaseConnection<Raw>;
    this.#resource = new KindResource(hooksOf(this.handle), this);
    this.targeting = new Targeting(this, realm.defaults);
    this.#lifecycle = new Lifecycle(this.#resource, realm.host, this);
    this.#port = new LeasePort(this.#lifecycle, this);
    this.#board = new StatusBoard(identity, realm.host.scheduler);
  }

  get id(): string {
    return this.identity.id;
  }

  get name(): string {
    return this.identity.name;
  }

  get overlap(): boolean {
    return this.identity.Kind.overlap;
  }

  get schema(): StandardSchemaV1 | undefined {
    return this.identity.Kind.schema;
  }

  get scheduler(): SchedulerLike {
    return this.#realm.host.scheduler;
  }

  get status(): ConnectionStatus {
    return this.#board.status;
  }

  get status$(): Observable<ConnectionStatus> {
    return this.#board.status$;
  }

  get inUse(): boolean {
    return this.#lifecycle.inUse;
  }

  get serves(): boolean {
    return this.#lifecycle.state.current !== undefined;
  }

  get stats(): ConnectionStats {
    return statsOf(this.#lifecycle, this.#resource);
  }

  get instance$(): Observable<number> {
    return new Observable((subscriber) => this.attach(subscriber, ({ generation }) => generation));
  }

  /** Adds a subscriber, and sends it `project` of each instance that serves. */
  attach<T>(subscriber: Subscriber<T>, project: (instance: Instance<Raw, Config>) => T): void {
    const entry = this.#live();
    if (entry !== this) return entry.attach(subscriber, project);
    const { current, closed } = this.#lifecycle.state;
    if (closed) return subscriber.error(closedError(this.name));
    let served: number | undefined;
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
        else if (served === undefined && !this.targeting.patient) subscriber.error(outcome.error);
      }),
    );
    if (current && this.#lifecycle.state.current === current) serve(current);
  }

  /** Resolves when an instance serves. */
  ready(signal?: AbortSignal): Promise<void> {
    return this.#live().#port.ready(signal);
  }

  use<T>(work: (raw: Raw, lease: Lease<Raw>) => T | PromiseLike<T>, options?: LeaseOptions): Promise<T> {
    return this.#live().#port.use(work, options);
  }

  lease(options?: LeaseOptions): Promise<Lease<Raw>> {
    return this.#live().#port.lease(options);
  }

  /** What does not answer is replaced, where that may help; it serves until the new one does. */
  ping(options?: LeaseOptions): Promise<void> {
    const entry = this.#live();
    return entry.#port.use(async (raw, { signal, generation, config }) => {
      await entry.#resource.ping(raw, config, signal).catch((error: HotlineError) => {
        if (!signal.aborted && error.category === 'transient') entry.#lifecycle.renew('failed', generation);
        throw error;
      });
    }, options);
  }

  async reset(): Promise<void> {
    this.#live().#lifecycle.reset();
  }

  renew(): void {
    this.#lifecycle.renew();
  }

  async config(): Promise<Config> {
    const { targeting } = this.#live();
    if (!targeting.target) targeting.wake(await this.#realm.loaded());
    const { target } = targeting;
    if (target && 'config' in target) return target.config;
    throw target?.error ?? closedError(this.name);
  }

  describe(): Description {
    return this.targeting.describe(this.#realm.load(), this.handle.kind);
  }

  secrets(also?: Config): Iterable<string> {
    return this.targeting.secrets(also);
  }

  warn(code: string, message: string): void {
    this.event({ type: 'warning', code, message: `"${this.name}": ${message}` });
  }

  watchFile(path: string): Observable<FileContent> {
    return this.#realm.watchFile(path);
  }

  shared<T>(key: symbol, make: () => T): T {
    return this.#realm.shared(key, make);
  }

  /** Closes it if nobody uses it. */
  evict(): void {
    this.#lifecycle.evict();
  }

  close(): void {
    this.#lifecycle.close();
  }

  changed(state: State<Raw, Config>): void {
    if (this.#board.take(state)) this.#realm.changed();
  }

  aim(target: Target<Config>): void {
    this.#lifecycle.setTarget(target);
  }

  /** A class that nobody said follows the section. */
  kindNow(type: Written | undefined): KindClass | Promise<KindClass> | undefined {
    return this.inferred ? this.#realm.kindOf(this.name, type) : undefined;
  }

  again(): void {
    const load = this.#realm.load();
    if (load) this.targeting.take(load);
  }

  event(event: EntryEvent): void {
    this.#realm.event(this, event);
  }

  left(): void {
    this.#realm.left(this);
  }

  rested(): void {
    this.targeting.rest();
    this.#lifecycle.forget();
  }

  #live(): Entry<Raw> {
    const entry = this.listed ? this : (this.#realm.live(this) as Entry<Raw>);
    this.#realm.touched(entry);
    if (!entry.targeting.target) entry.targeting.wake(this.#realm.load());
    return entry;
  }
}
