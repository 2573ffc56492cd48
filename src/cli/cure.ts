import type { HotlineError } from '../index.ts';

/** What the network says, and what to do about it. */
const network: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens there. Start the server, or correct host and port.',
  ENOTFOUND: 'There is no host of that name. Correct `host`, or look whether DNS and VPN work.',
  EAI_AGAIN: 'The name of the host could not be looked up. See whether DNS and VPN work.',
  ETIMEDOUT: 'The host does not answer. See whether a firewall or a VPN is in the way.',
  EHOSTUNREACH: 'There is no way to that host. See whether a VPN is needed.',
  ENETUNREACH: 'There is no way to that network. See whether a VPN is needed.',
  ECONNRESET: 'The server hung up. See whether it wants TLS (`ssl`), and what its log says.',
};

/** Whether the other side could not even be spoken to. */
export function isUnreachable(error: HotlineError): boolean {
  return codeOfCause(error) in network || error.code === 'open_timeout';
}

/** What to do about an error, where its message does not say it already. */
export function cureOf(error: HotlineError): string | undefined {
  // The class stands in the program, and the program is not running here.
  if (error.code === 'unknown_type')
    return 'A short name that your program registers is not known here; "<module>#<Export>" is.';
  if (error.category === 'config' || error.category === 'query') return undefined;
  const known = network[codeOfCause(error)];
  if (known) return known;
  return error.code === 'open_failed' ? 'Compare its settings with the server: hotline describe NAME' : error.cure;
}

function codeOfCause({ cause }: HotlineError): string {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : '';
}
