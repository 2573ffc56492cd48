import { ConfigError, HotlineError } from './error.ts';

/**
 * The result of reading the arguments of a call. Whatever they are (a proxy may throw at any access), a failure is
 * an error of ours, without anything that they hold.
 *
 * @throws ConfigError `invalid_argument`; HotlineError as `read` does.
 */
export function readable<T>(connection: string | undefined, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw ofArguments(thrown, connection);
  }
}

/** The error for a value that was thrown while arguments were read: a HotlineError stays as it is. */
export function ofArguments(thrown: unknown, connection?: string): HotlineError {
  try {
    if (thrown instanceof HotlineError) return thrown;
  } catch {
    // It is a proxy as well.
  }
  const about = connection === undefined ? '' : `"${connection}": `;
  const message = `${about}the arguments of the call cannot be read. Pass plain values, of the types that its declaration names.`;
  return new ConfigError('invalid_argument', message, { connection });
}
