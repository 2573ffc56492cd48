import { HotlineError } from '../index.ts';
import { cureOf } from './cure.ts';
import type { Outlet } from './output/outlet.ts';
import { visible } from './output/visible.ts';

/** An error on two lines: what is wrong, and what to do about it. */
export function tellFailure(outlet: Outlet, error: unknown): void {
  const { red, dim, yellow } = outlet.colors;
  if (!(error instanceof HotlineError)) {
    const message = error instanceof Error ? error.message : String(error);
    return outlet.line(`${red('error')} ${message}`);
  }
  outlet.line(`${red('error')} ${visible(error.message)} ${dim(`(${error.code})`)}`);
  const cure = cureOf(error);
  if (cure) outlet.line(`${yellow('  →')}   ${cure}`);
}

/** The same for programs: nothing in it is secret. */
export function failureOf(error: HotlineError): Record<string, unknown> {
  const { code, category, connection, message, retryable } = error;
  const cure = cureOf(error);
  return { code, category, ...(connection && { connection }), message, ...(cure && { cure }), retryable };
}
