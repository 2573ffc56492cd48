import { checkConnection, type Checked } from './checking.ts';
import type { CommonOptions, Console } from './console.ts';
import { findConnections, type Found } from './connection.ts';
import { exitCode, type ExitCode } from './exit-code.ts';
import { failureOf, tellReason } from './failure.ts';
import { padded, widest } from './output/columns.ts';
import { elapsed } from './output/elapsed.ts';
import { Spinners } from './output/spinners.ts';
import { visible } from './output/visible.ts';
import { withRegistry } from './registry.ts';

/** Whether everything answers now, so one attempt is enough. */
export const once = { retry: { attempts: 1 } };

/** Opens and pings each, side by side: a line each, and for a failure its cause and its cure. */
export async function check(console: Console, names: readonly string[], options: CommonOptions): Promise<ExitCode> {
  const { out, err, signal } = console;
  const checked = await withRegistry(
    options,
    async (hot) => {
      const all = await findConnections(hot, names);
      const line = lines(console, all);
      const spinners = new Spinners(err, new Map(all.map((found) => [found.name, line.start(found)])));
      const tell = (one: Checked): Checked => {
        spinners.done(one.name, () => (options.json || signal.aborted ? undefined : line.end(one)));
        return one;
      };
      return Promise.all(all.map((found) => checkConnection(hot, found, signal).then(tell))).finally(() =>
        spinners.end(),
      );
    },
    once,
  );
  if (options.json) out.line(JSON.stringify(checked.map(plainOf), undefined, 2));
  else if (checked.length === 0) err.line('There are no connections yet. Begin with: hotline init');
  return checked.every(({ error }) => !error) ? exitCode.fine : exitCode.failed;
}

/** The lines of connections, their columns under each other. */
export function lines({ out }: Console, all: readonly Found[]): Lines {
  const { bold, cyan, dim, green, red } = out.colors;
  const [name, kind] = [
    widest(all.map((found) => visible(found.name))),
    widest(all.map(({ handle }) => handle?.kind ?? '')),
  ];
  const start = (found: Found): string =>
    `${bold(padded(visible(found.name), name))}  ${cyan(padded(found.handle?.kind ?? '', kind))}`;
  const end = (checked: Checked): void => {
    const { error, opened, ping = 0 } = checked;
    if (!error)
      return out.line(`${green('✓')} ${start(checked)}  ${dim(`opened in ${elapsed(opened)}, ping ${elapsed(ping)}`)}`);
    out.line(`${red('✗')} ${start(checked)}  ${red(error.code)} ${dim(`after ${elapsed(opened)}`)}`);
    tellReason(out, error);
  };
  return { start, end };
}

export interface Lines {
  start(found: Found): string;
  end(checked: Checked): void;
}

function plainOf({ name, handle, opened, ping, error }: Checked): object {
  const times = { opened: Math.round(opened), ...(ping !== undefined && { ping: Math.round(ping) }) };
  return { name, kind: handle?.kind, ok: !error, ...times, ...(error && { error: failureOf(error) }) };
}
