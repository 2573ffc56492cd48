import { HotlineError, withConnection, QueryError } from '../../errors/index.ts';
import { cancellation, type Cancellation } from './cancellation.ts';
import { failure, interruption } from './failure.ts';
import { queries, sendWithin, traceEnd, traceStart, type QueryTrace } from './trace.ts';
import type { Cursor, Result, Statement } from './statement.ts';
import type { OpenCursor } from './batches.ts';
import type { Lease, Leases } from '../base/index.ts';
import type { KindHooks } from './query-hooks.ts';
import type { CursorContext, RunContext } from './driver.ts';

/** The part of a lease that a statement needs. */
export type Through = Pick<Lease<unknown>, 'signal' | 'generation' | 'broken'>;

/** How a cursor is opened and ended. */
interface CursorParts {
  readonly open: (context: CursorContext) => Promise<Cursor>;
  readonly end: () => void;
  /** Fires when it must be closed. Default: the one of the lease. */
  readonly signal?: AbortSignal;
}

/** Causes of causes that are looked at. */
const deepest = 8;

/** Sends single statements: limited, traced, and with scrubbed errors. */
export class StatementExecutor {
  readonly #leases: Leases<unknown>;
  /** Public errors of what lost against another transaction. */
  readonly #conflicts = new WeakSet<object>();
  readonly #kind: Pick<KindHooks, 'kind' | 'classify' | 'breaks' | 'loses' | 'conflicts' | 'details' | 'shownText'>;

  constructor(
    leases: Leases<unknown>,
    kind: Pick<KindHooks, 'kind' | 'classify' | 'breaks' | 'loses' | 'conflicts' | 'details' | 'shownText'>,
  ) {
    this.#leases = leases;
    this.#kind = kind;
  }

  get connection(): string {
    return this.#leases.name;
  }

  /** Tells that rows were left to nobody: an iterator or a cursor that was not ended, and cannot be reached any more. */
  readonly dropped = (): void =>
    this.#leases.warn?.(
      'iterator_dropped',
      'an iterator or a cursor was dropped while it was open; what it held was given back when it was collected as garbage. Read it to its end, leave its loop by `break`, or call `return()` or `close()`.',
    );

  /** One statement, sent by `work` in the context that it is handed. */
  send(
    lease: Through,
    statement: Statement,
    given: RunContext,
    work: (context: RunContext) => Promise<Result>,
  ): Promise<Result> {
    let trace: QueryTrace | undefined;
    let stop: Cancellation | undefined;
    const fail = (thrown: unknown): never => {
      stop?.end();
      const error = this.toPublicError(thrown, stop ?? given, lease, statement);
      traceEnd(trace, { error });
      throw error;
    };
    const take = (result: Result): Result => {
      stop?.end();
      const { maxRows = Infinity } = given;
      if (result.rows.length > maxRows) return fail(this.#tooMany(maxRows));
      if (trace) traceEnd(trace, { rowCount: result.rowCount });
      return result;
    };
    try {
      if (!queries.hasSubscribers) return work(given).then(take, fail);
      trace = this.#trace(lease, statement, given.write ? 'execute' : 'query');
      stop = cancellation(trace, () => [given.signal], this.connection);
      const context = stop ? withSignal(given, stop.signal) : given;
      return sendWithin(trace, () => work(context)).then(take, fail);
    } catch (thrown) {
      return Promise.reject(thrown).catch(fail);
    }
  }

  /** The cursor that `open` opens; `end` is called once, when the server is done with it, and `signal` ends it before. */
  async cursor<R>(
    lease: Through,
    statement: Statement,
    given: CursorContext,
    { open, end, signal = lease.signal }: CursorParts,
  ): Promise<OpenCursor<R>> {
    let trace: QueryTrace | undefined;
    let stop: Cancellation | undefined;
    let rowCount = 0;
    const fail = (thrown: unknown): HotlineError => {
      const error = this.toPublicError(thrown, stop ?? given, lease, statement);
      if (trace) trace.error = error;
      return error;
    };
    const ended = (how: Pick<QueryTrace, 'rowCount' | 'error'>): void => {
      stop?.end();
      traceEnd(trace, how);
    };
    try {
      if (queries.hasSubscribers) trace = this.#trace(lease, statement, 'stream');
      stop = cancellation(trace, () => [given.signal, signal], this.connection);
      const context = stop ? { ...given, signal: stop.signal } : given;
      const cursor = await sendWithin(trace, () => open(context));
      const read = async (count: number): Promise<R[]> => {
        try {
          const rows = await cursor.read(count);
          rowCount += rows.length;
          if (trace) trace.read = rowCount;
          return rows as R[];
        } catch (error) {
          throw fail(error);
        }
      };
      return {
        signal: stop?.signal ?? signal,
        cursor: { read, close: () => cursor.close() },
        end: (error) => {
          try {
            if (error !== undefined) fail(error);
            ended(trace?.error ? {} : { rowCount });
          } finally {
            end();
          }
        },
      };
    } catch (thrown) {
      try {
        const error = fail(thrown);
        ended({ error });
        throw error;
      } finally {
        end();
      }
    }
  }

  /** Makes the public error of what was thrown, and reports an instance that is broken by it. */
  toPublicError(
    error: unknown,
    { signal }: { signal: AbortSignal },
    lease: Pick<Through, 'broken'>,
    statement?: Statement,
  ): HotlineError {
    if (signal.aborted) return interruption(signal.reason, this.connection);
    if (error instanceof HotlineError) return withConnection(error, this.connection);
    const category = this.#kind.classify(error);
    const broken = category === 'transient' && this.#kind.breaks(error);
    const lost = category === 'transient' && this.#kind.loses(error);
    const secrets = this.#leases.secrets();
    const out = failure(error, {
      connection: this.connection,
      category,
      lost,
      secrets,
      statement,
      details: this.#kind.details(error),
    });
    if (broken) lease.broken(out);
    if (this.#kind.conflicts(error)) this.#conflicts.add(out);
    return out;
  }

  /**
   * Tells whether it failed because a transaction lost against another one. It may be an error of ours, of the driver (knex, an
   * object-relational mapper), or one that has such a cause.
   */
  isConflict(error: unknown): boolean {
    for (let depth = 0; depth < deepest && typeof error === 'object' && error !== null; depth++) {
      if (this.#conflicts.has(error)) return true;
      if (this.#kind.conflicts(error)) return true;
      error = (error as { readonly cause?: unknown }).cause;
    }
    return false;
  }

  #trace({ generation }: Through, statement: Statement, operation: QueryTrace['operation']): QueryTrace {
    const { id, name: connection } = this.#leases;
    const { kind } = this.#kind;
    return traceStart({ operation, connection, id, kind, generation, sql: this.#kind.shownText(statement) });
  }

  #tooMany(maxRows: number): QueryError {
    const { connection } = this;
    const message = `"${connection}": the result has more than maxRows = ${maxRows} rows. Narrow it, raise maxRows, or use stream().`;
    return new QueryError('too_many_rows', message, { connection });
  }
}

function withSignal({ timeout, maxRows, write, method }: RunContext, signal: AbortSignal): RunContext {
  return { signal, timeout, maxRows, write, method };
}
