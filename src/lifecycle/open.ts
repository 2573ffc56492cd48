import {
  AsyncSubject,
  catchError,
  concat,
  concatAll,
  concatMap,
  defaultIfEmpty,
  defer,
  EMPTY,
  endWith,
  ignoreElements,
  map,
  merge,
  NEVER,
  Observable,
  of,
  take,
  type SchedulerLike,
} from 'rxjs';
import { after, elapsed } from '../duration/index.ts';
import { OpenError, type HotlineError } from '../errors/index.ts';
import type { LifecycleEvent } from './events.ts';
import type { LifecycleContext } from './context.ts';
import { Instance } from './instance.ts';
import type { Resource } from './resource.ts';
import type { Retirement } from './retire.ts';
import type { Attempt, LifecycleAction } from './state.ts';

/** The parts of a connection that its attempts need. */
export interface AttemptContext<Raw, Config> {
  readonly resource: Resource<Raw, Config>;
  readonly host: LifecycleContext;
  readonly retirement: Retirement<Raw, Config>;
  readonly emit: (event: LifecycleEvent) => void;
  /** Tells whether the attempt is still the current one. */
  readonly isCurrent: (attempt: Attempt<Config>) => boolean;
}

/** Makes one attempt in its turn, and emits how it ended. `nothingOpen$` starts it at once: the instance that it replaces is gone. */
export function attempt$<Raw, Config>(
  attempt: Attempt<Config>,
  { resource, host, retirement, emit, isCurrent }: AttemptContext<Raw, Config>,
  nothingOpen$: Observable<unknown> = NEVER,
): Observable<LifecycleAction<Raw, Config>> {
  const { generation, policies, replacing, notBefore = 0 } = attempt;
  const opening$ = defer(() => {
    // Ending the previous instance may have superseded this attempt.
    if (!isCurrent(attempt)) return EMPTY;
    emit({ type: 'instance.opening', generation });
    return open$(resource, attempt, {
      scheduler: host.scheduler,
      force$: host.force$,
      track: (work$) => retirement.track(work$),
      close$: (raw) => retirement.close$({ raw, generation, config: attempt.config }, policies.closeTimeout),
    });
  });
  const alone$ = resource.overlap ? EMPTY : defer(() => retirement.all$);
  // While the instance that it replaces serves, it can wait.
  const turn$ = defer(() => {
    const wait = notBefore - host.now;
    return wait > 0 ? merge(after(wait, host.scheduler), nothingOpen$).pipe(take(1), ignoreElements()) : EMPTY;
  });
  const opened$: Observable<Instance<Raw, Config>> = concat(
    turn$,
    alone$,
    replacing ? host.replacements.pass(opening$, nothingOpen$) : opening$,
  );
  return opened$.pipe(
    map((instance) => ({ type: 'opened', attempt, instance }) as const),
    catchError((error: unknown) =>
      of({ type: 'failed', attempt, error: error as HotlineError, jitter: host.random() } as const),
    ),
  );
}

/** The parts of a connection that one opening needs. */
interface OpenContext<Raw> {
  readonly scheduler: SchedulerLike;
  /** Fires when `close()` no longer waits for abandoned openings. */
  readonly force$: Observable<unknown>;
  /** Closes a resource that arrived after its opening was abandoned. */
  readonly close$: (raw: Raw) => Observable<unknown>;
  /** Runs work to its end, also when every subscriber has left. */
  readonly track: (work$: Observable<unknown>) => unknown;
}

/**
 * Connects and checks once, within `openTimeout`; emits the instance. Unsubscribing before that abandons the opening: its
 * signal fires, and a resource that still arrives is closed.
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
    // A listener of `instance.opening` may have superseded this attempt.
    if (subscriber.closed) return;
    const stop = new AbortController();
    // The connect outlives its subscriber: a promise cannot be cancelled, so a late arrival is closed.
    const raw$ = new AsyncSubject<Raw>();
    let kept = false;
    subscriber.add(() => {
      if (kept) return;
      stop.abort();
      const closed$ = new AsyncSubject<unknown>();
      const late$ = raw$.pipe(catchError(() => EMPTY));
      late$.pipe(concatMap(close$)).subscribe(closed$);
      // It has closeTimeout to stop; closing a late arrival has a closeTimeout of its own.
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
      map((raw) => {
        const openedAt = elapsed(scheduler);
        // The end of credentials is a time of the system's clock; from here on their rest counts.
        const now = scheduler.now();
        return new Instance(raw, attempt, openedAt, openedAt + (resource.expiresAt(raw, now) - now));
      }),
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
          next: (instance) => {
            // Set first: a subscriber may unsubscribe while it is told.
            kept = true;
            subscriber.next(instance);
            subscriber.complete();
          },
          error: (error: unknown) => subscriber.error(resource.failure(error, config)),
        }),
    );
  });
}
