export { QueryConnection } from './query-connection.ts';
export type * from './options.ts';
export type { CursorContext, RunContext } from './run-context.ts';
export type { BeginOptions, IsolationLevel, TransactionHandle } from './transaction-handle.ts';
export type { Transaction } from './transaction.ts';
