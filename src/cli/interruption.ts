/** Exit codes of the shell: 128 and the number of the signal. */
const codes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Time for cleaning up, in milliseconds, before the process ends anyway. */
const patience = 900;

export interface Interruption {
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
    setTimeout(() => process.exit(code), patience).unref();
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
