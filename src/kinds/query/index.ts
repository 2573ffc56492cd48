export { QueryConnection } from './query-connection.ts';
export type { QueryDriver } from './driver.ts';
export type { QueryDefaults } from './defaults.ts';
export type {
  BatchesOptions,
  CallOptions,
  ExecuteOptions,
  Invalidation,
  LiveOptions,
  QueryOptions,
  StatementOptions,
  StreamOptions,
  TransactionOptions,
} from './options.ts';
export { queryCacheKey } from './reads.ts';
export type { CursorContext, RunContext } from './run-context.ts';
export type { BeginOptions, IsolationLevel, TransactionHandle } from './transaction-handle.ts';
export type { Transaction } from './transaction.ts';
