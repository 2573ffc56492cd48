import {
  connect,
  defer,
  endWith,
  ignoreElements,
  merge,
  type Observable,
  repeat,
  retry,
  type SchedulerLike,
  startWith,
  switchMap,
  takeUntil,
  tap,
  throwError,
} from 'rxjs';
import { after } from '../duration/index.ts';
import { backOff } from '../policy/index.ts';

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
  const pause = (attempt: number) => after(backOff(attempt, slow, random()), scheduler);
  const listening$ = defer(() => {
    let heard = false;
    return defer(listen).pipe(
      tap(() => (heard = true)),
      repeat({ delay: pause }),
      retry({
        delay: (error, attempt) => (heard && passes(error) ? pause(attempt) : throwError(() => error as Error)),
        resetOnSuccess: true,
      }),
    );
  });
  return instance$.pipe(
    connect((shared$) => shared$.pipe(switchMap(() => listening$.pipe(takeUntil(endOf(shared$)))))),
  );
}

const slow = { minDelay: 200, maxDelay: 10_000, jitter: 'full' } as const;

function endOf(source$: Observable<unknown>): Observable<unknown> {
  return source$.pipe(ignoreElements(), endWith(undefined));
}
