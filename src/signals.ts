import { setMaxListeners } from 'node:events';
import { ConfigError } from './errors/index.ts';

/**
 * The signal, if it is one or there is none.
 *
 * @throws ConfigError `invalid_argument`.
 */
export function usableSignal(signal: unknown, connection: string): AbortSignal | undefined {
  if (signal === undefined || isAbortSignal(signal)) return signal;
  throw new ConfigError('invalid_argument', `"${connection}": signal must be an AbortSignal.`, { connection });
}

const allowed = new WeakSet<AbortSignal>();

/** A signal that many calls may listen to at once: each lets go of it at its end, so Node need not warn of a leak. */
export function allowManyListeners(signal: AbortSignal): AbortSignal {
  if (allowed.has(signal)) return signal;
  allowed.add(signal);
  try {
    // Not 0, which means the same: `getMaxListeners` of Node 20 throws on it.
    setMaxListeners(Infinity, signal);
  } catch {
    // A signal of another realm or of a library gives no warning either.
  }
  return signal;
}

/** Tells whether a value is an AbortSignal, also one of another realm; a proxy may throw when it is inspected. */
function isAbortSignal(value: unknown): value is AbortSignal {
  try {
    const { aborted, addEventListener, removeEventListener } = value as Partial<AbortSignal>;
    return (
      typeof aborted === 'boolean' &&
      typeof addEventListener === 'function' &&
      typeof removeEventListener === 'function'
    );
  } catch {
    return false;
  }
}
