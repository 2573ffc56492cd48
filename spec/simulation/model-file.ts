import { Subject, type SchedulerLike } from 'rxjs';
import { SourceError } from '../../src/errors/index.ts';
import { decodeText, parseToml } from '../../src/sources/parse-secrets.ts';
import { asSource, failedState, type Source, type SourceState } from '../../src/sources/source.ts';

/** How long a file that is written in place has to rest before it is read, as `settle` of a file has it. */
export const settle = 60;

/** A file that has no disk: its bytes are read by the real parser, at the moments at which a watcher would read them. */
export class ModelFile {
  readonly source: Source;
  readonly #scheduler: SchedulerLike;
  readonly #path: string;
  readonly #state$ = new Subject<SourceState>();
  #bytes: Uint8Array | undefined;
  #reading: { unsubscribe(): void } | undefined;

  constructor(scheduler: SchedulerLike, path: string, text: string) {
    this.#scheduler = scheduler;
    this.#path = path;
    this.#bytes = Buffer.from(text);
    const states$ = new Subject<SourceState>();
    this.#state$ = states$;
    this.source = asSource(states$, { label: path, look: async () => this.#read() });
  }

  /** The first read, once somebody has subscribed. */
  start(): void {
    this.#read();
  }

  /** A file that is renamed into place is read at once. */
  rename(text: string | undefined): void {
    this.#bytes = text === undefined ? undefined : Buffer.from(text);
    this.#reading?.unsubscribe();
    this.#read();
  }

  /** A file that is written in place is read when it has rested. */
  write(bytes: Uint8Array | string): void {
    this.#bytes = Buffer.from(bytes);
    this.#reading?.unsubscribe();
    this.#reading = this.#scheduler.schedule(() => this.#read(), settle);
  }

  #read(): void {
    this.#state$.next(this.#found());
  }

  #found(): SourceState {
    const path = this.#path;
    if (!this.#bytes)
      return { state: 'missing', trust: 'local', error: new SourceError('source_missing', `${path} is not there.`) };
    try {
      return { state: 'loaded', trust: 'local', secrets: parseToml(decodeText(this.#bytes, path), path) };
    } catch (error) {
      return failedState(path, error);
    }
  }
}
