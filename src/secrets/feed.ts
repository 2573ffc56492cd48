import { AsyncLocalStorage } from 'node:async_hooks';
import {
  asapScheduler,
  debounce,
  defer,
  filter,
  firstValueFrom,
  ignoreElements,
  map,
  merge,
  type Observable,
  of,
  scheduled,
  type SchedulerLike,
  startWith,
  Subject,
  Subscription,
  tap,
  timer,
} from 'rxjs';
import type { HotlineError } from '../errors/index.ts';
import type { Source } from '../sources/source.ts';
import type { FileContent } from '../sources/watch-file.ts';
import { assemble, type Assembly } from './assembly.ts';
import { SourceStatuses, type SecretsEvent, type SourceStatus } from './source-statuses.ts';
import { exportToEnvironment } from './export-to-environment.ts';
import { longestLook, settledSource$, type SettledSource } from './settled-source.ts';
import { ReferencedFiles } from './referenced-files.ts';
import { Secrets } from './secrets.ts';

export interface SecretsOptions {
  /** Later ones win, key by key. */
  readonly sources: readonly Source[];
  /**
   * The `[env.NAME]` that is merged over everything else: `'staging'`. Default: the variable
   * `HOTLINE_ENV`; without it, or when it is empty, none. One that no source knows is `unknown_environment`.
   */
  readonly environment?: string | undefined;
  /** The clock and the timers. */
  readonly scheduler: SchedulerLike;
  /** The variables that `${env:NAME}` and `HOTLINE_ENV` mean. Default: `process.env`. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /**
   * Puts top-level strings and numbers of local origin into the environment variables, for libraries that
   * look there. A variable that is there already is never overwritten, and `close()` removes all of ours. Default: `false`.
   */
  readonly exportToEnv?: boolean | undefined;
  /** Reads and watches a file that `${file:/path}` names. Default: none, so that such a value is `missing_reference`. */
  readonly watchFile?: ((path: string) => Observable<FileContent>) | undefined;
}

/** The merged secrets; before the first good snapshot, the reason why there is none. */
export type Load =
  { readonly state: 'loaded'; readonly secrets: Secrets } | { readonly state: 'failed'; readonly error: HotlineError };

/** All sources as one stream of snapshots. The sources are subscribed to at first use, until `close()`. */
export interface SecretsFeed {
  /** Replayed. `failed` comes only before the first good snapshot. */
  readonly load$: Observable<Load>;
  /** Replayed; good snapshots only, one per change by value. */
  readonly secrets$: Observable<Secrets>;
  readonly sources$: Observable<readonly SourceStatus[]>;
  /** Hot. Listening does not start anything. */
  readonly events$: Observable<SecretsEvent>;
  /** The snapshot of this moment. */
  current(): Secrets | undefined;
  /** Reads every source again that can be; resolves when the result is in `current()`. */
  reload(): Promise<void>;
  /** Has every source read again that can be; one round at a time. */
  look(): void;
  close(): void;
}

/** Runs a function outside of every call: sources outlive the first caller and must not run in its async context. */
const outsideOfAnyCall = AsyncLocalStorage.snapshot();

export function secretsFeed(options: SecretsOptions): SecretsFeed {
  return new Feed(options);
}

class Feed implements SecretsFeed {
  readonly #options: SecretsOptions;
  readonly #env: NodeJS.ProcessEnv;
  readonly #environment: string | undefined;
  readonly #labels: readonly string[];
  readonly #sources: (SettledSource | undefined)[];
  readonly #files: ReferencedFiles;
  readonly #statuses: SourceStatuses;
  /** Never completed or errored by the sources; an error here is a mistake of ours. */
  readonly #loads = new Subject<Load>();
  readonly #assembled = new Subject<void>();
  /** Emits when everything is to be merged once more: the target of a reference may have changed. */
  readonly #wake = new Subject<void>();
  /** Emits when a source that became empty is empty on purpose. */
  readonly #accepted = new Subject<void>();
  readonly #running = new Subscription();
  readonly #copies = new WeakMap<object, object>();
  #start: () => void;
  #looking = false;
  #assembly: Assembly | undefined;
  #load: Load | undefined;

  constructor(options: SecretsOptions) {
    this.#options = options;
    this.#env = options.env ?? process.env;
    this.#environment = (options.environment ?? this.#env['HOTLINE_ENV']) || undefined;
    this.#labels = options.sources.map((source, index) => labelOf(source) ?? `source ${index + 1}`);
    this.#sources = options.sources.map(() => undefined);
    this.#files = new ReferencedFiles(options.watchFile ?? (() => of({ state: 'missing' })));
    this.#statuses = new SourceStatuses(this.#labels, () => options.scheduler.now());
    this.#start = () => outsideOfAnyCall(() => this.#run());
  }

  get load$(): Observable<Load> {
    return this.#using(() => (this.#load ? this.#loads.pipe(startWith(this.#load)) : this.#loads));
  }

