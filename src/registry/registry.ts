import {
  asapScheduler,
  auditTime,
  concat,
  firstValueFrom,
  map,
  merge,
  NEVER,
  Observable,
  ReplaySubject,
  of,
  startWith,
  Subject,
  Subscription,
  take,
  takeUntil,
  throwError,
  type SchedulerLike,
} from 'rxjs';
import {
  after,
  holdingUntilFirst$,
  holdProcess$,
  milliseconds,
  upkeepScheduler,
  type Duration,
} from '../duration/index.ts';
import { readable } from '../errors/index.ts';
import { usableSignal } from '../signals.ts';
import type { BaseConnection, ConnectionStatus } from '../kinds/base/index.ts';
import { LifecycleContext } from '../lifecycle/index.ts';
import { defaultPolicies, readPolicies, type PolicyOptions } from '../policy/index.ts';
import {
  secretsFeed,
  type Load,
  type Secrets,
  type SecretsFeed,
  type SecretsOptions,
  type SourceStatus,
} from '../secrets/index.ts';
import { nameMeant } from './connection-name.ts';
import { Directory } from './directory.ts';
import type { Entry } from './entry.ts';
import type { ConnectionEvent } from './event.ts';
import type { KindClass } from './kind.ts';
import { projectRoot } from './module-kind.ts';
import { OpenChannel } from './open-channel.ts';
import { splitSignal, type ConnectionOptions } from './options.ts';
import { patiently } from './patiently.ts';
import { placeOf, processName } from './place.ts';
import { entryNow } from './request.ts';
import { Kinds } from './resolve-kind.ts';
import { silence$ } from './silence.ts';
import type { ConnectionStats } from './stats.ts';
import type { ConnectionPromise, ConnectionRegistry, ConnectionStream, ListedConnection } from './surface.ts';

/** What a registry is made of; every part can be replaced. Policies given here are its defaults. */
export interface RegistryOptions
  extends PolicyOptions, Pick<SecretsOptions, 'sources' | 'environment' | 'exportToEnv' | 'watchFile'> {
  /** More short names for `type`. */
  readonly types?: Readonly<Record<string, KindClass>>;
  /** Where module paths start. Default: the folder of the nearest package.json above the working directory. */
  readonly root?: string | undefined;
  /** Who this process is among those of a fleet, so that each has a place of its own in `spread`. Default: host name and process id. */
  readonly instance?: string | undefined;
  /** The clock and the timers of all upkeep. Default: real time, by timers that do not keep the process alive. */
  readonly scheduler?: SchedulerLike | undefined;
  /** @internal What the kinds of this registry share from the start, by the key they ask for. */
  readonly shared?: Iterable<readonly [symbol, unknown]> | undefined;
  /** @internal Whether a reloaded class replaces the one of the same name. */
  readonly reloads?: boolean | undefined;
}

/** Connections over a set of sources: the registry's parts, put together. */
export class Registry implements ConnectionRegistry {
  readonly #host: LifecycleContext;
  readonly #feed: SecretsFeed;
  readonly #directory: Directory;
  readonly #fakes = new Map<string, object>();
  readonly #changes$ = new Subject<void>();
  readonly #event$ = new Subject<ConnectionEvent>();
  readonly #closed$ = new Subject<void>();
  readonly #loads$ = new ReplaySubject<Load>(1);
  readonly #sources = new Subscription();
  #load: Load | undefined;
  #started = false;
  #closing: Promise<void> | undefined;

