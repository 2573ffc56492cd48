import { defer, type Observable, Subject, Subscription } from 'rxjs';
import type { FileContent } from '../sources/watch-file.ts';

/** The last content of a file that a value refers to, and the reason why it cannot be read now. */
export interface KnownFile {
  readonly text?: string | undefined;
  readonly gone?: Exclude<FileContent['state'], 'loaded'> | 'emptied' | undefined;
}

/** The files that values refer to, each watched for as long as one does. */
export class ReferencedFiles {
  readonly #watch: (path: string) => Observable<FileContent>;
  readonly #watched = new Map<string, Subscription>();
  readonly #known = new Map<string, KnownFile>();
  readonly #changes = new Subject<void>();

  constructor(watch: (path: string) => Observable<FileContent>) {
    this.#watch = watch;
  }

  /** Emits when the content or the state of one of the files has changed. */
  get changes$(): Observable<void> {
    return this.#changes.asObservable();
  }

  /** The content of a file; `undefined` while it is read for the first time. Starts watching it. */
  read(path: string): KnownFile | undefined {
    if (!this.#watched.has(path)) this.#start(path);
    return this.#known.get(path);
  }

  /** Stops watching all but these. */
  keep(paths: ReadonlySet<string>): void {
    for (const [path, subscription] of this.#watched) {
      if (paths.has(path)) continue;
      subscription.unsubscribe();
      this.#watched.delete(path);
      this.#known.delete(path);
    }
  }

  /** Takes empty files as empty on purpose. */
  accept(): void {
    for (const [path, { gone }] of this.#known) if (gone === 'emptied') this.#known.set(path, { text: '' });
  }

  #start(path: string): void {
    const subscription = new Subscription();
    this.#watched.set(path, subscription);
    // `read` returns the content that is found at once; only later content is a change.
    let reading = true;
    const found = (content: FileContent): void => {
      const changed = this.#found(path, content);
      if (changed && !reading) this.#changes.next();
    };
    const content$ = defer(() => this.#watch(path));
    subscription.add(content$.subscribe({ next: found, error: () => found({ state: 'missing' }) }));
    reading = false;
  }

  #found(path: string, content: FileContent): boolean {
    const before = this.#known.get(path);
    const now = known(content, before);
    this.#known.set(path, now);
    return before?.text !== now.text || before?.gone !== now.gone;
  }
}

/** A file that held something and is empty now is a bad save: its last text stays in use. */
function known(content: FileContent, before: KnownFile | undefined): KnownFile {
  if (content.state !== 'loaded') return { text: before?.text, gone: content.state };
  const emptied = isBlank(content.text) && before?.text !== undefined && !isBlank(before.text);
  return emptied ? { text: before.text, gone: 'emptied' } : { text: content.text };
}

function isBlank(text: string): boolean {
  return /^[\s\0]*$/.test(text);
}
