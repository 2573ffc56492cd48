import { once } from 'node:events';
import pc from 'picocolors';

/** The outputs of a command, and the signal that stops it. */
export interface Console {
  /** The result that was asked for. */
  readonly out: Outlet;
  /** Everything else: progress, hints, errors. */
  readonly err: Outlet;
  /** Fires at Ctrl-C, and when nobody reads any more. */
  readonly signal: AbortSignal;
}

/** The options that all commands have. */
export interface CommonOptions {
  readonly secrets?: readonly string[];
  readonly environment?: string;
  readonly json?: boolean;
}

type Colors = ReturnType<typeof pc.createColors>;

/** A stream to write to, and its abilities. */
type Target = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly writableNeedDrain?: boolean;
};

/** Standard output or standard error: colours only where somebody sees them, and no more text than is taken. */
export class Outlet {
  readonly colors: Colors;
  readonly isTerminal: boolean;
  readonly #target: Target;

  constructor(target: Target, env: NodeJS.ProcessEnv = process.env) {
    this.#target = target;
    this.isTerminal = target.isTTY === true;
    this.colors = pc.createColors(coloured(this.isTerminal, env));
  }

  /** The number of columns; `Infinity` where there is no terminal. */
  get columns(): number {
    return this.isTerminal ? (this.#target.columns ?? 80) : Infinity;
  }

  write(text: string): void {
    this.#target.write(text);
  }

  line(text = ''): void {
    this.write(`${text}\n`);
  }

  /** Writes, and resolves when there is room for more: a slow reader slows the writer down. */
  async send(text: string, signal: AbortSignal): Promise<void> {
    if (!this.#target.write(text) && !signal.aborted)
      await once(this.#target, 'drain', { signal }).catch(() => undefined);
  }

  /** Resolves when all that was written has left. */
  flushed(): Promise<void> {
    return new Promise((resolve) => void (this.#target as NodeJS.WriteStream).write('', () => resolve()));
  }
}

/** `NO_COLOR` and `FORCE_COLOR` are conventions: no-color.org, force-color.org. */
function coloured(isTerminal: boolean, env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0';
  return isTerminal && env['TERM'] !== 'dumb';
}

/** Exit codes of the shell: 128 and the number of the signal. */
const codes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Time for cleaning up, in milliseconds, before the process ends anyway. */
const exitTimeout = 900;

interface Interruption {
  /** Fires at the first Ctrl-C, SIGTERM or SIGHUP, and when nobody reads any more. */
  readonly signal: AbortSignal;
  /** The exit code that goes with it; `undefined` as long as nothing happened. */
  readonly exitCode: number | undefined;
  stop(why: 'reader-gone'): void;
}

/** The first signal asks the command to clean up; the second one, or too long a wait, ends the process. */
export function interruption(process: Pick<NodeJS.Process, 'on' | 'exit'>): Interruption {
  const stop = new AbortController();
  let exitCode: number | undefined;
  const interrupt = (code: number): void => {
    if (exitCode !== undefined) process.exit(exitCode);
    exitCode = code;
    setTimeout(() => process.exit(code), exitTimeout).unref();
    stop.abort();
  };
  for (const [name, code] of Object.entries(codes)) process.on(name as keyof typeof codes, () => interrupt(code));
  return {
    signal: stop.signal,
    get exitCode() {
      return exitCode;
    },
    stop: () => {
      if (exitCode === undefined) interrupt(0);
    },
  };
}
