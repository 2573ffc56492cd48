import { CommanderError } from 'commander';
import { HotlineError } from '../index.ts';
import type { Console } from './console.ts';
import { exitCode, Misuse, type ExitCode } from './exit-code.ts';
import { tellFailure } from './failure.ts';
import { program } from './program.ts';

/** Runs one command line and says how it ended; it never throws. */
export async function run(args: readonly string[], console: Console): Promise<ExitCode> {
  let code: ExitCode = exitCode.fine;
  try {
    const commands = program(console, (ended) => (code = ended));
    await commands.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    // It has said so itself.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.fine : exitCode.misused;
    if (!console.signal.aborted) tellFailure(console.err, error);
    return error instanceof Misuse || misused(error) ? exitCode.misused : exitCode.failed;
  }
}

function misused(error: unknown): boolean {
  return error instanceof HotlineError && error.code === 'invalid_argument';
}
