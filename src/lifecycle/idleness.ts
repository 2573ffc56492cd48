import {
  defer,
  distinctUntilChanged,
  EMPTY,
  exhaustMap,
  filter,
  map,
  of,
  repeat,
  startWith,
  switchMap,
  takeWhile,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import { after } from '../duration/index.ts';
import type { State } from './state.ts';

/** Who tells whether anybody uses a connection. */
export interface Usage {
  /** Emits when the last user left. */
  readonly unused$: Observable<unknown>;
  /** When that was, by the scheduler's clock; `undefined` while somebody uses it. */
  readonly unusedSince: () => number | undefined;
}

/**
 * Says when a connection that has something open was unused for its `idleTimeout`. At most one timer runs: it is not
 * armed anew by each use, but looks, when it fires, how long the last one is ago.
 */
export function idleness$(
  state$: Observable<State<unknown, unknown>>,
  { unused$, unusedSince }: Usage,
  scheduler: SchedulerLike,
): Observable<{ readonly type: 'idle' }> {
  const idleFor$ = (idleTimeout: number): Observable<{ readonly type: 'idle' }> =>
    defer(() => {
      const since = unusedSince();
      if (since === undefined) return of('used' as const);
      const left = since + idleTimeout - scheduler.now();
      return after(Math.max(0, left), scheduler).pipe(map(() => (unusedSince() === since ? 'idle' : 'look again')));
    }).pipe(
      repeat(),
      takeWhile((found) => found === 'look again', true),
      filter((found) => found === 'idle'),
      map((type) => ({ type })),
    );
  return state$.pipe(
    map(({ current, attempt, target }) =>
      (current ?? attempt) && target && 'policies' in target ? target.policies.idleTimeout : Infinity,
    ),
    distinctUntilChanged(),
    switchMap((idleTimeout) =>
      idleTimeout === Infinity
        ? EMPTY
        : unused$.pipe(
            startWith(undefined),
            exhaustMap(() => idleFor$(idleTimeout)),
          ),
    ),
  );
}
