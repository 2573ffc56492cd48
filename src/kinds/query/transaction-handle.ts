import type { Cursor, Result, Statement } from '../../queries/index.ts';
import type { CursorContext, RunContext } from './run-context.ts';

/** How isolated a transaction is from others; which of them a server has is its own affair. */
export type IsolationLevel = 'read uncommitted' | 'read committed' | 'snapshot' | 'repeatable read' | 'serializable';

/** How a kind shall begin a transaction. */
export interface BeginOptions {
  /** `undefined`: the server's own. */
  readonly isolation: IsolationLevel | undefined;
  /** The server shall refuse writes. */
  readonly readOnly: boolean;
  /** Fires when the work must stop; `rollback` is called then as well. */
  readonly signal: AbortSignal;
  /** Milliseconds that the caller gave for all of it. */
  readonly timeout?: number | undefined;
}

/** An open transaction, as a kind hands it over: the primitives again, on one connection of the server. */
export interface TransactionHandle<Tx> {
  /** The driver's own transaction, for `tx.raw`. */
  readonly raw: Tx;
  /** Runs one statement and reads all of its rows. */
  run(statement: Statement, context: RunContext): Promise<Result>;
  /** Sends a statement whose rows stay on the server. */
  openCursor(statement: Statement, context: CursorContext): Promise<Cursor>;
  /** Ends it and keeps what was written. */
  commit(): Promise<void>;
  /** Also called while a statement runs (then it is stopped), and after a `commit` that failed (then it may do nothing). */
  rollback(): Promise<void>;
}
