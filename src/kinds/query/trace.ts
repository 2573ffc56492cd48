import { channel } from 'node:diagnostics_channel';
import type { HotlineError } from '../../errors/index.ts';

/**
 * The object that is published on the diagnostics channel `hotline:query`: one for each statement that is sent,
 * once as it starts and, the same object, once as it ends. No bound value is ever in it.
 */
export interface QueryTrace {
  /** Tells the start of a statement from its end. */
  phase: 'start' | 'end';
  /** By which call it was sent. */
  readonly operation: 'query' | 'execute' | 'stream';
  /** The name of the connection. */
  readonly connection: string;
  /** Its identity. */
  readonly id: string;
  /** The name of its class. */
  readonly kind: string;
  /** Which instance it was sent on. */
  readonly generation: number;
  /** The text with `?` for each value that stands in it, and without comments; `undefined` where they cannot be told apart. */
  readonly sql: string | undefined;
  /** Milliseconds since the epoch. */
  readonly start: number;
  /** Milliseconds; at the end. */
  duration?: number;
  /** Rows read so far, of a stream. */
  read?: number;
  /** Rows returned or changed; at the end, where it went well. */
  rowCount?: number;
  /** The public, scrubbed error of a statement that failed. */
  error?: HotlineError;
  /** Set by a listener at the start: the statement is sent by it, as in a context whose children are the spans of the driver. */
  around?: <T>(send: () => T) => T;
  /** Set to `true` by a listener at the start: `cancel` is there while it runs. */
  cancellable?: boolean;
  /** Stops it on the server; its caller gets `cancelled`. A kind that cannot stop its server lets it go on. */
  cancel?: () => void;
}

type TraceOf = Pick<QueryTrace, 'operation' | 'connection' | 'id' | 'kind' | 'generation' | 'sql'>;

/** Statements are traced only while it has subscribers. */
export const queries = channel('hotline:query');

/** Says that a statement starts; what it returns is for `traceEnd`. */
export function traceStart(of: TraceOf): QueryTrace {
  const trace: QueryTrace = { phase: 'start', ...of, start: performance.timeOrigin + performance.now() };
  queries.publish(trace);
  return trace;
}

/** Sends a statement, in the context that a listener has set. */
export function sendWithin<T>(trace: QueryTrace | undefined, send: () => T): T {
  return trace?.around ? trace.around(send) : send();
}

/** Says how it ended. */
export function traceEnd(trace: QueryTrace | undefined, how: Pick<QueryTrace, 'rowCount' | 'error'>): void {
  if (!trace) return;
  const duration = performance.timeOrigin + performance.now() - trace.start;
  queries.publish(Object.assign(trace, how, { phase: 'end', duration }));
}

/**
 * The object that is published on the diagnostics channel `hotline:transaction`: one for each transaction or session that
 * has begun, once then and, the same object, once as it ends.
 */
export interface TransactionTrace {
  /** Tells the beginning from the end. */
  phase: 'start' | 'end';
  /** The call that began it. */
  readonly operation: 'transaction' | 'session';
  /** The name of the connection. */
  readonly connection: string;
  /** Its identity. */
  readonly id: string;
  /** The number of the instance. */
  readonly generation: number;
  /** Milliseconds since the epoch. */
  readonly start: number;
}

const transactions = channel('hotline:transaction');

/** Says that a transaction has begun, if anybody listens; what it returns says that it has ended. */
export function traceTransaction(of: Omit<TransactionTrace, 'phase' | 'start'>): () => void {
  if (!transactions.hasSubscribers) return () => undefined;
  const trace: TransactionTrace = { phase: 'start', ...of, start: performance.timeOrigin + performance.now() };
  transactions.publish(trace);
  return () => transactions.publish(Object.assign(trace, { phase: 'end' }));
}
