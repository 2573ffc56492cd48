import type { Refusal } from './refusal.ts';
import { StatementError } from './refusal.ts';
import type { Result } from './result.ts';
import type { Session } from './session.ts';
import { newQueryId } from './session.ts';
import { sqlError } from './sqlErrors.ts';

/** How a statement has ended. */
export type Outcome = { readonly result: Result } | { readonly error: Refusal };

export type StatementState = 'RUNNING' | 'SUCCESS' | 'FAILED_WITH_ERROR';

/** One statement that was accepted: it runs on, whether or not somebody waits for the answer. */
export class Statement {
  readonly id = newQueryId();
  readonly session: Session;
  readonly sql: string;
  /** Never rejects. */
  readonly done: Promise<Outcome>;
  /** The statements of a script, in order. */
  readonly children: Statement[] = [];
  state: StatementState = 'RUNNING';
  /** What kind of statement it was, once it has ended. */
  typeId = 0x1000;
  readonly #abort = new AbortController();

  constructor(session: Session, sql: string, work: (signal: AbortSignal, self: Statement) => Promise<Result>) {
    this.session = session;
    this.sql = sql;
    this.done = Promise.resolve()
      .then(() => work(this.#abort.signal, this))
      .then(
        (result) => this.#end('SUCCESS', { result }),
        (error: unknown) => this.#end('FAILED_WITH_ERROR', { error: sqlError(error) }),
      );
  }

  /** Really stops it: DuckDB is interrupted, and the answer is the error given here. */
  cancel(code = '000604', message = 'SQL execution canceled'): void {
    this.#abort.abort(new StatementError(code, message, '57014'));
  }

  /** The outcome, or undefined when it takes longer than that. */
  async within(ms: number): Promise<Outcome | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), Math.min(ms, 2 ** 31 - 1)).unref();
    });
    const outcome = await Promise.race([this.done, late]);
    clearTimeout(timer);
    return outcome;
  }

  #end(state: StatementState, outcome: Outcome): Outcome {
    this.state = state;
    if ('result' in outcome) this.typeId = outcome.result.statementTypeId;
    return outcome;
  }
}
