import { interval, Observable } from 'rxjs';
import { upkeepScheduler } from '../../duration/index.ts';
import { WatchedDirectories, type Unwatched } from './watched-directories.ts';
import type { Contents } from './contents.ts';
import { scan, scanFile, type Ignore } from './scan.ts';
import { Watcher, type WatchListener } from './watcher.ts';

export interface WatchPathOptions {
  /** The settle time in milliseconds. */
  readonly settle: number;
  /** Polls alone, without watching. */
  readonly usePolling: boolean;
  /** The period of the poll in milliseconds. Default: 5000 beside the watching, 250 without it. */
  readonly poll?: number;
  /** Tells whether a file is expected: a directory in its place is not entered. */
  readonly file?: boolean;
  /** Tells what is passed over in a directory. */
  readonly ignore?: Ignore | undefined;
  /** Called for what cannot be watched, and is polled. */
  readonly onUnwatched?: Unwatched;
  /** Called with the function that scans again now. */
  readonly onStart?: (look: () => Promise<void>) => void;
}

/** Emits the contents of a path, now and whenever they change. Never errors, never completes, does not hold the process. */
export function watchPath$(path: string, options: WatchPathOptions): Observable<Contents> {
  const { settle, usePolling, poll = usePolling ? 250 : 5_000, file = false, ignore, onStart, onUnwatched } = options;
  return new Observable((subscriber) => {
    const directories = new WatchedDirectories(
      () => wake(),
      (found, code) => onUnwatched?.(found, code),
    );
    const listener: WatchListener = {
      contents: (contents) => subscriber.next(contents),
      scanned: (found, moved) => !usePolling && directories.update(found, moved),
    };
    const watcher = new Watcher(path, settle, listener, file ? scanFile : (at) => scan(at, ignore));
    const wake = () => void watcher.scan('woken');
    subscriber.add(() => watcher.close());
    subscriber.add(() => directories.close());
    subscriber.add(interval(poll, upkeepScheduler).subscribe({ next: wake, error: wake }));
    onStart?.(() => watcher.scan('asked'));
    void watcher.scan('asked');
  });
}