  get secrets$(): Observable<Secrets> {
    return this.load$.pipe(
      filter((load) => load.state === 'loaded'),
      map(({ secrets }) => secrets),
    );
  }

  get sources$(): Observable<readonly SourceStatus[]> {
    return this.#using(() => this.#statuses.statuses$);
  }

  get events$(): Observable<SecretsEvent> {
    return this.#statuses.events$;
  }

  current(): Secrets | undefined {
    this.#start();
    return this.#load?.state === 'loaded' ? this.#load.secrets : undefined;
  }

  async reload(): Promise<void> {
    this.#start();
    // A source that never answers does not keep the others from being merged.
    const looked = Promise.allSettled(this.#options.sources.map(async (source) => source.look?.()));
    await firstValueFrom(merge(looked, timer(longestLook, this.#options.scheduler)));
    // A section that is gone is confirmed by a second read before the snapshot is complete.
    const settled$ = this.#assembled.pipe(filter(() => !this.#sources.some((source) => source?.holds)));
    const settled = firstValueFrom(settled$, { defaultValue: undefined });
    this.#accepted.next();
    this.#files.accept();
    this.#wake.next();
    await settled;
  }

  look(): void {
    if (this.#looking) return;
    this.#looking = true;
    this.#start();
    const looks = this.#options.sources.map(async (source) => outsideOfAnyCall(async () => source.look?.()));
    void Promise.allSettled(looks).then(() => (this.#looking = false));
  }

  close(): void {
    this.#start = () => undefined;
    this.#running.unsubscribe();
    this.#files.keep(new Set());
    this.#loads.complete();
    this.#assembled.complete();
    this.#statuses.close();
  }

  #using<T>(values: () => Observable<T>): Observable<T> {
    return defer(() => {
      this.#start();
      return values();
    });
  }

  #run(): void {
    this.#start = () => undefined;
    const { sources, scheduler, exportToEnv } = this.#options;
    if (exportToEnv) this.#running.add(exportToEnvironment(this.secrets$, this.#env).subscribe());
    const settled = sources.map((source, index) =>
      settledSource$(source, this.#labels[index]!, scheduler, this.#accepted).pipe(
        tap((now) => (this.#sources[index] = now)),
      ),
    );
    // The first load comes as soon as every source has emitted; after that, the changes of one wake-up are one snapshot.
    const wakeUp$ = merge(of(undefined), this.#wake, this.#files.changes$, ...settled).pipe(
      debounce(() => (this.#assembly ? scheduled([undefined], asapScheduler) : of(undefined))),
    );
    const assembled$ = wakeUp$.pipe(
      tap(() => this.#assemble()),
      ignoreElements(),
    );
    this.#running.add(assembled$.subscribe(this.#loads));
  }

  #assemble(): void {
    const parts = this.#sources.flatMap((source, index) =>
      source?.good ? [{ label: this.#labels[index]!, good: source.good }] : [],
    );
    if (parts.length < this.#sources.length) return this.#waitForMore();
    const wanted = new Set<string>();
    const file = (path: string) => this.#files.read((wanted.add(path), path));
    const {
      assembly,
      problems,
      warnings = [],
    } = assemble(parts, this.#environment, { env: this.#env, file }, this.#assembly);
    if (problems.length === 0) this.#files.keep(wanted);
    this.#statuses.update(this.#sources, problems, warnings);
    if (assembly) this.#take(assembly);
    else this.#fail(problems.find(({ error }) => error)?.error);
    this.#assembled.next();
  }

  #waitForMore(): void {
    this.#statuses.update(this.#sources, []);
    if (!this.#sources.includes(undefined)) this.#fail(this.#sources.find((source) => !source!.good)?.reading.error);
    this.#assembled.next();
  }

  #take(assembly: Assembly): void {
    const unchanged = assembly.tree === this.#assembly?.tree;
    if (assembly === this.#assembly) return;
    this.#assembly = assembly;
    const { tree, layers } = assembly;
    // Equal by value, but perhaps of another origin: later callers get the new object, and nothing is emitted.
    this.#load = {
      state: 'loaded',
      secrets: new Secrets({ tree, layers, sources: this.#labels, copies: this.#copies }),
    };
    if (!unchanged) this.#loads.next(this.#load);
  }

  #fail(error: HotlineError | undefined): void {
    const last = this.#load?.state === 'failed' ? this.#load.error : undefined;
    if (!error || (last?.code === error.code && last.message === error.message)) return;
    this.#load = { state: 'failed', error };
    this.#loads.next(this.#load);
  }
}

/** The label of a source, if it is a text: a source of a user may have anything there. */
function labelOf(source: Source): string | undefined {
  try {
    const label: unknown = source.label;
    return typeof label === 'string' && label !== '' ? label : undefined;
  } catch {
    return undefined;
  }
}
