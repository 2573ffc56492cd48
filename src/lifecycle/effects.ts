import { distinctUntilChanged, EMPTY, filter, map, merge, NEVER, switchMap, type Observable } from 'rxjs';
import { attempt$, type AttemptContext } from './attempt.ts';
import { expiry$ } from './expiry.ts';
import { idleness$, type Usage } from './idleness.ts';
import { retrial$ } from './retrial.ts';
import type { LifecycleInput, State } from './state.ts';

/** What each state asks for: its attempt, and the timers of ttl, idleness and back-off. They come back as inputs. */
export function effects$<Raw, Config>(
  state$: Observable<State<Raw, Config>>,
  context: AttemptContext<Raw, Config> & Usage & { readonly place?: () => number },
): Observable<LifecycleInput<Raw, Config>> {
  const { scheduler } = context.host;
  // Where two cannot live side by side nothing is open while one is replaced: such a one keeps its turn.
  const bare$ = context.resource.overlap ? state$.pipe(filter(({ current }) => !current)) : NEVER;
  const attempts$ = state$.pipe(
    map(({ attempt }) => attempt),
    distinctUntilChanged(),
    switchMap((attempt) => (attempt ? attempt$(attempt, context, bare$) : EMPTY)),
  );
  return merge(
    attempts$,
    expiry$(state$, scheduler, context.place),
    retrial$(state$, scheduler),
    idleness$(state$, context, scheduler),
  );
}
