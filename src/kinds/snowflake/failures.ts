import { HotlineError, QueryError } from '../../errors/index.ts';

/** A call of the driver that would never have come to an end. */
export class AbandonedError extends Error {
  override readonly name = 'AbandonedError';
  readonly code = 'ABANDONED';
}

/** An answer that does not come from Snowflake: a page of a proxy, a part of an answer, nothing at all. */
export class GarbledAnswer extends Error {
  override readonly name = 'GarbledAnswer';
  readonly code = 'GARBLED';
  /** The driver sends a request again only if the error says which it was. */
  config: unknown;

  constructor(config: unknown, status: number | undefined, body: unknown) {
    super(`the answer is not one of Snowflake: ${shown(status, body)}`);
    this.config = config;
  }

  /** Tells whether an answer lacks the form that every answer of Snowflake has. */
  static is(body: unknown): boolean {
    if (typeof body !== 'string') return false;
    return !/^\s*\{/.test(body) || !/\}\s*$/.test(body) || !body.includes('"success"');
  }
}

/** The session is gone, or its token: the server rejects a request before it does anything with it. */
const sessionGone = /^(390104|390110|390111|390112|390113|390114|390115|390400|401004|407002)$/;

interface DriverError {
  message: string;
  readonly code?: unknown;
  readonly cause?: { readonly code?: unknown; readonly message?: unknown };
  readonly response?: { readonly statusCode?: number; readonly body?: unknown };
  readonly data?: { readonly queryId?: unknown } | null;
  queryId?: string;
}

/** Completes the message of an error of the driver: the HTTP status, the first words of a page, and the query id. */
export function explain(error: unknown, queryId?: string): void {
  if (typeof error !== 'object' || error === null || !('message' in error)) return;
  const failed = error as DriverError;
  const { message, cause, response, data } = failed;
  const id = queryId ?? (typeof data?.queryId === 'string' ? data.queryId : undefined);
  const parts = [cause instanceof GarbledAnswer ? cause.message : message || 'the server gave no reason'];
  if (typeof response?.statusCode === 'number') parts.push(shown(response.statusCode, response.body));
  else if (typeof cause?.code === 'string' && !(cause instanceof GarbledAnswer)) parts.push(`(${cause.code})`);
  failed.message = parts.join(' ');
  identify(failed, id);
}

/** Adds the query id to the error that stops one call; any other reason stays as it is, for it may belong to several calls. */
export function explainStop(reason: unknown, queryId: string | undefined): void {
  const one = reason instanceof HotlineError && /^(timeout|cancelled)$/.test(reason.code);
  if (one || reason instanceof AbandonedError) identify(reason, queryId);
}

function identify(failed: Pick<DriverError, 'message' | 'queryId'>, id: string | undefined): void {
  const mark = '(query id ';
  if (id === undefined || failed.message.includes(mark)) return;
  failed.message += ` ${mark}${id})`;
  failed.queryId = id;
}

/** The same error, with the number of the row of which a COPY says the file (`3.csv.gz`) and the row in it; `firsts` are the first rows of the files. */
export function explainRow(error: unknown, firsts: readonly number[]): unknown {
  const [, file, row] =
    (error instanceof Error && /File '[^']*?(\d+)\.csv[^']*'[^]*?\bRow (\d+)/.exec(error.message)) || [];
  const first = firsts[Number(file) - 1];
  if (first !== undefined) (error as Error).message += ` (row ${first + Number(row) - 1} of those that were given)`;
  return error;
}

/** Tells whether the server rejected a statement before it began, because the session was gone. */
export function neverRan(error: unknown): boolean {
  const { code, queryId } = (error ?? {}) as { code?: unknown; queryId?: unknown };
  return queryId === undefined && sessionGone.test(String(code));
}

/** Tells whether the server has said that a statement failed: its codes are text, those of the driver are numbers. */
export function saidByServer(error: unknown): boolean {
  return /^\d{5,6}$/.test(
    typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '',
  );
}

/** The status and the first words of an answer. */
function shown(status: number | undefined, body: unknown): string {
  const text = typeof body === 'string' ? body : '';
  const words = text
    .replace(/<(script|style)\b[^]*?<\/\1>|<[^>]*>/gi, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const first = words.length > 80 ? `${words.slice(0, 80)}…` : words;
  return `HTTP ${status ?? '?'}, ${first === '' ? 'without a text' : JSON.stringify(first)}`;
}

/** Tells whether a statement did not begin, because the session was gone. */
export function wasRejected(error: unknown): boolean {
  return error instanceof QueryError && neverRan(error.cause);
}

/** Batches that are asked for once more when the session was gone before the first. */
export async function* onceMore<R>(open: () => AsyncIterable<R[]>): AsyncGenerator<R[], void, undefined> {
  let begun = false;
  try {
    for await (const batch of open()) {
      begun = true;
      yield batch;
    }
  } catch (error) {
    if (begun || !wasRejected(error)) throw error;
    yield* open();
  }
}
