import { bindingsOf, type Bindings } from './binds.ts';
import type { Copy } from './copy.ts';
import { splitStatements } from './dialect.ts';
import { execute } from './execute.ts';
import { StatementError } from './refusal.ts';
import type { Outcome } from './statement.ts';
import { Statement } from './statement.ts';
import type { Result } from './result.ts';
import { statusResult } from './result.ts';
import type { Session } from './session.ts';

/** The body of a query request. */
export interface QueryRequest {
  readonly sqlText: string;
  readonly bindings?: Bindings;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly asyncExec?: boolean;
  readonly describeOnly?: boolean;
  /** What a COPY takes from its stage. */
  readonly copy?: Copy | undefined;
}

const MULTI = 0xa000;
const keptRows = 4_000_000;
const keptStatements = 500;

/** Every statement of the server: started once for each request id, found again by its query id. */
export class Statements {
  started = 0;
  cancelled = 0;
  readonly #byId = new Map<string, Statement>();
  readonly #byRequest = new Map<string, Statement>();
  readonly #rows = new Map<string, number>();

  get running(): number {
    return [...this.#byId.values()].filter(({ state }) => state === 'RUNNING').length;
  }

  /** A request id that was seen before is the same request sent again, and must not run twice. */
  submit(session: Session, requestId: string, request: QueryRequest): Statement {
    const known = this.#byRequest.get(requestId);
    if (known) return known;
    const parts = splitStatements(request.sqlText);
    const settings = { ...session.parameters, ...request.parameters };
    const statement = this.#start(session, request.sqlText, settings, (signal, self) => {
      if (parts.length === 0)
        throw new StatementError('000900', 'SQL compilation error:\nEmpty SQL statement.', '42601');
      const wanted = Number(settings['MULTI_STATEMENT_COUNT'] ?? 1);
      if (wanted !== 0 && wanted !== parts.length) throw miscounted(parts.length, wanted);
      // Where any number may come, one is a script as well: its rows are those of a statement of their own.
      if (wanted !== 1) return this.#script(session, parts, settings, request.bindings, signal, self);
      const { bindings, describeOnly, copy } = request;
      return execute(session, { sql: parts[0]!, bindings, describeOnly, copy }, signal);
    });
    this.#byRequest.set(requestId, statement);
    return statement;
  }

  find(queryId: string): Statement | undefined {
    return this.#byId.get(queryId);
  }

  cancel(id: { queryId: string } | { requestId: string }): void {
    const statement = 'queryId' in id ? this.#byId.get(id.queryId) : this.#byRequest.get(id.requestId);
    if (statement?.state !== 'RUNNING') return;
    this.cancelled++;
    statement.cancel();
  }

  /** Stops what the session still runs, unless it may `finish`, and waits until that has ended. */
  async end(session: Session, finish: boolean): Promise<void> {
    const own = [...this.#byId.values()].filter((statement) => statement.session === session);
    if (!finish) for (const statement of own) if (statement.state === 'RUNNING') statement.cancel();
    await Promise.all(own.map(({ done }) => done));
  }

  #start(
    session: Session,
    sql: string,
    settings: Readonly<Record<string, unknown>>,
    work: (signal: AbortSignal, self: Statement) => Promise<Result>,
  ): Statement {
    this.started++;
    const statement = new Statement(session, sql, work);
    const limit = Number(settings['STATEMENT_TIMEOUT_IN_SECONDS'] ?? 0);
    const message = `Statement reached its statement or warehouse timeout of ${limit} second(s) and was canceled.`;
    const timer = limit > 0 ? setTimeout(() => statement.cancel('000630', message), limit * 1000).unref() : undefined;
    this.#byId.set(statement.id, statement);
    void statement.done.then((outcome) => {
      clearTimeout(timer);
      this.#keep(statement, outcome);
    });
    return statement;
  }

  async #script(
    session: Session,
    parts: readonly string[],
    settings: Readonly<Record<string, unknown>>,
    bindings: Bindings | undefined,
    signal: AbortSignal,
    parent: Statement,
  ): Promise<Result> {
    const own = bindingsOf(parts, bindings);
    for (const [at, sql] of parts.entries()) {
      const child = this.#start(session, sql, settings, (stop) =>
        execute(session, { sql, bindings: own[at] }, AbortSignal.any([signal, stop])),
      );
      parent.children.push(child);
      const outcome = await child.done;
      if ('error' in outcome) {
        const { code, message, sqlState = 'XX000' } = outcome.error;
        throw new StatementError(code, message, sqlState);
      }
    }
    return statusResult('Multiple statements executed successfully.', MULTI);
  }

  // The newest results are kept for result requests and chunks; the oldest make room.
  #keep(statement: Statement, outcome: Outcome): void {
    this.#rows.set(statement.id, 'result' in outcome ? outcome.result.rowCount : 0);
    let total = 0;
    for (const rows of this.#rows.values()) total += rows;
    for (const [id, rows] of this.#rows) {
      if ((total <= keptRows && this.#rows.size <= keptStatements) || id === statement.id) return;
      total -= rows;
      this.#rows.delete(id);
      const old = this.#byId.get(id);
      this.#byId.delete(id);
      for (const [requestId, known] of this.#byRequest) if (known === old) this.#byRequest.delete(requestId);
    }
  }
}

function miscounted(actual: number, wanted: number): StatementError {
  const message = `Actual statement count ${actual} did not match the desired statement count ${wanted}.`;
  return new StatementError('000008', message, '0A000');
}
