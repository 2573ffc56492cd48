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

/** What the network says, and what to do about it, by the codes of Node.js. */
const cures: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens there. Start the server, or correct host and port.',
  ENOTFOUND: 'There is no host of that name. Correct `host`, or look whether DNS and VPN work.',
  EAI_AGAIN: 'The name of the host could not be looked up. See whether DNS and VPN work.',
  ETIMEDOUT: 'The host does not answer. See whether a firewall or a VPN is in the way.',
  EHOSTUNREACH: 'There is no way to that host. See whether a VPN is needed.',
  ENETUNREACH: 'There is no way to that network. See whether a VPN is needed.',
  ECONNRESET: 'The server hung up. See whether it wants TLS (`ssl`), and what its log says.',
};

/** What to do about what the network said; `undefined` where it was something else. */
export function networkCure(cause: unknown): string | undefined {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' && Object.hasOwn(cures, code) ? cures[code] : undefined;
}
