import { distinctUntilChanged, EMPTY, map, switchMap, type Observable, type SchedulerLike } from 'rxjs';
import { after } from '../duration/index.ts';
import type { LifecycleInput, State } from './state.ts';

type Input<Raw, Config> = Extract<LifecycleInput<Raw, Config>, { type: 'expired' }>;

/** Says when the ttl of the current instance is over: counted from its opening, not extended by use. */
export function expiry$<Raw, Config>(
  state$: Observable<State<Raw, Config>>,
  scheduler: SchedulerLike,
): Observable<Input<Raw, Config>> {
  return state$.pipe(
    map(({ current, target }) => ({ current, ttl: target && 'policies' in target ? target.policies.ttl : Infinity })),
    distinctUntilChanged((a, b) => a.current === b.current && a.ttl === b.ttl),
    switchMap(({ current, ttl }) => {
      if (!current || current.expired) return EMPTY;
      const left = Math.max(0, current.openedAt + ttl - scheduler.now());
      return after(left, scheduler).pipe(map(() => ({ type: 'expired', instance: current }) as const));
    }),
  );
}
