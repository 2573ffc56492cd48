import {
  audit,
  combineLatest,
  distinctUntilChanged,
  interval,
  map,
  merge,
  share,
  startWith,
  switchMap,
  take,
  tap,
  timer,
  using,
  type Observable,
} from 'rxjs';
import {
  QueryConnection,
  type ConnectionRegistry,
  type ListedConnection,
  type Secrets,
  type SourceStatus,
} from '../index.ts';
import { shortened, type Activity } from './activity.ts';
import { shown, type History } from './history.ts';
import type { BoardConnection, BoardLive, BoardSource, BoardState, Figures, Span } from './page/board-state.ts';

/** Milliseconds between two looks at what nobody announces: leases, pools, retries. */
const sampling = 1000;
/** Milliseconds in which changes are gathered into one message. */
const gathering = 40;
/** The share of the time that states may take to make: with many connections they are made less often. */
const effort = 0.03;

/** The live queries that the page is told of. */
const mostLive = 100;

interface Parts {
  readonly history: History;
  readonly activity: Activity;
  readonly actions: boolean;
}

/** Everything the page shows, as JSON: on subscription, and whenever any of it has changed. */
export function boardState$(hot: ConnectionRegistry, { history, activity, actions }: Parts): Observable<string> {
  const looks$ = merge(interval(sampling), history.changes$).pipe(startWith(undefined));
  // A registry that is closed says nothing of either any more.
  const sources$ = hot.sources$.pipe(startWith([]));
  const secrets$ = hot.secrets$.pipe(startWith(undefined));
  let cost = 0;
  const made$ = combineLatest([looks$, sources$, secrets$]).pipe(
    audit(() => timer(Math.max(gathering, cost / effort))),
    switchMap(([, sources, secrets]) => {
      const began = performance.now();
      // The list is made anew for each change where somebody listens to it, so it is asked for when it is needed.
      return hot.connections$.pipe(
        take(1),
        map((connections) => JSON.stringify({ actions, ...stateOf(connections, sources, secrets, history, activity) })),
        tap(() => (cost = performance.now() - began)),
      );
    }),
    distinctUntilChanged(),
    map((state) => `{"at":${Date.now()},${state.slice(1)}`),
  );
  return using(
    () => activity.listen(),
    () => made$,
  ).pipe(share());
}

function stateOf(
  connections: readonly ListedConnection[],
  sources: readonly SourceStatus[],
  secrets: Secrets | undefined,
  { events, spans }: History,
  activity: Activity,
): Omit<BoardState, 'at' | 'actions'> {
  const { works, count } = activity.running(new Set(connections.map(({ id }) => id)));
  const asked = new Set(connections.map(({ name }) => name));
  const live = connections.flatMap(liveOf);
  return {
    connections: connections.map((one) => connectionOf(one, activity.figures(one.id))),
    unused: secrets?.has('connections') ? secrets.keys('connections').filter((name) => !asked.has(name)) : [],
    sources: sources.map(sourceOf),
    spans: [...unseen(connections, spans), ...spans],
    running: works,
    runningCount: count,
    live: live.slice(0, mostLive),
    liveCount: live.length,
    events,
  };
}

function connectionOf(
  { id, name, kind, status, handle, ...listed }: ListedConnection,
  figures: Figures | undefined,
): BoardConnection {
  const { state, generation, since, error, nextRetryAt } = status;
  return {
    ...{ id, name, kind, state, generation, since },
    ...(error && { error: shown(error) }),
    ...(nextRetryAt !== undefined && { nextRetryAt }),
    ...(handle instanceof QueryConnection && { queries: true as const }),
    ...(figures && { figures }),
    ...listed.stats(),
  };
}

function liveOf({ id, handle }: ListedConnection): readonly BoardLive[] {
  if (!(handle instanceof QueryConnection)) return [];
  return handle.liveQueries().map(({ sql, error, ...query }) => ({
    ...{ id, ...query },
    ...(sql !== undefined && { sql: shortened(sql) }),
    ...(error && { error: shown(error) }),
  }));
}

function sourceOf({ label, state, since, trust, error }: SourceStatus): BoardSource {
  return { label, state, since, trust, ...(error && { error: shown(error) }) };
}

/** Instances that served before anybody looked. */
function unseen(connections: readonly ListedConnection[], spans: readonly Span[]): Span[] {
  const seen = new Set(spans.map(({ id, generation }) => `${generation} ${id}`));
  return connections
    .filter(({ status: { state } }) => state === 'ready' || state === 'replacing' || state === 'degraded')
    .filter(({ id, status }) => !seen.has(`${status.generation} ${id}`))
    .map(({ id, status: { generation, since } }) => ({ id, generation, ready: since }));
}
