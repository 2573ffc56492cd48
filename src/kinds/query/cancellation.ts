import { QueryError } from '../../errors/index.ts';
import { allowManyListeners } from '../../signals.ts';
import type { QueryTrace } from './trace.ts';

/** The signal of a statement that may be cancelled. */
export interface Cancellation {
  readonly signal: AbortSignal;
  /** There is nothing to cancel any more. */
  end(): void;
}

/**
 * Lets a statement be cancelled by its trace, where a listener has asked for that. The signal fires then, and when one of
 * `others` does, which stop the statement otherwise.
 */
export function cancellation(
  trace: QueryTrace | undefined,
  others: () => readonly AbortSignal[],
  connection: string,
): Cancellation | undefined {
  if (!trace?.cancellable) return undefined;
  const stop = new AbortController();
  const signals = [...new Set(others())];
  const pass = ({ target }: { readonly target: unknown }): void => stop.abort((target as AbortSignal).reason);
  for (const signal of signals) allowManyListeners(signal).addEventListener('abort', pass, { once: true });
  const aborted = signals.find((signal) => signal.aborted);
  if (aborted) pass({ target: aborted });
  trace.cancel = () => stop.abort(cancelled(connection));
  return {
    signal: stop.signal,
    end() {
      for (const signal of signals) signal.removeEventListener('abort', pass);
    },
  };
}

function cancelled(connection: string): QueryError {
  const message = `"${connection}": the statement was cancelled by a listener of hotline:query, such as the board.`;
  return new QueryError('cancelled', message, { connection });
}
