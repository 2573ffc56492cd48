import { AsyncResource } from 'node:async_hooks';
import {
  concat,
  defer,
  ignoreElements,
  NEVER,
  Observable,
  Subscription,
  tap,
  timer,
  type SchedulerAction,
  type SchedulerLike,
} from 'rxjs';
import { ConfigError } from '../errors/index.ts';

/** The longest delay that a timer of the platform can hold; a longer one fires at once. */
const longest = 2 ** 31 - 1;

/** Emits once and completes after `delay` milliseconds, however many; never when it is `Infinity`. */
export function after(delay: number, scheduler: SchedulerLike): Observable<unknown> {
  if (!(delay > -Infinity)) throw new ConfigError('invalid_argument', 'A delay must be a number of milliseconds.');
  if (delay === Infinity) return NEVER;
  if (delay <= longest) return timer(delay, scheduler);
  const rest$ = defer(() => after(delay - longest, scheduler));
  return concat(timer(longest, scheduler).pipe(ignoreElements()), rest$);
}

/**
 * While subscribed to, keeps the process alive; emits nothing.
 * Upkeep timers are unref'd, so somebody who waits for a first value or for `close()` holds the process by this.
 */
export const holdProcess$ = new Observable<never>(() => {
  const handle = setInterval(() => undefined, 2 ** 31 - 1);
  return () => clearInterval(handle);
});

/** The same values; a subscription keeps the process alive until the first of them. */
export function holdingUntilFirst$<T>(values$: Observable<T>): Observable<T> {
  return new Observable((subscriber) => {
    const hold = holdProcess$.subscribe();
    subscriber.add(hold);
    subscriber.add(values$.pipe(tap(() => hold.unsubscribe())).subscribe(subscriber));
  });
}

/** A neutral async context: a timer would keep its caller's context for as long as a ttl. */
const neutral = new AsyncResource('hotline');

/** A scheduler of real time whose timers keep neither the process nor their caller's async context alive. */
export const upkeepScheduler: SchedulerLike & { elapsed(): number } = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
    const action = new UpkeepAction(work);
    return action.schedule(state, delay);
  },
};

/**
 * Calls `work` once after `delay` milliseconds, unless what it returns is called before. For the limit of one call: in real
 * time it is a bare timer, as an action of the scheduler costs more than the statement that it limits.
 */
export function alarm(work: () => void, delay: number, scheduler: SchedulerLike): () => void {
  if (scheduler === upkeepScheduler && delay <= longest) {
    const timer = setTimeout(work, delay).unref();
    return () => clearTimeout(timer);
  }
  const waiting = after(delay, scheduler).subscribe(work);
  return () => waiting.unsubscribe();
}

/**
 * Milliseconds on a clock that nobody sets, for the time between two moments: that of the process, or of a scheduler that has one.
 * `now()` is the clock of the system, which may jump.
 */
export function elapsed(scheduler: SchedulerLike & { elapsed?(): number }): number {
  return scheduler.elapsed?.() ?? scheduler.now();
}

class UpkeepAction<T> extends Subscription implements SchedulerAction<T> {
  readonly #work: (this: SchedulerAction<T>, state?: T) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(work: (this: SchedulerAction<T>, state?: T) => void) {
    super(() => clearTimeout(this.#timer));
    this.#work = work;
  }

  schedule(state?: T, delay = 0): Subscription {
    clearTimeout(this.#timer);
    if (this.closed) return this;
    this.#timer = neutral.runInAsyncScope(() => setTimeout(() => this.#run(state), delay)).unref();
    return this;
  }

  #run(state: T | undefined): void {
    this.#timer = undefined;
    try {
      this.#work(state);
    } catch (error) {
      this.unsubscribe();
      throw error;
    }
    // Like an AsyncAction: an action that did not schedule itself again is done.
    if (this.#timer === undefined) this.unsubscribe();
  }
}
