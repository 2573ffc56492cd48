import { lastValueFrom, merge, NEVER, takeUntil } from 'rxjs';
import type { CommonOptions, Console } from './console.ts';
import { aborted$, findConnections, keptOpen$, withRegistry } from './connections.ts';
import { exitCode, type ExitCode } from './exit-code.ts';

/** Options of `hotline board`. */
export interface BoardCommandOptions extends CommonOptions {
  readonly port?: number;
  readonly host?: string;
  readonly actions?: boolean;
}

/** Serves the board of the connections in the secrets, which it keeps open, until Ctrl-C. */
export async function board(
  console: Console,
  { port, host, actions = false, ...options }: BoardCommandOptions,
): Promise<ExitCode> {
  const { out, err, signal } = console;
  const { serveBoard } = await import('../devtools/index.ts');
  await withRegistry(
    options,
    async (hot) => {
      await findConnections(hot);
      const served = await serveBoard(hot, { actions, ...(port !== undefined && { port }), ...(host && { host }) });
      out.line(served.url);
      err.line(err.colors.dim('Open it in a browser within 15 minutes; it is good for one. Ctrl-C ends it.'));
      const kept$ = merge(keptOpen$(hot, []), NEVER).pipe(takeUntil(aborted$(signal)));
      await lastValueFrom(kept$, { defaultValue: undefined }).finally(() => served.close());
    },
    { retry: { attempts: Infinity } },
  );
  return exitCode.fine;
}
