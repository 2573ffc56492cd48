import type { ConnectionState, ConnectionStats, ListedConnection } from '../../index.ts';
import { reasonOf } from '../failure.ts';
import { columns } from '../output/columns.ts';
import { elapsed } from '../output/elapsed.ts';
import type { Outlet } from '../output/outlet.ts';
import { visible } from '../output/visible.ts';

type Colors = Outlet['colors'];

const paint: Readonly<Record<ConnectionState, (colors: Colors) => (text: string) => string>> = {
  idle: ({ dim }) => dim,
  opening: ({ cyan }) => cyan,
  ready: ({ green }) => green,
  replacing: ({ cyan }) => cyan,
  degraded: ({ yellow }) => yellow,
  failed: ({ red }) => red,
  closed: ({ dim }) => dim,
};

const signs: Readonly<Record<ConnectionState, string>> = {
  idle: '○',
  opening: '◌',
  ready: '●',
  replacing: '◐',
  degraded: '◑',
  failed: '✗',
  closed: '–',
};

/** A line for each connection as it is now: state, instance, use; and its error with the next attempt. */
export function stateTable(
  connections: readonly ListedConnection[],
  statsOf: (name: string) => ConnectionStats,
  colors: Colors,
  now: number,
): string[] {
  if (connections.length === 0) return [];
  const { bold, dim } = colors;
  const rows = connections.map(({ name, kind, status }) => {
    const { pool } = statsOf(name);
    const painted = paint[status.state](colors);
    return [
      `${painted(signs[status.state])} ${bold(visible(name))}`,
      dim(kind),
      painted(status.state),
      status.generation > 0 ? `#${status.generation}` : '',
      elapsed(Math.max(0, Math.round((now - status.since) / 1000) * 1000)),
      pool ? dim(`${pool.used} of ${pool.size} in use`) : '',
    ];
  });
  const table = columns([['  name', 'kind', 'state', 'instance', 'for', 'pool'].map(dim), ...rows]);
  const [header = '', ...lines] = table;
  const withErrors = lines.flatMap((line, index) => {
    const { error, nextRetryAt } = connections[index]!.status;
    const next = nextRetryAt === undefined ? '' : `next attempt in ${elapsed(Math.max(0, nextRetryAt - now))}; `;
    return error ? [line, dim(`    ${next}${reasonOf(error)}`)] : [line];
  });
  return ['', header, ...withErrors];
}
