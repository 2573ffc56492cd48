import { HotlineError } from '../../errors/index.ts';

/** The same error, saying which connection it is about. */
export function named(error: unknown, connection: string): unknown {
  if (!(error instanceof HotlineError) || error.connection !== undefined) return error;
  const Same = error.constructor as typeof HotlineError;
  const { code, category, cause } = error;
  return new Same(code, `"${connection}": ${error.message}`, { connection, category, cause });
}
