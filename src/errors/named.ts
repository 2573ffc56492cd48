import { HotlineError } from './error.ts';

/** The same error, naming the connection that it hinders; one that names a connection already stays as it is. */
export function withConnection<E>(error: E, connection: string, secrets: Iterable<string> = []): E {
  if (!(error instanceof HotlineError) || error.connection !== undefined) return error;
  return withMessage(error, `"${connection}": ${error.message}`, connection, secrets);
}

/** The same error with another message. */
export function withMessage<E extends HotlineError>(
  error: E,
  message: string,
  connection: string,
  secrets: Iterable<string> = [],
): E {
  const Same = error.constructor as new (...given: ConstructorParameters<typeof HotlineError>) => E;
  const { code, category, cause, setting, sqlState } = error as E & { readonly sqlState?: string };
  return new Same(code, message, { connection, category, cause, secrets, setting, sqlState } as object);
}
