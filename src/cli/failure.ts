import { HotlineError } from '../index.ts';
import type { Outlet } from './console.ts';
import { exitCode, Misuse, type ExitCode } from './exit-code.ts';
import { commandLine, shellWord } from './how-started.ts';
import { shortPaths, visible, wrapped } from './text.ts';

/** An error that ends the command: what is wrong, and what to do about it. */
export function tellFailure(outlet: Outlet, error: unknown): void {
  const { red, dim } = outlet.colors;
  if (!(error instanceof HotlineError)) {
    const message = error instanceof Error ? error.message : String(error);
    return outlet.line(`${red('error')} ${message}`);
  }
  const cure = cureOf(error);
  const said = cure === undefined ? error.message : withoutCure(error.message, error.cure);
  outlet.line(`${red('error')} ${shortPaths(visible(said))} ${dim(`(${error.code})`)}`);
  tellCure(outlet, cure, '  ');
}

/** The exit code of a command that an error has ended. */
export function exitCodeOf(error: unknown): ExitCode {
  const misused = error instanceof Misuse || (error instanceof HotlineError && error.code === 'invalid_argument');
  return misused ? exitCode.misused : exitCode.failed;
}

/** An error about a connection that was named just before, on lines of its own. */
export function tellReason(outlet: Outlet, error: HotlineError, indent = '  '): void {
  for (const line of wrapped(reasonOf(error), outlet.columns, indent)) outlet.line(line);
  tellCure(outlet, cureOf(error), indent);
}

/** A message without the name of its connection and without what to do, where those stand beside it. */
export function reasonOf({ message, connection, cure }: Reason): string {
  const prefix = `"${connection}": `;
  const said = message.startsWith(prefix) ? message.slice(prefix.length) : message;
  return shortPaths(visible(withoutCure(said, cure)));
}

function withoutCure(said: string, cure: string | undefined): string {
  return cure && said.endsWith(` ${cure}`) ? said.slice(0, -cure.length - 1) : said;
}

interface Reason {
  readonly message: string;
  readonly connection?: string | undefined;
  readonly cure?: string | undefined;
}

/** The advice. */
export function tellCure(outlet: Outlet, cure: string | undefined, indent: string): void {
  if (!cure) return;
  const [first = '', ...rest] = wrapped(visible(cure), outlet.columns - 2, indent);
  outlet.line(`${indent}${outlet.colors.yellow('→')} ${first.slice(indent.length)}`);
  for (const line of rest) outlet.line(`  ${line}`);
}

/** The same for programs: nothing in it is secret. */
export function failureOf(error: HotlineError): Record<string, unknown> {
  const { code, category, connection, message, retryable } = error;
  const cure = cureOf(error);
  return { code, category, ...(connection && { connection }), message, ...(cure && { cure }), retryable };
}

/** The codes of the network when the other side cannot be reached. */
const unreachable = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ECONNRESET)$/;

/** Tells whether the other side could not even be spoken to. */
export function isUnreachable(error: HotlineError): boolean {
  return unreachable.test(codeOfCause(error)) || error.code === 'open_timeout';
}

/** The advice for an error, where its message has none. */
export function cureOf(error: HotlineError): string | undefined {
  // The class stands in the program, and the program is not running here.
  if (error.code === 'unknown_type')
    return 'A short name that your program registers is not known here; "<module>#<Export>" is.';
  if (error.code === 'invalid_bind') return 'Each :name of the statement gets its value by --param name=value.';
  if (error.category === 'config' || error.category === 'query') return undefined;
  return error.code === 'open_failed' && !unreachable.test(codeOfCause(error))
    ? `Compare its settings with the server: ${commandLine(`describe ${error.connection === undefined ? 'NAME' : shellWord(error.connection)}`)}`
    : error.cure;
}

function codeOfCause({ cause }: HotlineError): string {
  if (typeof cause !== 'object' || cause === null) return '';
  const { code, message } = cause as { readonly code?: unknown; readonly message?: unknown };
  // Snowflake's driver has numbers of its own.
  return typeof code === 'string' ? code : (/\((E[A-Z_]+)\)$/.exec(String(message))?.[1] ?? '');
}
