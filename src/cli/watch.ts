import {
  from,
  fromEvent,
  ignoreElements,
  lastValueFrom,
  map,
  merge,
  mergeMap,
  NEVER,
  retry,
  takeUntil,
  tap,
  timer,
} from 'rxjs';
import type { ConnectionEvent, ConnectionRegistry, ListedConnection } from '../index.ts';
import type { CommonOptions, Console } from './console.ts';
import { findConnections } from './connection.ts';
import { exitCode, type ExitCode } from './exit-code.ts';
import { LiveBlock } from './output/live-block.ts';
import { withRegistry } from './registry.ts';
import { eventLine, plainEvent } from './watch/event-line.ts';
import { stateTable } from './watch/state-table.ts';

const paintedEvery = 250;
/** How long a name rests that could not be opened at all, in milliseconds. */
const rest = 5000;

/** Keeps connections open, and shows their states and what happens to them, until Ctrl-C. */
export async function watch(console: Console, names: readonly string[], options: CommonOptions): Promise<ExitCode> {
  const { out, err, signal } = console;
  const block = new LiveBlock(err);
  let listed: readonly ListedConnection[] = [];
  const say = (event: ConnectionEvent): void =>
    block.above(() => out.line(options.json ? plainEvent(event) : eventLine(event, out.colors)));
  const paint = (hot: ConnectionRegistry): void =>
    block.paint(stateTable(listed, (name) => hot.stats(name), err.colors, Date.now()));

  await withRegistry(
    options,
    async (hot) => {
      const told = hot.events$.subscribe(say);
      if ((await findConnections(hot, names)).length === 0)
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

/** Interest in each of the names, or in every name that the secrets have and will have. */
function keptOpen$(hot: ConnectionRegistry, names: readonly string[]) {
  const known = new Set<string>();
  const asked$ = names.length > 0 ? from([names]) : hot.secrets$.pipe(map((secrets) => secrets.keys('connections')));
  return asked$.pipe(
    mergeMap((all) => all.filter((name) => !known.has(name) && known.add(name))),
    mergeMap((name) => hot.connection$(name).pipe(ignoreElements(), retry({ delay: () => timer(rest) }))),
  );
}

function aborted$(signal: AbortSignal) {
  return signal.aborted ? from([signal]) : fromEvent(signal, 'abort');
}
