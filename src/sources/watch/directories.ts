import { interval, Subscription, take } from 'rxjs';
import { upkeepScheduler } from '../../duration/index.ts';
import { watchDirectory } from './directory.ts';

/** More looks in vain within a second than this, and a directory is too busy to listen to. */
const mostInVain = 20;

/** How a directory that is too busy is asked instead: this often, this many times, in milliseconds. */
const asking = { period: 250, times: 20 };

/**
 * The directories that are listened to at the moment; `wake` is called when something may have changed in one of them.
 * Whoever writes a log beside the secrets wakes us for nothing all the time, and chokidar reads the directory each
 * time: then nobody listens for five seconds, and we ask.
 */
export class WatchedDirectories {
  readonly #wake: () => void;
  readonly #watched = new Map<string, { readonly identity: string; readonly unwatch: () => void }>();
  #wanted: ReadonlyMap<string, string> = new Map();
  #inVain = 0;
  #second = 0;
  #asking = Subscription.EMPTY;

  constructor(wake: () => void) {
    this.#wake = wake;
  }

  /** Told after each look in which directories the next change may show, and whether this one had shown anything. */
  looked(directories: ReadonlyMap<string, string>, moved: boolean): void {
    this.#wanted = directories;
    const second = Math.floor(performance.now() / 1_000);
    this.#inVain = moved || second !== this.#second ? 0 : this.#inVain + 1;
    this.#second = second;
    if (this.#inVain > mostInVain && this.#asking.closed) this.#ask();
    if (this.#asking.closed) this.#listen(directories);
  }

  close(): void {
    this.#asking.unsubscribe();
    this.#listen(new Map());
  }

  #ask(): void {
    this.#listen(new Map());
    const ticks$ = interval(asking.period, upkeepScheduler).pipe(take(asking.times));
    this.#asking = ticks$.subscribe({
      next: this.#wake,
      complete: () => this.#listen(this.#wanted),
      error: this.#wake,
    });
  }

  /** Listens to these and no others. One that was replaced by another of the same path is listened to anew. */
  #listen(directories: ReadonlyMap<string, string>): void {
    for (const [path, { identity, unwatch }] of this.#watched)
      if (directories.get(path) !== identity) {
        unwatch();
        this.#watched.delete(path);
      }
    for (const [path, identity] of directories)
      if (!this.#watched.has(path)) this.#watched.set(path, { identity, unwatch: watchDirectory(path, this.#wake) });
  }
}
