import { lastValueFrom, merge, NEVER, takeUntil, tap, timer } from 'rxjs';
import type { ConnectionEvent, ConnectionRegistry, ListedConnection } from '../index.ts';
import type { CommonOptions, Console } from './console.ts';
import { findConnections } from './connection.ts';
import { exitCode, type ExitCode } from './exit-code.ts';
import { aborted$, keptOpen$ } from './kept-open.ts';
import { widest } from './output/columns.ts';
import { LiveBlock } from './output/live-block.ts';
import { visible } from './output/visible.ts';
import { withRegistry } from './registry.ts';
import { eventLine, plainEvent } from './watch/event-line.ts';
import { News } from './watch/news.ts';
import { stateTable } from './watch/state-table.ts';

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
    if (news.has(event)) block.above(() => out.line(eventLine(event, out.colors, width)));
  };
  const paint = (hot: ConnectionRegistry): void =>
    block.paint(stateTable(listed, (name) => hot.stats(name), err.colors, Date.now()));

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
