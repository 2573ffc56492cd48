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
} from 'rxjs';
import type { HotlineError } from '../errors/index.ts';
import type { Source } from '../sources/source.ts';
import type { FileContent } from '../sources/watch-file.ts';
import { assemble, type Assembly } from './assembly.ts';
import type { SecretsEvent, SourceStatus } from './event.ts';
import { exportToEnvironment } from './export-to-environment.ts';
import { type Layer, layer$ } from './layer.ts';
import { ReferencedFiles } from './referenced-files.ts';
import { Secrets } from './secrets.ts';
import { SourceBoard } from './source-board.ts';

export interface SecretsOptions {
  /** Later ones win, key by key. */
  readonly sources: readonly Source[];
  /**
   * Which `[env.NAME]` is laid over everything once all sources are merged: `'staging'`. Default: the variable
   * `HOTLINE_ENV`; without it, or when it is empty, none. One that no source knows is `unknown_environment`.
   */
  readonly environment?: string | undefined;
  /** The clock and the timers. */
  readonly scheduler: SchedulerLike;
  /** The variables that `${env:NAME}` and `HOTLINE_ENV` mean. Default: `process.env`. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /**
   * Whether top-level strings and numbers of local origin are put into the environment variables, for libraries that
   * look there. What is there already is never overwritten, and `close()` takes it all away. Default: `false`.
   */
  readonly exportToEnv?: boolean | undefined;
  /** Reads and watches a file that `${file:/path}` names. Default: none, so that such a value is `missing_reference`. */
  readonly watchFile?: ((path: string) => Observable<FileContent>) | undefined;
}

/** What the sources hold together, or, as long as there was nothing good yet, why not. */
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
  /** Looks again at every source that can; resolves when what was found is in `current()`. */
  reload(): Promise<void>;
  close(): void;
}

/** The sources outlive whoever happens to ask first, so they must not run in that caller's async context. */
const outsideOfAnyCall = AsyncLocalStorage.snapshot();

export function secretsFeed(options: SecretsOptions): SecretsFeed {
  return new Feed(options);
}

class Feed implements SecretsFeed {
  readonly #options: SecretsOptions;
  readonly #env: NodeJS.ProcessEnv;
  readonly #environment: string | undefined;
  readonly #labels: readonly string[];
  readonly #layers: (Layer | undefined)[];
  readonly #files: ReferencedFiles;
  readonly #board: SourceBoard;
  /** Never completed or errored by the sources; an error here is a mistake of ours. */
  readonly #loads = new Subject<Load>();
  readonly #assembled = new Subject<void>();
  /** Puts everything together once more: what a reference leads to may have changed. */
  readonly #wake = new Subject<void>();
  /** What was emptied is empty on purpose. */
  readonly #accepted = new Subject<void>();
  readonly #running = new Subscription();
  readonly #guards = new WeakMap<object, object>();
  #start: () => void;
  #assembly: Assembly | undefined;
  #load: Load | undefined;

  constructor(options: SecretsOptions) {
    this.#options = options;
    this.#env = options.env ?? process.env;
    this.#environment = (options.environment ?? this.#env['HOTLINE_ENV']) || undefined;
    this.#labels = options.sources.map((source, index) => labelOf(source) ?? `source ${index + 1}`);
    this.#layers = options.sources.map(() => undefined);
    this.#files = new ReferencedFiles(options.watchFile ?? (() => of({ state: 'missing' })));
    this.#board = new SourceBoard(this.#labels, () => options.scheduler.now());
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
    return this.#using(() => this.#board.statuses$);
  }

  get events$(): Observable<SecretsEvent> {
    return this.#board.events$;
  }

  current(): Secrets | undefined {
    this.#start();
    return this.#load?.state === 'loaded' ? this.#load.secrets : undefined;
  }

  async reload(): Promise<void> {
    this.#start();
    await Promise.allSettled(this.#options.sources.map(async (source) => source.look?.()));
    // A section that this found to be gone needs its second look before the secrets are what the sources say.
    const settled$ = this.#assembled.pipe(filter(() => !this.#layers.some((layer) => layer?.holds)));
    const settled = firstValueFrom(settled$, { defaultValue: undefined });
    this.#accepted.next();
    this.#files.accept();
    this.#wake.next();
    await settled;
  }

  close(): void {
    this.#start = () => undefined;
    this.#running.unsubscribe();
    this.#files.keep(new Set());
    this.#loads.complete();
    this.#assembled.complete();
    this.#board.close();
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
    const said = sources.map((source, index) =>
      layer$(source, this.#labels[index]!, scheduler, this.#accepted).pipe(
        tap((layer) => (this.#layers[index] = layer)),
      ),
    );
    // The first load is there as soon as every source has spoken; after that, what changes in one wake-up is one snapshot.
    const wakeUp$ = merge(of(undefined), this.#wake, this.#files.changes$, ...said).pipe(
      debounce(() => (this.#assembly ? scheduled([undefined], asapScheduler) : of(undefined))),
    );
    const assembled$ = wakeUp$.pipe(
      tap(() => this.#assemble()),
      ignoreElements(),
    );
    this.#running.add(assembled$.subscribe(this.#loads));
  }

  #assemble(): void {
    const parts = this.#layers.flatMap((layer, index) =>
      layer?.good ? [{ label: this.#labels[index]!, good: layer.good }] : [],
    );
    if (parts.length < this.#layers.length) return this.#waitForMore();
    const named = new Set<string>();
    const file = (path: string) => this.#files.read((named.add(path), path));
    const { assembly, problems } = assemble(parts, this.#environment, { env: this.#env, file }, this.#assembly);
    if (problems.length === 0) this.#files.keep(named);
    this.#board.tell(this.#layers, problems);
    if (assembly) this.#take(assembly);
    else this.#fail(problems.find(({ error }) => error)?.error);
    this.#assembled.next();
  }

  #waitForMore(): void {
    this.#board.tell(this.#layers, []);
    if (!this.#layers.includes(undefined)) this.#fail(this.#layers.find((layer) => !layer!.good)?.reading.error);
    this.#assembled.next();
  }

  #take(assembly: Assembly): void {
    const unchanged = assembly.tree === this.#assembly?.tree;
    if (assembly === this.#assembly) return;
    this.#assembly = assembly;
    const { tree, strata } = assembly;
    // Equal by value, but perhaps of another origin: newcomers get the new object, and nobody is told.
    this.#load = {
      state: 'loaded',
      secrets: new Secrets({ tree, strata, sources: this.#labels, guards: this.#guards }),
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

/** A source of somebody may call itself anything. */
function labelOf(source: Source): string | undefined {
  try {
    const label: unknown = source.label;
    return typeof label === 'string' && label !== '' ? label : undefined;
  } catch {
    return undefined;
  }
}
