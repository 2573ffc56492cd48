import { resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { spawn } from '@lydell/node-pty';

/** What a command is run with. */
export interface TerminalOptions {
  readonly cwd: string;
  /** On top of an environment without `NO_COLOR`, `FORCE_COLOR` and `HOTLINE_ENV`. */
  readonly env?: Readonly<Record<string, string>>;
  readonly columns?: number;
  readonly rows?: number;
}

/** A command that runs in a pseudo-terminal of its own. */
export interface Terminal {
  readonly pid: number;
  /** What it has written; of a lot the end. */
  readonly output: string;
  /** Resolves when `pattern` has been written. */
  shows(pattern: RegExp, limit?: number): Promise<void>;
  /** Types something; `\u0003` is Ctrl-C. */
  type(text: string): void;
  /** Ends it the hard way, if it still runs. */
  kill(): void;
  /** Its exit code, when it has ended, and the milliseconds since the last thing that was typed. */
  readonly ended: Promise<{ readonly code: number; readonly after: number }>;
}

/** Characters of the output that are kept. */
const kept = 200_000;
const bin = resolve('dist/cli/main.js');

/** Runs the built `hotline` in a real pseudo-terminal. */
export function inTerminal(args: readonly string[], options: TerminalOptions): Terminal {
  const { cwd, env = {}, columns = 100, rows = 30 } = options;
  const child = spawn(process.execPath, [bin, ...args], { cwd, cols: columns, rows, env: plainEnvironment(env) });
  let output = '';
  let recent = '';
  let running = true;
  let typed = performance.now();
  const listeners = new Set<() => void>();
  child.onData((data) => {
    // Millions of rows go by: only the end of it is kept, and only what is new is searched.
    output = (output.length > kept ? output.slice(-kept / 2) : output) + data;
    recent = recent.slice(-200) + data;
    listeners.forEach((listener) => listener());
  });
  const ended = new Promise<{ code: number; after: number }>((done) => {
    child.onExit(({ exitCode }) => {
      running = false;
      done({ code: exitCode, after: performance.now() - typed });
    });
  });
  return {
    pid: child.pid,
    get output() {
      return output;
    },
    shows: (pattern, limit = 15_000) =>
      new Promise((done, fail) => {
        const give = (settle: () => void): void => {
          clearTimeout(timer);
          listeners.delete(look);
          settle();
        };
        const look = (): void => void ((pattern.test(recent) || pattern.test(output.slice(-4000))) && give(done));
        const timer = setTimeout(
          () => give(() => fail(new Error(`${String(pattern)} was not shown:\n${output.slice(-4000)}`))),
          limit,
        );
        listeners.add(look);
        look();
      }),
    type(text) {
      typed = performance.now();
      child.write(text);
    },
    kill() {
      if (running) child.kill('SIGKILL');
    },
    ended,
  };
}

/** The environment of a person at a terminal. */
export function plainEnvironment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { NO_COLOR, FORCE_COLOR, HOTLINE_ENV, NODE_OPTIONS, npm_config_user_agent, ...rest } = process.env;
  void [NO_COLOR, FORCE_COLOR, HOTLINE_ENV, NODE_OPTIONS, npm_config_user_agent];
  return { ...(rest as Record<string, string>), TERM: 'xterm-256color', ...more };
}
