import { dequal } from 'dequal';
import {
  connect,
  defer,
  endWith,
  from,
  ignoreElements,
  map,
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
  type OperatorFunction,
  type SchedulerLike,
} from 'rxjs';
import { after } from '../../duration/index.ts';
import { backOff } from '../../policy/index.ts';
import type { Lease, Leases } from '../base/index.ts';
import { copyRows } from './copy-rows.ts';

/**
 * The reasons for which a live query asks: `instance`, a new instance; `interval`, `notification` and `observable`, its `refresh`; `listening`, that its
 * channel is listened to again; `retry`, that it could not ask before.
 */
export type LiveTrigger = 'instance' | 'interval' | 'notification' | 'observable' | 'listening' | 'retry';

/** Told what a live query does. */
export interface LiveObserver<T> {
  triggered(by: T | 'retry'): void;
  /** It has asked: `changed` where the rows are other ones than before. */
  asked(changed: boolean): void;
  /** It could not ask, and will try again. */
  failed(error: unknown): void;
}

interface LiveParts<R, T> {
  /** When to ask, and what says so; live$ ends when it does. */
  readonly when$: Observable<T>;
  readonly ask: (context: { readonly signal: AbortSignal }) => ObservableInput<R[]>;
  /** Says of an error after the first value that it passes by itself. */
  readonly passes: (error: unknown) => boolean;
  readonly scheduler: SchedulerLike;
  /** Between 0 and 1. Default: Math.random. */
  readonly random?: () => number;
  readonly observer?: LiveObserver<T>;
}

const askAgain = { minDelay: 1000, maxDelay: 30_000, jitter: 'full' } as const;

/**
 * The rows, again whenever they have changed by the time somebody says that they may have.
 * It asks once at a time; what triggers it meanwhile makes it ask once more.
 */
export function live$<R extends object, T = unknown>({
  when$,
  ask,
  passes,
  scheduler,
  random = Math.random,
  observer,
}: LiveParts<R, T>): Observable<R[]> {
  return new Observable<R[]>((subscriber) => {
    const stop = new AbortController();
    let last: R[] | undefined;
    let state: 'idle' | 'asking' | 'again' = 'idle';
    let over = false;
    let failures = 0;
    let pause = Subscription.EMPTY;
    const trigger = (by: T | 'retry'): void => {
      observer?.triggered(by);
      start();
    };
    const start = (): void => {
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
      const changed = !last || !dequal(last, rows);
      observer?.asked(changed);
      if (!changed) return;
      // The subscriber may do to its rows what it likes.
      last = copyRows(rows);
      subscriber.next(rows);
    };
    const answered = (): void => {
      const again = state === 'again';
      state = 'idle';
      if (again && !subscriber.closed) start();
      else if (over) subscriber.complete();
    };
    const failed = (error: unknown): void => {
      if (!last || !passes(error)) return subscriber.error(error);
      observer?.failed(error);
      // Nothing else may ever trigger it, and what it last said may no longer be so.
      const pause$ = after(backOff(++failures, askAgain, random()), scheduler);
      pause = pause$.subscribe({ next: () => trigger('retry'), error: failed });
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
export function refreshOn$(instance$: Observable<unknown>, besides$: Observable<unknown>): Observable<LiveTrigger> {
  return instance$.pipe(
    connect((shared$) =>
      merge(shared$.pipe(named('instance')), besides$.pipe(named('observable'), takeUntil(endOf(shared$)))),
    ),
  );
}

/** When to ask: at each new instance, and then every so many milliseconds. */
export function refreshEvery$(
  instance$: Observable<unknown>,
  period: number,
  scheduler: SchedulerLike,
): Observable<LiveTrigger> {
  const ticks$ = after(period, scheduler).pipe(repeat(), named('interval'), startWith('instance' as const));
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
): Observable<LiveTrigger> {
  const pause = (attempt: number) => after(backOff(attempt, listenAgain, random()), scheduler);
  return defer(() => {
    // That it could be listened to once is true of the instances after that one, too.
    let heard = false;
    const listening$ = defer(() => {
      let first: LiveTrigger = 'instance';
      return defer(listen).pipe(
        map((_said, before): LiveTrigger => (before > 0 ? 'notification' : first)),
        tap(() => {
          heard = true;
          first = 'listening';
        }),
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
  });
}

/** When to ask: at each new instance. */
export function refreshNever$(instance$: Observable<unknown>): Observable<LiveTrigger> {
  return instance$.pipe(named('instance'));
}

const listenAgain = { minDelay: 200, maxDelay: 10_000, jitter: 'full' } as const;

function named(trigger: LiveTrigger): OperatorFunction<unknown, LiveTrigger> {
  return map(() => trigger);
}

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