  constructor(options: RegistryOptions) {
    const scheduler = options.scheduler ?? upkeepScheduler;
    const { root, instance = processName() } = options;
    const openings = new OpenChannel(() => scheduler.now());
    this.#host = new LifecycleContext(scheduler, Math.random, (id) => placeOf(instance, id));
    this.#feed = secretsFeed({ ...options, scheduler });
    this.#sources.add(this.#feed.events$.subscribe((event) => this.#event$.next(event)));
    this.#directory = new Directory({
      host: this.#host,
      kinds: new Kinds(options.types ?? {}, () => root ?? projectRoot(process.cwd())),
      defaults: { ...defaultPolicies, ...readPolicies({ ...options }, 'code', 'createConnections: ') },
      shared: options.shared ?? [],
      reloads: options.reloads ?? false,
      load: () => this.#start(),
      loaded: () => this.#loaded(),
      watchFile: options.watchFile ?? (() => of({ state: 'missing' })),
      changed: () => this.#changes$.next(),
      event: (entry, event) => {
        openings.take(entry, event);
        if (!this.#event$.observed) return;
        this.#event$.next({ at: scheduler.now(), id: entry.id, connection: entry.name, ...event });
      },
    });
  }

  readonly connection$: ConnectionStream = (name: string, options?: ConnectionOptions): Observable<never> => {
    const fake = this.#fakeOf(name);
    const found$ = fake
      ? concat(of(fake), NEVER).pipe(takeUntil(this.#closed$))
      : lazily(() => this.#directory.request(name, options).connection$);
    return found$ as Observable<never>;
  };

  readonly connection: ConnectionPromise = (
    name: string,
    options?: ConnectionOptions & { readonly signal?: AbortSignal | undefined },
  ): Promise<never> => {
    const fake = this.#fakeOf(name);
    return (fake ? Promise.resolve(fake) : this.#connect(name, options)) as Promise<never>;
  };

  async #connect(
    name: string,
    options?: ConnectionOptions & { readonly signal?: AbortSignal | undefined },
  ): Promise<BaseConnection<unknown>> {
    const { signal, asked } = readable(undefined, () => splitSignal(options));
    const request = this.#directory.request(name, asked);
    usableSignal(signal, name);
    const found = request.resolve();
    const { scheduler } = this.#host;
    const entry = found instanceof Promise ? await patiently(found, name, signal, scheduler) : found;
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

  get secrets$(): Observable<Secrets> {
    return holdingUntilFirst$(this.#feed.secrets$);
  }

  get sources$(): Observable<readonly SourceStatus[]> {
    return this.#feed.sources$;
  }

  get connections$(): Observable<readonly ListedConnection[]> {
    const listed = (entry: Entry): ListedConnection => {
      const { id, name, status, handle } = entry;
      return { id, name, kind: handle.kind, status, handle, stats: () => entry.stats };
    };
    return this.#changes$.pipe(
      auditTime(0, asapScheduler),
      startWith(undefined),
      map(() => [...this.#directory.entries].map(listed)),
      takeUntil(this.#closed$),
    );
  }

  status$(name: string, options?: ConnectionOptions): Observable<ConnectionStatus> {
    return lazily(() => this.#directory.request(name, options).status$);
  }

  handle(id: string): BaseConnection<unknown> | undefined {
    for (const entry of this.#directory.entries) if (entry.id === id) return entry.handle;
    return undefined;
  }

  stats(name: string, options?: ConnectionOptions): ConnectionStats {
    return entryNow(this.#directory.request(name, options))?.stats ?? { leases: 0, subscribers: 0 };
  }

  get events$(): Observable<ConnectionEvent> {
    return this.#event$.asObservable();
  }

  async reload(): Promise<void> {
    this.#start();
    const hold = holdProcess$.subscribe();
    await this.#feed.reload().finally(() => hold.unsubscribe());
  }

  async close(options: { readonly timeout?: Duration } = {}): Promise<void> {
    const timeout = readable(undefined, () => milliseconds(options.timeout ?? Infinity, 'timeout'));
    return (this.#closing ??= this.#shutDown(timeout));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #shutDown(timeout: number): Promise<void> {
    const { work, force$, scheduler } = this.#host;
    const hold = holdProcess$.subscribe();
    this.#directory.close();
    this.#closed$.next();
    this.#sources.unsubscribe();
    this.#feed.close();
    const forced$ = after(timeout, scheduler).pipe(map(() => force$.next()));
    await firstValueFrom(merge(work.empty$, forced$).pipe(take(1)));
    this.#event$.complete();
    hold.unsubscribe();
  }

  /** Sources are listened to from the first use on. */
  #start(): Load | undefined {
    if (this.#started) return this.#load;
    this.#started = true;
    const { scheduler } = this.#host;
    const { openTimeout } = this.#directory.defaults;
    this.#sources.add(
      merge(this.#feed.load$, silence$(this.#feed, openTimeout, scheduler)).subscribe((load) => {
        this.#load = load;
        this.#directory.take(load);
        this.#loads$.next(load);
      }),
    );
    return this.#load;
  }

  async #loaded(): Promise<Load | undefined> {
    this.#start();
    if (!this.#closing) await firstValueFrom(merge(this.#loads$, this.#closed$), { defaultValue: undefined });
    return this.#load;
  }
}

/** What cannot be asked for is an error of the stream, not of the call that makes it. */
function lazily<T>(make: () => Observable<T>): Observable<T> {
  try {
    return make();
  } catch (error) {
    return throwError(() => error);
  }
}
