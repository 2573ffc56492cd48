import { performance } from 'node:perf_hooks';
import { HotlineError, type ConnectionRegistry } from '../index.ts';
import { findConnections, loadSecrets, misplaced, misplacedSections, withRegistry, type Found } from './connections.ts';
import type { CommonOptions, Console, Outlet } from './console.ts';
import { exitCode, type ExitCode } from './exit-code.ts';
import { failureOf, tellReason } from './failure.ts';
import { commandLine } from './how-started.ts';
import { LiveBlock } from './live-block.ts';
import { elapsed, padded, visible, widest } from './text.ts';

/** Tells whether everything answers now, so one attempt is enough. */
export const once = { retry: { attempts: 1 } };

/** Opens and pings each, side by side: a line each, and for a failure its cause and its cure. */
export async function check(console: Console, names: readonly string[], options: CommonOptions): Promise<ExitCode> {
  const { out, err, signal } = console;
  let elsewhere: readonly string[] = [];
  const checked = await withRegistry(
    options,
    async (hot) => {
      const all = await findConnections(hot, names);
      if (names.length === 0) elsewhere = misplacedSections(await loadSecrets(hot));
      const line = lines(console, all);
      const spinners = new Spinners(err, new Map(all.map((found) => [found.name, line.start(found)])));
      const inOrder = new InOrder<Checked>((one) => {
        if (!options.json && !signal.aborted) line.end(one);
      });
      const tell = (one: Checked, at: number): Checked => {
        spinners.done(one.name, () => inOrder.take(at, one));
        return one;
      };
      return Promise.all(
        all.map((found, at) => checkConnection(hot, found, signal).then((one) => tell(one, at))),
      ).finally(() => spinners.end());
    },
    once,
  );
  if (options.json) out.line(JSON.stringify(checked.map(plainOf), undefined, 2));
  else if (checked.length === 0) err.line(`There are no connections yet. Begin with: ${commandLine('init')}`);
  for (const path of elsewhere) {
    const { what, cure } = misplaced(path);
    err.line(`${err.colors.red('✗')} ${visible(`${what} ${cure}`)}`);
  }
  const well = checked.length > 0 && elsewhere.length === 0 && checked.every(({ error }) => !error);
  return well ? exitCode.fine : exitCode.failed;
}

/** Says what comes in any order in the order of the numbers, each as soon as those before it were said. */
class InOrder<T> {
  readonly #say: (value: T) => void;
  readonly #early = new Map<number, T>();
  #next = 0;

  constructor(say: (value: T) => void) {
    this.#say = say;
  }

  take(at: number, value: T): void {
    this.#early.set(at, value);
    for (let next; (next = this.#early.get(this.#next)) !== undefined; this.#next++) {
      this.#early.delete(this.#next);
      this.#say(next);
    }
  }
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

/** The result of one connection. */
export interface Checked extends Found {
  /** Milliseconds from asking to an instance that serves, or to the failure. */
  readonly opened: number;
  /** Milliseconds of one ping after that. */
  readonly ping?: number;
}

/** Opens a connection and pings it. */
export async function checkConnection(hot: ConnectionRegistry, found: Found, signal: AbortSignal): Promise<Checked> {
  const start = performance.now();
  let opened: number | undefined;
  try {
    if (found.error) throw found.error;
    const handle = await hot.connection(found.name, { signal });
    opened = performance.now() - start;
    await handle.ping({ signal });
    return { ...found, opened, ping: performance.now() - start - opened };
  } catch (error) {
    if (!(error instanceof HotlineError)) throw error;
    return { ...found, opened: opened ?? performance.now() - start, error };
  }
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const everyMilliseconds = 80;

/** A spinner for each thing that is being waited for; what is done leaves its line above. */
export class Spinners {
  readonly #block: LiveBlock;
  readonly #waiting: Map<string, string>;
  readonly #paint: () => void;
  readonly #timer: NodeJS.Timeout;
  #frame = 0;

  constructor(outlet: Outlet, waiting: ReadonlyMap<string, string>) {
    this.#block = new LiveBlock(outlet);
    this.#waiting = new Map(waiting);
    this.#paint = () => {
      const frame = outlet.colors.cyan(frames[this.#frame++ % frames.length]);
      this.#block.paint([...this.#waiting.values()].map((text) => `${frame} ${text}`));
    };
    this.#paint();
    this.#timer = setInterval(this.#paint, everyMilliseconds);
  }

  /** One of them is done; `say` says how it went. */
  done(key: string, say: () => void): void {
    this.#waiting.delete(key);
    this.#block.above(say);
    this.#paint();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#block.end();
  }
}
