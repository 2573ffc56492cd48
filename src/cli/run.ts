import { CommanderError } from 'commander';
import type { Console } from './console.ts';
import { exitCode, type ExitCode } from './exit-code.ts';
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
    // Help and what commander refuses do without the library.
    const { exitCodeOf, tellFailure } = await import('./failure.ts');
    if (!console.signal.aborted) tellFailure(console.err, error);
    return exitCodeOf(error);
  }
}
