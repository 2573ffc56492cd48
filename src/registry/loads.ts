import { firstValueFrom, map, merge, Subject, Subscription, takeUntil, withLatestFrom } from 'rxjs';
import type { Observable, SchedulerLike } from 'rxjs';
import { after } from '../duration/index.ts';
import { SourceError } from '../errors/index.ts';
import type { Load, Secrets, SecretsFeed, Written } from '../secrets/index.ts';

/** The feed, as far as its loads go. */
type LoadingFeed = Pick<SecretsFeed, 'load$' | 'sources$'>;

/** The loads of a registry: the latest one, and each that follows. The first read subscribes to the sources. */
export class Loads {
  readonly #feed: LoadingFeed;
  readonly #timeout: number;
  readonly #scheduler: SchedulerLike;
  readonly #onStart: () => void;
  readonly #load$ = new Subject<Load>();
  readonly #subscription = new Subscription();
  #started = false;
  #latest: Load | undefined;
  #count = 0;

  /** `timeout`: milliseconds after which sources that emit nothing are a failed load. `onStart` is called before the first read. */
  constructor(feed: LoadingFeed, timeout: number, scheduler: SchedulerLike, onStart: () => void = () => undefined) {
    this.#onStart = onStart;
    this.#feed = feed;
    this.#timeout = timeout;
    this.#scheduler = scheduler;
  }

  /** Emits each load from now on; starts nothing. */
  get load$(): Observable<Load> {
    return this.#load$;
  }

  /** The number of loads so far. */
  get count(): number {
    return this.#count;
  }

  /** The latest load; `undefined` before the first one. */
  latest(): Load | undefined {
    if (!this.#started) this.#start();
    return this.#latest;
  }

  /** The latest load, as soon as there is one; `undefined` when the registry is closed before. */
  async first(): Promise<Load | undefined> {
    return this.latest() ?? firstValueFrom(this.#load$, { defaultValue: undefined });
  }

  /** The section of a connection. */
  section(name: string): ReturnType<Secrets['section']> {
    const load = this.latest();
    return load?.state === 'loaded' ? load.secrets.section(name) : undefined;
  }

  /** The `type` in the section of a connection. */
  type(name: string): Written | undefined {
    const load = this.latest();
    if (load?.state !== 'loaded') return undefined;
    const { secrets } = load;
    const path = ['connections', name, 'type'];
    if (!secrets.has(path)) return undefined;
    return { value: secrets.get(path), trust: secrets.trust(path), origin: secrets.origin(path) ?? 'secrets' };
  }

  close(): void {
    this.#subscription.unsubscribe();
    this.#load$.complete();
  }

  #start(): void {
    this.#started = true;
    this.#onStart();
    const load$ = merge(this.#feed.load$, sourceTimeout$(this.#feed, this.#timeout, this.#scheduler));
    this.#subscription.add(
      load$.subscribe((load) => {
        this.#latest = load;
        this.#count++;
        this.#load$.next(load);
      }),
    );
  }
}

/** Emits a failed load when a feed has emitted nothing for `timeout` milliseconds, so that nobody waits for it without end. */
function sourceTimeout$({ load$, sources$ }: LoadingFeed, timeout: number, scheduler: SchedulerLike): Observable<Load> {
  return after(timeout, scheduler).pipe(
    withLatestFrom(sources$),
    map(([, sources]) => {
      const silent = sources.filter(({ state }) => state === 'waiting').map(({ label }) => label);
      const error = new SourceError(
        'source_silent',
        `${silent.join(', ')} said nothing within ${timeout} ms (openTimeout). hotline goes on when it does.`,
      );
      return { state: 'failed', error } as const;
    }),
    takeUntil(load$),
  );
}
