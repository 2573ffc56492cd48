import { dequal } from 'dequal';
import { defer, Observable, Subscription, type ObservableInput, type SchedulerLike } from 'rxjs';
import { after } from '../duration/index.ts';
import { copyRows } from './copy-rows.ts';
import { backOff } from '../policy/index.ts';

export interface LiveQuery<R> {
  /** When to ask; live$ ends when it does. */
  readonly when$: Observable<unknown>;
  readonly ask: (context: { readonly signal: AbortSignal }) => ObservableInput<R[]>;
  /** Whether an error after the first value is one that passes. */
  readonly passes: (error: unknown) => boolean;
  readonly scheduler: SchedulerLike;
  /** Between 0 and 1. Default: Math.random. */
  readonly random?: () => number;
}

const slow = { minDelay: 1000, maxDelay: 30_000, jitter: 'full' } as const;

/**
 * The rows, again whenever they have changed by the time somebody says that they may have.
 * It asks once at a time; what triggers it meanwhile makes it ask once more.
 */
export function live$<R extends object>({
  when$,
  ask,
  passes,
  scheduler,
  random = Math.random,
}: LiveQuery<R>): Observable<R[]> {
  return new Observable<R[]>((subscriber) => {
    const stop = new AbortController();
    let last: R[] | undefined;
    let state: 'idle' | 'asking' | 'again' = 'idle';
    let over = false;
    let failures = 0;
    let pause = Subscription.EMPTY;
    const trigger = (): void => {
      pause.unsubscribe();
      if (state !== 'idle') {
        state = 'again';
        return;
      }
      state = 'asking';
      subscriber.add(
        defer(() => ask({ signal: stop.signal })).subscribe({ next: got, error: failed, complete: answered }),
      );
    };
    const got = (rows: R[]): void => {
      failures = 0;
      if (last && dequal(last, rows)) return;
      // The subscriber may do to its rows what it likes.
      last = copyRows(rows);
      subscriber.next(rows);
    };
    const answered = (): void => {
      const again = state === 'again';
      state = 'idle';
      if (again && !subscriber.closed) trigger();
      else if (over) subscriber.complete();
    };
    const failed = (error: unknown): void => {
      if (!last || !passes(error)) return subscriber.error(error);
      // Nothing else may ever trigger it, and what it last said may no longer be so.
      pause = after(backOff(++failures, slow, random()), scheduler).subscribe({ next: trigger, error: failed });
      subscriber.add(pause);
      answered();
    };
    subscriber.add(() => stop.abort());
    subscriber.add(
      when$.subscribe({
        next: trigger,
        error: (error: unknown) => subscriber.error(error),
        complete: () => {
          over = true;
          if (state === 'idle') subscriber.complete();
        },
      }),
    );
  });
}
