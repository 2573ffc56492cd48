import { watch } from 'chokidar';
import { interval, Subscription, take } from 'rxjs';
import { upkeepScheduler } from '../../duration/index.ts';
import { errorCode } from './link-path.ts';

/** Told of a path that cannot be watched, with the code of the system. */
export type Unwatched = (path: string, code: string) => void;

/**
 * Calls `wake` when something in a directory, or a file itself, may have changed, and once when the watching has begun; returns how to end it.
 * It listens for chokidar's `raw` event: the others are throttled at their leading edge, so that the last change is lost.
 */
function watchDirectory(directory: string, wake: () => void, failed: Unwatched): () => void {
  const watcher = watch(directory, {
    persistent: false,
    ignoreInitial: true,
    followSymlinks: false,
    atomic: false,
    depth: 0,
    // No watch of its own for each file: that of the directory is enough.
    ignored: (path) => path !== directory,
  });
  // What cannot be watched (too many watches, no permission) is left to the slow poll.
  watcher
    .on('raw', wake)
    .on('ready', wake)
    .on('error', (error) => failed(directory, errorCode(error)));
  return () => void watcher.close();
}

/** The most scans without a result in a second; after more, the directories are polled for a while. */
const mostIdleScans = 20;

/** The polling of a directory that is too busy: the period in milliseconds, and the number of times. */
const polling = { period: 250, times: 20 };

/**
 * The directories that are watched now; `wake` is called when something may have changed in one of them. A log that is
 * written beside the secrets would wake us without end, and chokidar reads the directory each time: after many scans
 * without a result the directories are polled for five seconds instead.
 */
export class WatchedDirectories {
  readonly #wake: () => void;
  readonly #unwatched: Unwatched;
  readonly #watched = new Map<string, { readonly identity: string; readonly unwatch: () => void }>();
  #wanted: ReadonlyMap<string, string> = new Map();
  #idleScans = 0;
  #second = 0;
  #polling = Subscription.EMPTY;

  constructor(wake: () => void, unwatched: Unwatched) {
    this.#wake = wake;
    this.#unwatched = unwatched;
  }

  /** Takes over the directories of a scan, in which the next change may show. `moved`: this scan found a change. */
  update(directories: ReadonlyMap<string, string>, moved: boolean): void {
    this.#wanted = directories;
    const second = Math.floor(performance.now() / 1_000);
    this.#idleScans = moved || second !== this.#second ? 0 : this.#idleScans + 1;
    this.#second = second;
    if (this.#idleScans > mostIdleScans && this.#polling.closed) this.#poll();
    if (this.#polling.closed) this.#watchOnly(directories);
  }

  close(): void {
    this.#polling.unsubscribe();
    this.#watchOnly(new Map());
  }

  #poll(): void {
    this.#watchOnly(new Map());
    const ticks$ = interval(polling.period, upkeepScheduler).pipe(take(polling.times));
    this.#polling = ticks$.subscribe({
      next: this.#wake,
      complete: () => this.#watchOnly(this.#wanted),
      error: this.#wake,
    });
  }

  /** Watches these directories and no others. One that was replaced by another of the same path is watched anew. */
  #watchOnly(directories: ReadonlyMap<string, string>): void {
    for (const [path, { identity, unwatch }] of this.#watched)
      if (directories.get(path) !== identity) {
        unwatch();
        this.#watched.delete(path);
      }
    for (const [path, identity] of directories)
      if (!this.#watched.has(path))
        this.#watched.set(path, { identity, unwatch: watchDirectory(path, this.#wake, this.#unwatched) });
  }
}
