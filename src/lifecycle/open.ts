import {
  AsyncSubject,
  catchError,
  concatAll,
  concatMap,
  defaultIfEmpty,
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
  /** Nobody waits any longer for what was given up. */
  readonly force$: Observable<unknown>;
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
  { scheduler, force$, close$, track }: OpenContext<Raw>,
): Observable<Instance<Raw, Config>> {
  const {
    config,
    policies: { openTimeout, closeTimeout },
  } = attempt;
  return new Observable((subscriber) => {
    // Whoever was told that it opens may have given it up.
    if (subscriber.closed) return;
    const stop = new AbortController();
    // The connect outlives its subscriber: a promise cannot be taken back, so a late arrival is closed, never dropped.
    const raw$ = new AsyncSubject<Raw>();
    let kept = false;
    subscriber.add(() => {
      if (kept) return;
      stop.abort();
      const closed$ = new AsyncSubject<unknown>();
      const late$ = raw$.pipe(catchError(() => EMPTY));
      late$.pipe(concatMap(close$)).subscribe(closed$);
      // It has closeTimeout to stop; when it arrives after all, closing it has its own time.
      const arrived$ = late$.pipe(
        map(() => closed$),
        defaultIfEmpty(EMPTY),
      );
      const givenUp$ = merge(after(closeTimeout, scheduler), force$).pipe(map(() => EMPTY));
      track(merge(arrived$, givenUp$).pipe(take(1), concatAll()));
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
            subscriber.next(new Instance(raw, attempt, scheduler.now(), resource.expiresAt(raw)));
            subscriber.complete();
          },
          error: (error: unknown) => subscriber.error(resource.failure(error, config)),
        }),
    );
  });
}
