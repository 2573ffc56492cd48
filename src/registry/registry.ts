import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import {
  asapScheduler,
  auditTime,
  concat,
  firstValueFrom,
  map,
  merge,
  NEVER,
  Observable,
  of,
  startWith,
  Subject,
  take,
  takeUntil,
  type SchedulerLike,
  type Subscription,
} from 'rxjs';
import { namedCredentials, type CredentialsOption } from '../credentials/index.ts';
import { after, holdingUntilFirst$, holdProcess$, milliseconds, upkeepScheduler } from '../duration/index.ts';
import { readable, type HotlineError } from '../errors/index.ts';
import { givenOptions } from '../known-options.ts';
import type { BaseConnection, ConnectionStats, ConnectionStatus } from '../kinds/base/index.ts';
import { LifecycleContext } from '../lifecycle/index.ts';
import { projectRoot } from '../packages/index.ts';
import { defaultPolicies, readPolicies, type PolicyOptions } from '../policy/index.ts';
import {
  secretsFeed,
  type SecretPath,
  type Secrets,
  type SecretsFeed,
  type SecretsOptions,
  type SourceStatus,
} from '../secrets/index.ts';
import { usableSignal } from '../signals.ts';
import { Entry } from './entry.ts';
import { EntryMap } from './entry-map.ts';
import { UnheardWarnings, type ConnectionEvent, type Warning } from './events.ts';
import { FinalFailure } from './final-failure.ts';
import { Kinds, type KindClass } from './kinds.ts';
import { awaitAbortable } from './lease-guard.ts';
import { Loads } from './loads.ts';
import { OpenChannel } from './open-channel.ts';
import { OpenRegistries } from './open-registries.ts';
import { nameMeant, providersOf, splitSignal, type ConnectionOptions } from './options.ts';
import type { RegistryContext } from './registry-context.ts';
import { entryNow } from './request.ts';
import { SecretValues } from './secret-values.ts';
import type {
  CloseOptions,
  ConnectionPromise,
  ConnectionRegistry,
  ConnectionStream,
  ListedConnection,
  SecretPromise,
  SecretStream,
} from './surface.ts';

/** The parts of a registry; each can be replaced. Policies given here are its defaults. */
export interface RegistryOptions
  extends PolicyOptions, Pick<SecretsOptions, 'sources' | 'environment' | 'exportToEnv' | 'watchFile'> {
  /** More short names for `type`. */
  readonly types?: Readonly<Record<string, KindClass>>;
  /** The folder at which module paths start. Default: the folder of the nearest package.json above the working directory. */
  readonly root?: string | undefined;
  /** The name of this process in a fleet: each name reacts at a moment of its own within `spread`. Default: host name and process id. */
  readonly instance?: string | undefined;
  /** Providers of credentials, by the names that sections give: `credentials = "pets"`. Default: none. */
  readonly credentials?: Readonly<Record<string, CredentialsOption<any>>> | undefined; // eslint-disable-line @typescript-eslint/no-explicit-any -- of any kind
  /** The clock and the timers of all upkeep. Default: real time, by timers that do not keep the process alive. */
  readonly scheduler?: SchedulerLike | undefined;
  /** @internal Values that the kinds of this registry share from the start, by key. */
  readonly shared?: Iterable<readonly [symbol, unknown]> | undefined;
  /** @internal Lets a reloaded class replace the one of the same name. */
  readonly reloads?: boolean | undefined;
}

/** Connections over a set of sources: makes the parts of a registry and puts them together. */
export class Registry implements ConnectionRegistry {
  readonly #context: RegistryContext;
  readonly #feed: SecretsFeed;
  readonly #entries: EntryMap;
  readonly #secretValues: SecretValues;
  readonly #fakes = new Map<string, object>();
  readonly #changes$ = new Subject<void>();
  readonly #event$ = new Subject<ConnectionEvent>();
  readonly #unheard = new UnheardWarnings();
  readonly #closed$ = new Subject<void>();
  readonly #graceEnded$ = new Subject<void>();
  #draining = false;
  readonly #sourceEvents: Subscription;
  readonly #open: OpenRegistries;
  #closing: Promise<void> | undefined;

