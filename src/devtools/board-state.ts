import {
  audit,
  auditTime,
  combineLatest,
  distinctUntilChanged,
  interval,
  map,
  merge,
  share,
  startWith,
  switchMap,
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
import { Activity } from './activity.ts';
import { shown, type History } from './history.ts';
import type { BoardConnection, BoardSource, BoardState, Figures, Span } from './page/board-state.ts';

/** Milliseconds between two looks at what nobody announces: leases, pools, retries. */
const sampling = 1000;
/** Milliseconds in which changes are gathered into one message. */
const gathering = 40;
/** The share of the time that states may take to make: with many connections they are made less often. */
const effort = 0.1;

/** Everything the page shows, as JSON: on subscription, and whenever any of it has changed. */
export function boardState$(hot: ConnectionRegistry, history: History, actions = false): Observable<string> {
  const looks$ = merge(interval(sampling), history.changes$.pipe(auditTime(gathering))).pipe(startWith(undefined));
  const connections$ = looks$.pipe(switchMap(() => hot.connections$));
  // A registry that is closed says nothing of either any more.
  const sources$ = hot.sources$.pipe(startWith([]));
  const secrets$ = hot.secrets$.pipe(startWith(undefined));
  let cost = 0;
  const made$ = (activity: Activity): Observable<string> =>
    combineLatest([connections$, sources$, secrets$]).pipe(
      audit(() => timer(Math.max(gathering, cost / effort))),
      map(([connections, sources, secrets]) => {
        const began = performance.now();
        const state = JSON.stringify({ actions, ...stateOf(connections, sources, secrets, history, activity) });
        cost = performance.now() - began;
        return state;
      }),
      distinctUntilChanged(),
      map((state) => `{"at":${Date.now()},${state.slice(1)}`),
    );
  return using(
    () => new Activity(),
    (activity) => made$(activity as Activity),
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
  return {
    connections: connections.map((one) => connectionOf(one, activity.figures(one.id))),
    unused: secrets?.has('connections') ? secrets.keys('connections').filter((name) => !asked.has(name)) : [],
    sources: sources.map(sourceOf),
    spans: [...unseen(connections, spans), ...spans],
    running: works,
    runningCount: count,
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
