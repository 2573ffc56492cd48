import {
  auditTime,
  combineLatest,
  distinctUntilChanged,
  interval,
  map,
  merge,
  share,
  startWith,
  switchMap,
  type Observable,
} from 'rxjs';
import { type ConnectionRegistry, type ListedConnection, type Secrets, type SourceStatus } from '../index.ts';
import { shown, type History } from './history.ts';
import type { BoardConnection, BoardSource, BoardState, Span } from './page/board-state.ts';

/** Milliseconds between two looks at what nobody announces: leases, pools, retries. */
const sampling = 1000;
/** Milliseconds in which changes are gathered into one message. */
const gathering = 40;

/** Everything the page shows, as JSON: on subscription, and whenever any of it has changed. */
export function boardState$(hot: ConnectionRegistry, history: History): Observable<string> {
  const looks$ = merge(interval(sampling), history.changes$.pipe(auditTime(gathering))).pipe(startWith(undefined));
  const connections$ = looks$.pipe(switchMap(() => hot.connections$));
  // A registry that is closed says nothing of either any more.
  const sources$ = hot.sources$.pipe(startWith([]));
  const secrets$ = hot.secrets$.pipe(startWith(undefined));
  return combineLatest([connections$, sources$, secrets$]).pipe(
    auditTime(gathering),
    map(([connections, sources, secrets]) => JSON.stringify(stateOf(connections, sources, secrets, history))),
    distinctUntilChanged(),
    map((state) => `{"at":${Date.now()},${state.slice(1)}`),
    share(),
  );
}

function stateOf(
  connections: readonly ListedConnection[],
  sources: readonly SourceStatus[],
  secrets: Secrets | undefined,
  { events, spans }: History,
): Omit<BoardState, 'at'> {
  const asked = new Set(connections.map(({ name }) => name));
  return {
    connections: connections.map(connectionOf),
    unused: secrets?.has('connections') ? secrets.keys('connections').filter((name) => !asked.has(name)) : [],
    sources: sources.map(sourceOf),
    spans: [...unseen(connections, spans), ...spans],
    events,
  };
}

function connectionOf({ id, name, kind, status, ...listed }: ListedConnection): BoardConnection {
  const { state, generation, since, error, nextRetryAt } = status;
  return {
    ...{ id, name, kind, state, generation, since },
    ...(error && { error: shown(error) }),
    ...(nextRetryAt !== undefined && { nextRetryAt }),
    ...listed.stats(),
  };
}

function sourceOf({ label, state, since, trust, error }: SourceStatus): BoardSource {
  return { label, state, since, trust, ...(error && { error: shown(error) }) };
}

/** Instances that served before anybody looked. */
function unseen(connections: readonly ListedConnection[], spans: readonly Span[]): Span[] {
  return connections
    .filter(({ status: { state } }) => state === 'ready' || state === 'replacing' || state === 'degraded')
    .filter(({ id, status }) => !spans.some((span) => span.id === id && span.generation === status.generation))
    .map(({ id, status: { generation, since } }) => ({ id, generation, ready: since }));
}
