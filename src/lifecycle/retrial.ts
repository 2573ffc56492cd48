import { distinctUntilChanged, EMPTY, map, switchMap, type Observable, type SchedulerLike } from 'rxjs';
import { after } from '../duration/index.ts';
import type { State } from './state.ts';

/** Says when the next attempt is due after a failed one. */
export function retrial$(
  state$: Observable<State<unknown, unknown>>,
  scheduler: SchedulerLike,
): Observable<{ readonly type: 'retry' }> {
  return state$.pipe(
    map(({ failure }) => failure),
    distinctUntilChanged(),
    switchMap((failure) =>
      failure ? after(failure.retryIn, scheduler).pipe(map(() => ({ type: 'retry' }) as const)) : EMPTY,
    ),
  );
}
