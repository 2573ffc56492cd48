import {
  defer,
  distinctUntilChanged,
  EMPTY,
  exhaustMap,
  filter,
  map,
  merge,
  NEVER,
  of,
  repeat,
  startWith,
  switchMap,
  takeWhile,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import { renewedAfter } from '../credentials/index.ts';
import { after, elapsed } from '../duration/index.ts';
import { attempt$, type AttemptContext } from './open.ts';
import type { Instance } from './instance.ts';
import type { Policies } from '../policy/index.ts';
import { policiesOf, type LifecycleAction, type State } from './state.ts';

/** The effects of each state: its attempt, and the timers of ttl, idleness and back-off. They emit actions. */
export function effects$<Raw, Config>(
  state$: Observable<State<Raw, Config>>,
  context: AttemptContext<Raw, Config> & Usage & { readonly spreadOffset: () => number },
): Observable<LifecycleAction<Raw, Config>> {
  const { scheduler } = context.host;
  // Without overlap nothing is open during a replacement, and it keeps its turn in the queue.
  const nothingOpen$ = context.resource.overlap ? state$.pipe(filter(({ current }) => !current)) : NEVER;
  const attempts$ = state$.pipe(
    map(({ attempt }) => attempt),
    distinctUntilChanged(),
    switchMap((attempt) => (attempt ? attempt$(attempt, context, nothingOpen$) : EMPTY)),
  );
  return merge(
    attempts$,
    expiry$(state$, scheduler, context.spreadOffset, context.host.earlyExpiry),
    retry$(state$, scheduler),
    idle$(state$, context, scheduler),
  );
}

type Expired<Raw, Config> = Extract<LifecycleAction<Raw, Config>, { type: 'expired' }>;

/**
 * Emits when the ttl of the current instance is over, or when its credentials have to be renewed: counted from its
 * opening, not extended by use. `spreadOffset`: its share of the window over which a fleet renews. `earlyExpiry`: the share of
 * the ttl by which the last of that window expires early, so that connections that opened together do not expire together.
 */
export function expiry$<Raw, Config>(
  state$: Observable<State<Raw, Config>>,
  scheduler: SchedulerLike,
  spreadOffset: () => number,
  earlyExpiry = 0,
): Observable<Expired<Raw, Config>> {
  return state$.pipe(
    map((state) => ({ current: state.current, expired: state.expired, policies: policiesOf(state) })),
    distinctUntilChanged(
      (a, b) =>
        a.current === b.current && a.policies?.ttl === b.policies?.ttl && a.policies?.spread === b.policies?.spread,
    ),
    switchMap(({ current, expired, policies }) => {
      if (!current || expired || !policies) return EMPTY;
      const offset = spreadOffset();
      const age = Math.min(policies.ttl * (1 - earlyExpiry * offset), renewalAge(current, policies, offset));
      const left = Math.max(0, current.openedAt + age - elapsed(scheduler));
      return after(left, scheduler).pipe(map(() => ({ type: 'expired', instance: current }) as const));
    }),
  );
}

/** The shortest time between two renewals, in milliseconds: the provider may give the same credentials again. */
const shortestRenewal = 1000;

/**
 * The age at which an instance is replaced because its credentials end; `Infinity` where they do not end, or have ended
 * already. A fleet whose credentials end at one moment renews them at different moments before it.
 */
export function renewalAge(
  { openedAt, expiresAt }: Pick<Instance<unknown, unknown>, 'openedAt' | 'expiresAt'>,
  { spread }: Pick<Policies, 'spread'>,
  spreadOffset: number,
): number {
  const lifetime = expiresAt - openedAt;
  if (!(lifetime > 0)) return Infinity;
  const due = lifetime * renewedAfter;
  return Math.max(shortestRenewal, due - spreadOffset * Math.min(spread, due / 2));
}

/** Emits when the next attempt is due after a failed one. */
export function retry$(
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

/** The use of a connection, as the idle timer sees it. */
interface Usage {
  /** Emits when the last user left. */
  readonly unused$: Observable<unknown>;
  /** The scheduler's time of that; `undefined` while somebody uses it. */
  readonly unusedSince: () => number | undefined;
}

/**
 * Emits when an open connection was unused for its `idleTimeout`. At most one timer runs: a use does not arm it anew,
 * but when it fires, it looks how long the last use is ago.
 */
export function idle$(
  state$: Observable<State<unknown, unknown>>,
  { unused$, unusedSince }: Usage,
  scheduler: SchedulerLike,
): Observable<{ readonly type: 'idle' }> {
  const idleFor$ = (idleTimeout: number): Observable<{ readonly type: 'idle' }> =>
    defer(() => {
      const since = unusedSince();
      if (since === undefined) return of('used' as const);
      const left = since + idleTimeout - elapsed(scheduler);
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
