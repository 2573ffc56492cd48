export type { ReadMethod } from './arguments.ts';
export { batches, rows, whenDropped, type BatchSource, type OpenCursor } from './batches.ts';
export {
  QueryCache,
  type CachedQuery,
  type CachedResult,
  type CachedResults,
  type LoadedRows,
  type QueryCacheOptions,
} from './cache.ts';
export type {
  BeginOptions,
  CursorContext,
  IsolationLevel,
  QueryDriver,
  RunContext,
  TransactionHandle,
} from './driver.ts';
export { failure, interruption, refusal } from './failure.ts';
export type { InsertRowsOptions } from './insert-rows.ts';
export { live$, refreshEvery$, refreshHeard$, refreshOn$, type LiveTrigger } from './live.ts';
export type { LiveQuery } from './live-queries.ts';
export type {
  BatchesOptions,
  CallOptions,
  ExecuteOptions,
  Invalidation,
  IsolationOptions,
  LiveOptions,
  QueryDefaults,
  QueryOptions,
  StatementOptions,
  StreamOptions,
  TransactionOptions,
} from './options.ts';
export { pull$, type PullOptions, type PullSource } from './pull.ts';
export { QueryConnection } from './query-connection.ts';
export { queryCacheKey } from './query-runner.ts';
export { retry } from './retry.ts';
export { sharedResults, type KeyValueStore, type SharedResultsOptions } from './shared-results.ts';
export type { ForgetResults, KeptRows, ResultLabels, ResultStore } from './shared-results.ts';
export type { Cursor, Params, Result, Row, Statement } from './statement.ts';
export type { QueryTrace, TransactionTrace } from './trace.ts';
export type { HeldStatements, Session, Transaction } from './transaction.ts';
export { ranOut, within } from './within.ts';
