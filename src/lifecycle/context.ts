import {
  AsyncSubject,
  BehaviorSubject,
  filter,
  NEVER,
  Observable,
  ReplaySubject,
  take,
  type SchedulerLike,
} from 'rxjs';
import { elapsed, upkeepScheduler } from '../duration/index.ts';

/** Everything that the lifecycles of one registry share. */
export class LifecycleContext {
  readonly scheduler: SchedulerLike;
  readonly random: () => number;
  /** The share of the `spread` window after which a connection of this process reacts to a change: 0 to 1. */
  readonly spreadOffset: (id: string) => number;
  /** The share of a ttl by which the connection with the latest place in `spread` expires early. */
  readonly earlyExpiry: number;
  readonly work = new WorkTracker();
  /** At most ten replacements run at once. */
  readonly replacements = new Semaphore(10);
  /** Fires when `close()` has waited for its timeout: leases are cut, and closes are no longer waited for. */
  readonly force$ = new ReplaySubject<void>(1);

  constructor(
    scheduler: SchedulerLike,
    random: () => number = Math.random,
    spreadOffset: (id: string) => number = () => 0,
  ) {
    this.scheduler = scheduler;
    this.random = random;
    this.spreadOffset = spreadOffset;
    // Under a scheduler of the caller, times are exact.
    this.earlyExpiry = scheduler === upkeepScheduler ? 0.025 : 0;
  }

  /** The time of everything that a lifecycle measures: milliseconds on a clock that nobody sets. */
  get now(): number {
    return elapsed(this.scheduler);
  }
}

/** Counts the work that must end before a registry is closed: instances that drain and close, abandoned attempts. */
export class WorkTracker {
  readonly #running$ = new BehaviorSubject(0);

  get running(): number {
    return this.#running$.value;
  }

  /** Runs `work$` to its end, also when every subscriber has left. The result completes with it and never errors. */
  track(work$: Observable<unknown>): Observable<unknown> {
    const ended$ = new AsyncSubject<unknown>();
    const end = (): void => {
      ended$.complete();
      this.#running$.next(this.#running$.value - 1);
    };
    this.#running$.next(this.#running$.value + 1);
    work$.subscribe({ error: end, complete: end });
    return ended$;
  }

  /** Emits once when nothing is running any more. */
  get empty$(): Observable<unknown> {
    return this.#running$.pipe(
      filter((running) => running === 0),
      take(1),
    );
  }
}

/** A semaphore: at most `limit` pieces of work run at once, and the others wait in line. */
export class Semaphore {
  readonly #limit: number;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Runs `work$` in its turn. `urgent$` starts it at once, outside of the limit. */
  pass<T>(work$: Observable<T>, urgent$: Observable<unknown> = NEVER): Observable<T> {
    return new Observable<T>((subscriber) => {
      const start = (): void => {
        this.#waiting.delete(start);
        this.#running++;
        // Added after the work, so that an abandoned one has stopped when the next one starts.
        work$.subscribe(subscriber);
        subscriber.add(() => {
          this.#running--;
          const [next] = this.#waiting;
          next?.();
        });
      };
      if (this.#running < this.#limit) return start();
      this.#waiting.add(start);
      subscriber.add(() => this.#waiting.delete(start));
      const leave = (): unknown => this.#waiting.delete(start) && work$.subscribe(subscriber);
      subscriber.add(urgent$.pipe(take(1)).subscribe(leave));
    });
  }
}
