import { interval, Observable } from 'rxjs';
import { upkeepScheduler } from '../../duration/index.ts';
import { WatchedDirectories } from './directories.ts';
import type { Contents } from './contents.ts';
import { Watcher } from './watcher.ts';

/** Where the operating system tells of changes, this is for those it keeps to itself. In milliseconds. */
const slowPoll = 5_000;
const fastPoll = 250;

export interface WatchPathOptions {
  /** In milliseconds. */
  readonly settle: number;
  readonly usePolling: boolean;
  /** Handed the function that looks again now. */
  readonly onStart?: (look: () => Promise<void>) => void;
}

/** What is at a path, now and whenever it has become something else. Never errors, never completes, does not hold the process. */
export function watchPath$(path: string, { settle, usePolling, onStart }: WatchPathOptions): Observable<Contents> {
  return new Observable((subscriber) => {
    const directories = new WatchedDirectories(() => wake());
    const watcher = new Watcher(path, settle, {
      contents: (contents) => subscriber.next(contents),
      directories: (seen) => directories.set(usePolling ? new Map() : seen),
    });
    const wake = () => void watcher.look('woken');
    subscriber.add(() => watcher.close());
    subscriber.add(() => directories.set(new Map()));
    subscriber.add(interval(usePolling ? fastPoll : slowPoll, upkeepScheduler).subscribe({ next: wake, error: wake }));
    onStart?.(() => watcher.look('asked'));
    void watcher.look('asked');
  });
}
