import type { ErrorCategory } from '../../errors/index.ts';
import type { Cursor, Params, Result, Statement } from '../../queries/index.ts';
import type { Config } from '../../secrets/index.ts';
import type { CursorContext, RunContext } from './run-context.ts';
import type { BeginOptions, TransactionHandle } from './transaction-handle.ts';

/** What a kind brings, as the rest of this room sees it: QueryHooks says what each means. */
export interface Primitives<Raw, Tx> {
  readonly kind: string;
  run(raw: Raw, statement: Statement, context: RunContext): Promise<Result>;
  openCursor(raw: Raw, statement: Statement, context: CursorContext): Promise<Cursor>;
  begin(raw: Raw, options: BeginOptions): Promise<TransactionHandle<Tx>>;
  statement(sql: string, params: Params | undefined): Statement;
  guardRead(statement: Statement): void;
  shownText(statement: Statement): string | undefined;
  classify(error: unknown): ErrorCategory | undefined;
  breaks(error: unknown): boolean;
  loses(error: unknown): boolean;
  capacity(raw: Raw): number;
  cacheScope(config: Config): unknown;
}
