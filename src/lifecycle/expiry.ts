import { distinctUntilChanged, EMPTY, map, switchMap, type Observable, type SchedulerLike } from 'rxjs';
import { after } from '../duration/index.ts';
import { renewalAge } from './renewal.ts';
import { policiesOf, type LifecycleInput, type State } from './state.ts';

type Input<Raw, Config> = Extract<LifecycleInput<Raw, Config>, { type: 'expired' }>;

/**
 * Says when the ttl of the current instance is over, or when it is time to renew its credentials: counted from its
 * opening, not extended by use. `place`: where it stands in the window that a fleet is spread over.
 */
export function expiry$<Raw, Config>(
  state$: Observable<State<Raw, Config>>,
  scheduler: SchedulerLike,
  place: () => number = () => 0,
): Observable<Input<Raw, Config>> {
  return state$.pipe(
    map((state) => ({ current: state.current, policies: policiesOf(state) })),
    distinctUntilChanged(
      (a, b) =>
        a.current === b.current && a.policies?.ttl === b.policies?.ttl && a.policies?.spread === b.policies?.spread,
    ),
    switchMap(({ current, policies }) => {
      if (!current || current.expired || !policies) return EMPTY;
      const age = Math.min(policies.ttl, renewalAge(current, policies, place()));
      const left = Math.max(0, current.openedAt + age - scheduler.now());
      return after(left, scheduler).pipe(map(() => ({ type: 'expired', instance: current }) as const));
    }),
  );
}
