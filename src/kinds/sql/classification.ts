import { NoCredentials } from '../../credentials/index.ts';
import { OpenError, type ErrorCategory } from '../../errors/index.ts';
import { errorRules, type ErrorRule } from './error-rules.ts';

/** Drivers report some broken connections by text only. */
const lostTexts =
  /^Connection terminated|connection error and is not queryable|Connection ended unexpectedly|^timeout expired|Connection lost|in closed state|was terminated|Client was closed/i;
const configTexts =
  /does not support (SSL|secure)|^SASL: .*must be a string|unable to open (connection to local )?database|directory does not exist/i;

interface Verdict {
  readonly category: ErrorCategory;
  readonly lost: boolean;
}

/** Classifies an error of a driver; `undefined` when nothing is known about it. */
export function classify(error: unknown): Verdict | undefined {
  const known = fields(error);
  const rule = ruleOf(known);
  if (rule) return { category: rule.category, lost: rule.lost === true };
  if (lostTexts.test(known.message)) return { category: 'transient', lost: true };
  return configTexts.test(known.message) ? { category: 'config', lost: false } : undefined;
}

/** True for the error of a transaction that lost against another one. */
export function isConflict(error: unknown): boolean {
  return ruleOf(fields(error))?.conflict === true;
}

function ruleOf({ code, errno, number, message }: Fields): ErrorRule | undefined {
  return errorRules.find(
    (rule) =>
      // The numbers of SQL Server mean something else to MySQL.
      [errno, rule.of === 'mysql' ? undefined : number, code].some(
        (value) => value !== undefined && rule.code.test(value),
      ) && rule.text?.test(message) !== false,
  );
}

/** No such database; too many connections. */
const refusedElse = /^(3D000|53300|1049|1040|1203|4060)$/;

/** True where a server refused a connection or could not be reached: it may take the next one. */
export function refusesLogin(error: unknown): boolean {
  if (error instanceof OpenError) return error instanceof NoCredentials || error.category === 'auth';
  const verdict = classify(error);
  if (verdict?.category === 'auth' || (verdict?.category === 'transient' && verdict.lost)) return true;
  const { code, errno, number } = fields(error);
  return [code, errno, number].some((value) => value !== undefined && refusedElse.test(value));
}

interface Fields {
  readonly code: string | undefined;
  readonly errno: string | undefined;
  readonly number: string | undefined;
  readonly message: string;
}

function fields(error: unknown): Fields {
  const known = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>;
  const text = (value: unknown): string | undefined =>
    typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  // A failed connect to several addresses is one error of errors.
  const [first] = known['errors'] instanceof Array ? (known['errors'] as Record<string, unknown>[]) : [];
  const errno = text(known['errno']);
  return {
    code: text(known['code']) ?? text(first?.['code']),
    errno: errno?.startsWith('-') ? undefined : errno,
    number: text(known['number']),
    message: text(known['message']) ?? '',
  };
}
