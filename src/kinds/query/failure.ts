import {
  HotlineError,
  QueryError,
  withConnection,
  type ErrorCategory,
  type ErrorCode,
  type ErrorDetails,
} from '../../errors/index.ts';
import type { Statement } from './statement.ts';

interface FailureContext {
  readonly connection: string;
  readonly category: ErrorCategory | undefined;
  /** The connection that the statement ran on is gone. */
  readonly lost: boolean;
  readonly secrets: Iterable<string>;
  readonly statement: Statement | undefined;
  readonly details?: ErrorDetails | undefined;
}

/** Makes the public error of what a driver threw: scrubbed, without bound values, with a code. */
export function failure(error: unknown, context: FailureContext): HotlineError {
  if (error instanceof HotlineError) return error;
  // A category that nobody gave: a statement that failed is not one that is worth sending again.
  const category = context.category ?? 'query';
  const code = codeOf(category, context.lost);
  const said = textOf(error);
  return new QueryError(
    code,
    `"${context.connection}": ${openings[code] ?? 'the statement failed'}${said && `: ${said}`}${adviceIn(error, context)}`,
    {
      connection: context.connection,
      category,
      cause: error,
      secrets: [...context.secrets, ...boundTexts(context.statement?.params, said)],
      sqlState: sqlStateOf(error),
      errorNumber: errorNumberOf(error),
      details: context.details,
    },
  );
}

/** The advice of the kind; that of the server is a field of the error. */
function adviceIn(error: unknown, { details }: FailureContext): string {
  const hint = details?.hint;
  const own = hint !== undefined && (error as { readonly hint?: unknown } | null)?.hint !== hint;
  return own ? `. ${hint}` : '';
}

/** The reason of a signal that fired while something ran. */
export function interruption(reason: unknown, connection: string): HotlineError {
  if (reason instanceof QueryError) return reason;
  if (!(reason instanceof HotlineError))
    return new QueryError('cancelled', `"${connection}": the call was cancelled by its signal.`, { connection });
  if (reason.code !== 'timeout' && reason.code !== 'cancelled') return reason;
  return new QueryError(reason.code, reason.message, { connection, cause: reason.cause });
}

/** Makes the error that a call rejects with: the same one with the name, as a QueryError where it is about the time or the signal of the call. */
export function refusal(error: unknown, connection: string): unknown {
  const own = error instanceof HotlineError && (error.connection ?? connection) === connection;
  return own ? withConnection(interruption(error, connection), connection) : error;
}

const openings: Partial<Record<ErrorCode, string>> = {
  connection_lost: 'the connection broke while a statement was running',
  auth_failed: 'the server refused the credentials',
  timeout: 'the server ran out of time',
  cancelled: 'the server cancelled the statement',
  query_failed: 'the statement failed',
};

function codeOf(category: ErrorCategory, lost: boolean): ErrorCode {
  if (lost && category === 'transient') return 'connection_lost';
  if (category === 'auth') return 'auth_failed';
  return category === 'timeout' || category === 'cancelled' ? category : 'query_failed';
}

function textOf(error: unknown): string {
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
  return typeof message === 'string' ? message : '';
}

/** The SQLSTATE of an error of a driver, where it has one. */
export function sqlStateOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { sqlState, code } = error as { sqlState?: unknown; code?: unknown };
  if (typeof sqlState === 'string') return sqlState;
  return typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** The server's own number of an error: `errno` of mysql2, `number` of tedious, `errorNum` of oracledb. Those of the system are negative. */
function errorNumberOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { errno, number, errorNum, sqlState } = error as Readonly<Record<string, unknown>>;
  const found = [sqlState === undefined ? undefined : errno, number, errorNum];
  return found.find((one): one is number => Number.isInteger(one) && Number(one) > 0);
}

/** So many characters of a value that was cut short are enough to know it. */
const recognisable = 8;

/**
 * The forms in which a server may have quoted the values it was sent ("duplicate entry 'x'"): whole, escaped, or cut short as in
 * `said`. All of it is scrubbed like secrets.
 */
export function* boundTexts(values: unknown, said: string): Iterable<string> {
  // Not by recursion: what is bound may be nested deeply, or hold itself.
  const left = [values];
  const seen = new Set<object>();
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === 'string') yield* quotations(value, said);
    else if (typeof value === 'number' || typeof value === 'bigint') yield String(value);
    else if (ArrayBuffer.isView(value)) yield* spelledBytes(value, said);
    else if (typeof value === 'object' && value !== null && !seen.has(value)) {
      seen.add(value);
      for (const inner of valuesOf(value)) left.push(inner);
    }
  }
}

/** A proxy may throw at any question, and this is asked while an error is told. */
function valuesOf(value: object): readonly unknown[] {
  try {
    return Object.values(value);
  } catch {
    return [];
  }
}

function* quotations(value: string, said: string): Iterable<string> {
  const backslashed = JSON.stringify(value).slice(1, -1).replaceAll("'", "\\'");
  for (const spelling of new Set([value, value.replaceAll("'", "''"), backslashed])) {
    yield spelling;
    yield* beginnings(spelling, said);
  }
}

/** The length of the common beginning of a text and of a longer one. */
function* beginnings(whole: string, said: string): Iterable<string> {
  if (whole.length <= recognisable) return;
  const start = whole.slice(0, recognisable);
  for (let at = said.indexOf(start); at !== -1;) {
    let length = recognisable;
    while (length < whole.length && whole[length] === said[at + length]) length += 1;
    yield whole.slice(0, length);
    at = said.indexOf(start, at + length);
  }
}

function* spelledBytes({ buffer, byteOffset, byteLength }: ArrayBufferView, said: string): Iterable<string> {
  const bytes = Buffer.from(buffer, byteOffset, Math.min(byteLength, 1_024));
  const hex = bytes.toString('hex');
  for (const spelling of [hex, hex.toUpperCase(), bytes.toString('base64'), bytes.toString('utf8')])
    yield* quotations(spelling, said);
}