  constructor(options: RegistryOptions) {
    const scheduler = options.scheduler ?? upkeepScheduler;
    const { root, instance = processName(), watchFile = () => of({ state: 'missing' } as const) } = options;
    const defaults = { ...defaultPolicies, ...readPolicies({ ...options }, 'code', 'createConnections: ') };
    const openings = new OpenChannel(() => scheduler.now());
    const shared = new Map(options.shared);
    shared.set(namedCredentials, providersOf(options.credentials));
    this.#feed = secretsFeed({ ...options, scheduler });
    this.#open = new OpenRegistries(options, (warning) => this.warn(warning));
    this.#sourceEvents = this.#feed.events$.subscribe((event) => this.#publish(event));
    this.#context = {
      lifecycle: new LifecycleContext(scheduler, Math.random, (id) => spreadOffset(instance, id)),
      kinds: new Kinds(options.types ?? {}, () => root ?? projectRoot(process.cwd())),
      defaults,
      loads: new Loads(this.#feed, defaults.openTimeout, scheduler, () => this.#open.enter()),
      watchFile,
      shared: <T>(key: symbol, make: () => T): T => {
        if (!shared.has(key)) shared.set(key, make());
        return shared.get(key) as T;
      },
      look: () => this.#feed.look(),
      changed: () => this.#changes$.next(),
      event: (identity, event) => {
        openings.take(identity, event);
        if (!this.#event$.observed && event.type !== 'warning') return;
        this.#publish({ at: scheduler.now(), id: identity.id, connection: identity.name, ...event });
      },
    };
    this.#secretValues = new SecretValues(this.#context.loads, scheduler, this.#closed$);
    this.#entries = new EntryMap(this.#context, options.reloads ?? false);
  }

  /** Publishes a warning about the registry itself. */
  warn(warning: Omit<Warning, 'type'>): void {
    this.#publish({ type: 'warning', at: this.#context.lifecycle.scheduler.now(), ...warning });
  }

  /** A warning that nobody listens to goes to the process. */
  #publish(event: ConnectionEvent): void {
    if (this.#event$.observed) this.#event$.next(event);
    else if (event.type === 'warning') this.#unheard.warn(event);
  }

  readonly connection$: ConnectionStream = (name: string, options?: object): Observable<never> => {
    const fake = this.#fakeOf(name);
    const found$ = fake
      ? concat(of(fake), NEVER).pipe(takeUntil(this.#closed$))
      : this.#lazily(() => this.#entries.request(name, options as ConnectionOptions | undefined).connection$);
    return found$ as Observable<never>;
  };

  readonly connection: ConnectionPromise = (name: string, options?: object): Promise<never> => {
    const fake = this.#fakeOf(name);
    return (
      fake ? Promise.resolve(fake) : this.#connect(name, options as ConnectionOptions | undefined)
    ) as Promise<never>;
  };

  async #connect(
    name: string,
    options?: ConnectionOptions & { readonly signal?: AbortSignal | undefined },
  ): Promise<BaseConnection<unknown>> {
    const { signal, asked } = readable(undefined, () => splitSignal(options));
    const request = this.#entries.request(name, asked);
    usableSignal(signal, name);
    const found = request.appears();
    const { scheduler } = this.#context.lifecycle;
    const entry = found instanceof Entry ? found : await awaitAbortable(found, name, signal, scheduler);
    await entry.ready(signal);
    return entry.handle;
  }

  #fakeOf(name: string): object | undefined {
    if (this.#fakes.size === 0 || typeof name !== 'string') return undefined;
    return this.#fakes.get(nameMeant(name) ?? name);
  }

  provide(name: string, fake: object | undefined): void {
    if (fake === undefined) this.#fakes.delete(name);
    else this.#fakes.set(name, fake);
  }

  readonly secret: SecretPromise = (path: SecretPath, options?: { readonly signal?: AbortSignal | undefined }) =>
    this.#secretValues.value(path, options) as Promise<never>;

  readonly secret$: SecretStream = (path: SecretPath) => this.#secretValues.stream$(path) as Observable<never>;

  get secrets$(): Observable<Secrets> {
    return holdingUntilFirst$(this.#feed.secrets$);
  }

  get sources$(): Observable<readonly SourceStatus[]> {
    return this.#feed.sources$;
  }

  get connections$(): Observable<readonly ListedConnection[]> {
    const listed = (entry: Entry): ListedConnection => {
      const { id, name, status, handle } = entry;
      return { id, name, kind: handle.kind, status, handle, stats: () => entry.stats() };
    };
    return this.#changes$.pipe(
      auditTime(0, asapScheduler),
      startWith(undefined),
      map(() => [...this.#entries.all].map(listed)),
      takeUntil(this.#closed$),
    );
  }

  /** The stream that `make` returns; an error that `make` throws becomes an error of the stream. */
  #lazily<T>(make: () => Observable<T>): Observable<T> {
    try {
      return make();
    } catch (error) {
      const failure = new FinalFailure(this.#context.loads.load$);
      const failed$ = new Observable<T>((subscriber) => {
        if (!failure.postpone(subscriber, () => void failed$.subscribe(subscriber)))
          failure.deliver(subscriber, error as HotlineError, true);
      });
      return failed$;
    }
  }

  status$(name: string, options?: ConnectionOptions): Observable<ConnectionStatus> {
    return this.#lazily(() => this.#entries.request(name, options).status$);
  }

  handle(id: string): BaseConnection<unknown> | undefined {
    for (const entry of this.#entries.all) if (entry.id === id) return entry.handle;
    return undefined;
  }

  stats(name: string, options?: ConnectionOptions): ConnectionStats {
    return entryNow(this.#entries.request(name, options))?.stats() ?? { leases: 0, subscribers: 0 };
  }

  get events$(): Observable<ConnectionEvent> {
    return this.#event$.asObservable();
  }

  async reload(): Promise<void> {
    this.#context.loads.latest();
    const hold = holdProcess$.subscribe();
    await this.#feed.reload().finally(() => hold.unsubscribe());
  }

  async close(options: CloseOptions = {}): Promise<void> {
    const given = givenOptions(options, ['grace', 'timeout'], 'close');
    const timeout = milliseconds(given.timeout ?? Infinity, 'timeout');
    const grace = milliseconds(given.grace ?? 0, 'grace');
    this.#draining = true;
    this.#open.leave();
    if (grace > 0 && !this.#closing) await this.#wait(grace);
    else this.#graceEnded$.next();
    return (this.#closing ??= this.#shutDown(timeout));
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** Waits until `grace` is over, or `close` is called again without one. */
  async #wait(grace: number): Promise<void> {
    const hold = holdProcess$.subscribe();
    const over$ = merge(after(grace, this.#context.lifecycle.scheduler), this.#graceEnded$);
    await firstValueFrom(over$.pipe(take(1)), { defaultValue: undefined });
    hold.unsubscribe();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #shutDown(timeout: number): Promise<void> {
    const { work, force$, scheduler } = this.#context.lifecycle;
    const hold = holdProcess$.subscribe();
    this.#entries.close();
    this.#closed$.next();
    this.#sourceEvents.unsubscribe();
    this.#context.loads.close();
    this.#feed.close();
    const forced$ = after(timeout, scheduler).pipe(map(() => force$.next()));
    await firstValueFrom(merge(work.empty$, forced$).pipe(take(1)));
    this.#event$.complete();
    hold.unsubscribe();
  }
}

/** The name of this process in a fleet, where `instance` gives none. */
export function processName(): string {
  return `${hostname()}:${process.pid}`;
}

/** The share of the `spread` window, from 0 to 1, of a connection of a process: always the same, and even over many of them. */
export function spreadOffset(instance: string, id: string): number {
  return createHash('sha256').update(`${instance.length}:${instance}${id}`, 'utf8').digest().readUInt32BE() / 2 ** 32;
}
