import { lastValueFrom, merge, NEVER, takeUntil, tap, timer } from 'rxjs';
import type {
  ConnectionEvent,
  ConnectionRegistry,
  ConnectionState,
  ConnectionStats,
  ListedConnection,
} from '../index.ts';
import { aborted$, findConnections, keptOpen$, withRegistry } from './connections.ts';
import type { CommonOptions, Console, Outlet } from './console.ts';
import { exitCode, type ExitCode } from './exit-code.ts';
import { failureOf, reasonOf } from './failure.ts';
import { LiveBlock } from './live-block.ts';
import { columns, elapsed, padded, displayPath, visible, widest, wrapped } from './text.ts';

const paintedEvery = 250;

/** Keeps connections open, and shows their states and what happens to them, until Ctrl-C. */
export async function watch(console: Console, names: readonly string[], options: CommonOptions): Promise<ExitCode> {
  const { out, err, signal } = console;
  const block = new LiveBlock(err);
  let listed: readonly ListedConnection[] = [];
  let known = names;
  const news = new News();
  const say = (event: ConnectionEvent): void => {
    if (options.json) return out.line(plainEvent(event));
    const width = widest([...known, ...listed.map(({ name }) => name)].map(visible));
    if (news.has(event))
      block.above(() => eventLines(event, out.colors, width, out.columns).forEach((line) => out.line(line)));
  };
  const paint = (hot: ConnectionRegistry): void =>
    block.paint(stateTable(listed, (name) => hot.stats(name), err.colors, Date.now(), err.columns - 1));

  await withRegistry(
    options,
    async (hot) => {
      const told = hot.events$.subscribe(say);
      known = (await findConnections(hot, names)).map(({ name }) => name);
      if (known.length === 0)
        err.line('There are no connections yet; they appear as soon as a secrets file names them.');
      const shown$ = merge(
        keptOpen$(hot, names),
        hot.connections$.pipe(tap((all) => (listed = all))),
        timer(0, paintedEvery).pipe(tap(() => paint(hot))),
        NEVER,
      );
      await lastValueFrom(shown$.pipe(takeUntil(aborted$(signal))), { defaultValue: undefined });
      told.unsubscribe();
    },
    { retry: { attempts: Infinity } },
  ).finally(() => block.end());
  return exitCode.fine;
}

type Colors = Outlet['colors'];

/** An event on one line: the time, the connection (in a column so wide), the event. */
export function eventLine(event: ConnectionEvent, colors: Colors, width: number): string {
  const time = new Date(event.at).toTimeString().slice(0, 8);
  const whom =
    'connection' in event ? event.connection : 'source' in event && event.source ? displayPath(event.source) : '';
  return `${colors.dim(time)}  ${colors.bold(padded(visible(whom), width))}  ${what(event, colors)}`;
}

/** The same on as many lines as it needs, so that no word is broken: all but the first begin where the event does. */
export function eventLines(event: ConnectionEvent, colors: Colors, width: number, room: number): string[] {
  const line = eventLine(event, colors, width);
  const indent = ' '.repeat(12 + width);
  // In too narrow a terminal the time and the name leave no place beside them.
  if (room === Infinity || room < indent.length + 20) return [line];
  const text = what(event, colors);
  const begin = line.slice(0, line.length - text.length);
  const parts = wrapped(text, room, indent);
  // A source may have a longer name than every connection.
  if (widest([begin]) > indent.length && widest([line]) > room) return [begin.trimEnd(), ...parts];
  return [begin + parts[0]!.slice(indent.length), ...parts.slice(1)];
}

/** The same as one line of JSON. */
export function plainEvent(event: ConnectionEvent): string {
  return JSON.stringify('error' in event && event.error ? { ...event, error: failureOf(event.error) } : event);
}

function what(event: ConnectionEvent, { cyan, dim, green, red, yellow }: Colors): string {
  switch (event.type) {
    case 'source.loaded':
      return 'was read';
    case 'source.missing':
      return `is not there${event.error ? `: ${reasonOf(event.error)}` : ''}`;
    case 'source.failed':
      return `${red('cannot be used')}: ${reasonOf(event.error)}`;
    case 'config.changed':
      return `its settings ${cyan('changed')}: ${visible(event.settings.join(', '))}`;
    case 'instance.opening':
      return `instance ${event.generation} ${cyan('is being opened')}`;
    case 'instance.ready':
      return `instance ${event.generation} ${green('serves')}`;
    case 'instance.failed':
      return `instance ${event.generation} ${red('failed')}: ${reasonOf(event.error)}${again(event.retryIn)}`;
    case 'instance.retired':
      return `instance ${event.generation} ${dim(`retired (${event.reason})`)}`;
    case 'instance.closed':
      return `instance ${event.generation} ${dim('closed')}${event.error ? `: ${reasonOf(event.error)}` : ''}`;
    case 'lease.aborted':
      return `${yellow('running work was cut')}: ${reasonOf(event.error)}`;
    case 'warning':
      return `${yellow('!')} ${reasonOf(event)}`;
  }
}

function again(retryIn: number): string {
  return Number.isFinite(retryIn) ? `; again in ${elapsed(retryIn)}` : '';
}

/** Tells what is new to somebody who watches: attempts that fail as the last one did are in the table already. */
export class News {
  readonly #served = new Set<string>();
  readonly #failures = new Map<string, string>();

  has(event: ConnectionEvent): boolean {
    if (!('generation' in event)) return true;
    const instance = `${event.generation} ${event.id}`;
    switch (event.type) {
      case 'instance.opening':
        return !this.#failures.has(event.id);
      case 'instance.ready':
        this.#served.add(instance);
        this.#failures.delete(event.id);
        return true;
      case 'instance.failed': {
        const before = this.#failures.get(event.id);
        this.#failures.set(event.id, event.error.message);
        return before !== event.error.message;
      }
      case 'instance.closed':
        return this.#served.delete(instance);
      default:
        return true;
    }
  }
}

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
  room = Infinity,
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
    return error ? [line, ...wrapped(`${next}${reasonOf(error)}`, room, '    ').map(dim)] : [line];
  });
  return ['', header, ...withErrors];
}
