import { dequal } from 'dequal';
import {
  connect,
  defer,
  endWith,
  from,
  ignoreElements,
  merge,
  Observable,
  repeat,
  retry,
  startWith,
  Subscription,
  switchMap,
  takeUntil,
  tap,
  throwError,
  type ObservableInput,
  type SchedulerLike,
} from 'rxjs';
import { after } from '../../duration/index.ts';
import { backOff } from '../../policy/index.ts';
import type { Lease, Leases } from '../base/index.ts';
import { copyRows } from './copy-rows.ts';

interface LiveQuery<R> {
  /** When to ask; live$ ends when it does. */
  readonly when$: Observable<unknown>;
  readonly ask: (context: { readonly signal: AbortSignal }) => ObservableInput<R[]>;
  /** Says of an error after the first value that it passes by itself. */
  readonly passes: (error: unknown) => boolean;
  readonly scheduler: SchedulerLike;
  /** Between 0 and 1. Default: Math.random. */
  readonly random?: () => number;
}

const askAgain = { minDelay: 1000, maxDelay: 30_000, jitter: 'full' } as const;

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
      pause = after(backOff(++failures, askAgain, random()), scheduler).subscribe({ next: trigger, error: failed });
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

/** When to ask: at each new instance, and besides. It ends with the instances. */
export function refreshOn$(instance$: Observable<unknown>, besides$: Observable<unknown>): Observable<unknown> {
  return instance$.pipe(connect((shared$) => merge(shared$, besides$.pipe(takeUntil(endOf(shared$))))));
}

/** When to ask: at each new instance, and then every so many milliseconds. */
export function refreshEvery$(
  instance$: Observable<unknown>,
  period: number,
  scheduler: SchedulerLike,
): Observable<unknown> {
  const ticks$ = after(period, scheduler).pipe(repeat(), startWith(undefined));
  return instance$.pipe(connect((shared$) => shared$.pipe(switchMap(() => ticks$.pipe(takeUntil(endOf(shared$)))))));
}

/**
 * When to ask: each time `listen` says that it listens, and on each notification after that. What was said while
 * nobody listened is lost, so it listens first and asks then: on each new instance, and whenever the listening broke off.
 */
export function refreshHeard$(
  instance$: Observable<unknown>,
  listen: () => Observable<unknown>,
  passes: (error: unknown) => boolean,
  scheduler: SchedulerLike,
  random: () => number = Math.random,
): Observable<unknown> {
  const pause = (attempt: number) => after(backOff(attempt, listenAgain, random()), scheduler);
  return defer(() => {
    // That it could be listened to once is true of the instances after that one, too.
    let heard = false;
    const listening$ = defer(listen).pipe(
      tap(() => (heard = true)),
      repeat({ delay: pause }),
      retry({
        delay: (error, attempt) => (heard && passes(error) ? pause(attempt) : throwError(() => error as Error)),
        resetOnSuccess: true,
      }),
    );
    return instance$.pipe(
      connect((shared$) => shared$.pipe(switchMap(() => listening$.pipe(takeUntil(endOf(shared$)))))),
    );
  });
}

const listenAgain = { minDelay: 200, maxDelay: 10_000, jitter: 'full' } as const;

function endOf(source$: Observable<unknown>): Observable<unknown> {
  return source$.pipe(ignoreElements(), endWith(undefined));
}

/**
 * Emits what `listen` emits; a lease is held only until it listens, so that listening keeps no instance from being replaced.
 * An error of the driver goes out as `outgoing` makes it.
 */
export function listening$<Raw>(
  leases: Leases<Raw>,
  listen: (raw: Raw) => Observable<unknown>,
  outgoing: (error: unknown, lease: Lease<Raw>) => unknown,
): Observable<unknown> {
  return new Observable((subscriber) => {
    const stop = new AbortController();
    subscriber.add(() => stop.abort());
    leases.lease({ signal: stop.signal }).then(
      (lease) => {
        subscriber.add(() => lease.release());
        if (subscriber.closed) return;
        const fail = (error: unknown): void => subscriber.error(outgoing(error, lease));
        const heard = (said: unknown): void => {
          lease.release();
          subscriber.next(said);
        };
        try {
          subscriber.add(
            listen(lease.raw).subscribe({
              next: heard,
              error: fail,
              complete: () => subscriber.complete(),
            }),
          );
        } catch (error) {
          fail(error);
        }
      },
      (error: unknown) => subscriber.error(error),
    );
  });
}

/** Calls `call` on each subscription and emits its result; unsubscribing fires its signal. */
export function cancelling$<T>(call: (signal: AbortSignal) => Promise<T>): Observable<T> {
  return new Observable((subscriber) => {
    const stop = new AbortController();
    subscriber.add(() => stop.abort());
    from(call(stop.signal)).subscribe(subscriber);
  });
}
