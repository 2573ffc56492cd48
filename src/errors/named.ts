import { HotlineError } from './error.ts';

/** The same error, naming the connection that it hinders; one that names a connection already stays as it is. */
export function named<E>(error: E, connection: string, secrets: Iterable<string> = []): E {
  if (!(error instanceof HotlineError) || error.connection !== undefined) return error;
  const Same = error.constructor as new (...given: ConstructorParameters<typeof HotlineError>) => E & HotlineError;
  const { code, category, cause, message } = error;
  return new Same(code, `"${connection}": ${message}`, { connection, category, cause, secrets });
}
