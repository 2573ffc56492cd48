import { interval, Observable } from 'rxjs';
import { upkeepScheduler } from '../../duration/index.ts';
import { WatchedDirectories } from './directories.ts';
import type { Contents } from './contents.ts';
import { see, seeFile } from './sight.ts';
import { Watcher, type Told } from './watcher.ts';

export interface WatchPathOptions {
  /** In milliseconds. */
  readonly settle: number;
  /** Ask, and do not listen. */
  readonly usePolling: boolean;
  /** How often to ask, in milliseconds. Default: 5000 behind the listening, 250 without it. */
  readonly poll?: number;
  /** A file is what is wanted: a directory in its place is not entered. */
  readonly file?: boolean;
  /** Handed the function that looks again now. */
  readonly onStart?: (look: () => Promise<void>) => void;
}

/** What is at a path, now and whenever it has become something else. Never errors, never completes, does not hold the process. */
export function watchPath$(path: string, options: WatchPathOptions): Observable<Contents> {
  const { settle, usePolling, poll = usePolling ? 250 : 5_000, file = false, onStart } = options;
  return new Observable((subscriber) => {
    const directories = new WatchedDirectories(() => wake());
    const told: Told = {
      contents: (contents) => subscriber.next(contents),
      looked: (seen, moved) => !usePolling && directories.looked(seen, moved),
    };
    const watcher = new Watcher(path, settle, told, file ? seeFile : see);
    const wake = () => void watcher.look('woken');
    subscriber.add(() => watcher.close());
    subscriber.add(() => directories.close());
    subscriber.add(interval(poll, upkeepScheduler).subscribe({ next: wake, error: wake }));
    onStart?.(() => watcher.look('asked'));
    void watcher.look('asked');
  });
}
