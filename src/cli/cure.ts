import type { HotlineError } from '../index.ts';

/** What the network says when nobody can be spoken to. */
const unreachable = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ECONNRESET)$/;

/** Whether the other side could not even be spoken to. */
export function isUnreachable(error: HotlineError): boolean {
  return unreachable.test(codeOfCause(error)) || error.code === 'open_timeout';
}

/** What to do about an error, where its message does not say it already. */
export function cureOf(error: HotlineError): string | undefined {
  // The class stands in the program, and the program is not running here.
  if (error.code === 'unknown_type')
    return 'A short name that your program registers is not known here; "<module>#<Export>" is.';
  if (error.category === 'config' || error.category === 'query') return undefined;
  return error.code === 'open_failed' && !unreachable.test(codeOfCause(error))
    ? 'Compare its settings with the server: hotline describe NAME'
    : error.cure;
}

function codeOfCause({ cause }: HotlineError): string {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : '';
}
