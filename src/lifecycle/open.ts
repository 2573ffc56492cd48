import {
  AsyncSubject,
  catchError,
  concatMap,
  defer,
  EMPTY,
  endWith,
  ignoreElements,
  map,
  merge,
  Observable,
  take,
  type SchedulerLike,
} from 'rxjs';
import { after } from '../duration/index.ts';
import { OpenError } from '../errors/index.ts';
import { Instance } from './instance.ts';
import type { Resource } from './resource.ts';
import type { Attempt } from './state.ts';

/** What an attempt needs besides its resource. */
export interface OpenContext<Raw> {
  readonly scheduler: SchedulerLike;
  /** Closes what arrived too late. */
  readonly close$: (raw: Raw) => Observable<unknown>;
  /** Runs what has to end although nobody subscribes to it any more. */
  readonly track: (work$: Observable<unknown>) => unknown;
}

/**
 * Connects and checks once, within `openTimeout`; emits the instance. Whoever unsubscribes before that abandons the
 * attempt: its signal fires, and what still arrives is closed.
 */
export function open$<Raw, Config>(
  resource: Resource<Raw, Config>,
  attempt: Attempt<Config>,
  { scheduler, close$, track }: OpenContext<Raw>,
): Observable<Instance<Raw, Config>> {
  const {
    config,
    policies: { openTimeout },
  } = attempt;
  return new Observable((subscriber) => {
    const stop = new AbortController();
    // The connect outlives its subscriber: a promise cannot be taken back, so a late arrival is closed, never dropped.
    const raw$ = new AsyncSubject<Raw>();
    let kept = false;
    subscriber.add(() => {
      if (kept) return;
      stop.abort();
      const late$ = new AsyncSubject<unknown>();
      raw$
        .pipe(
          concatMap(close$),
          catchError(() => EMPTY),
        )
        .subscribe(late$);
      track(
        merge(late$.pipe(ignoreElements(), endWith(0)), after(attempt.policies.closeTimeout, scheduler)).pipe(take(1)),
      );
    });
    defer(() => resource.open(config, stop.signal))
      .pipe(take(1))
      .subscribe(raw$);

    const checked$ = raw$.pipe(
      concatMap((raw) => defer(() => resource.check(raw, stop.signal)).pipe(ignoreElements(), endWith(raw))),
    );
    const deadline$ = after(openTimeout, scheduler).pipe(
      map((): never => {
        throw new OpenError('open_timeout', `Opening took longer than ${openTimeout} ms (openTimeout).`);
      }),
    );
    subscriber.add(
      merge(checked$, deadline$)
        .pipe(take(1))
        .subscribe({
          next: (raw) => {
            // Before anybody hears of it: whoever does may unsubscribe us.
            kept = true;
            subscriber.next(new Instance(raw, attempt, scheduler.now()));
            subscriber.complete();
          },
          error: (error: unknown) => subscriber.error(resource.failure(error, config)),
        }),
    );
  });
}
