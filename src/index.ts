/**
 * The front door: everything that is public, and nothing else.
 *
 * @module hotline
 */

export { createConnections, type CreateConnectionsOptions } from './create-connections.ts';
export { connection, connection$, defaultConnections, secret, secret$ } from './default-connections.ts';

export { logEvents } from './registry/index.ts';
export * from './registry/typed-names.ts';
export type {
  ConnectionEvent,
  ConnectionOptions,
  OptionsOf,
  CloseOptions,
  ConnectionPromise,
  ConnectionRegistry,
  ConnectionStream,
  EventLogger,
  FirstPartyKinds,
  KindClass,
  LeaseMessage,
  ListedConnection,
  OpenMessage,
  SecretPromise,
  SecretStream,
} from './registry/index.ts';

export {
  dotenvFile,
  environmentVariables,
  fileSource,
  fileWarnings,
  inline,
  jsonFile,
  parseSecrets,
  polled,
  secretsDirectory,
  snowflakeFiles,
  tomlFile,
} from './sources/index.ts';
export type {
  DirectoryOptions,
  DotenvOptions,
  EnvironmentOptions,
  FileOptions,
  FileParser,
  PolledAnswer,
  PolledContext,
  PolledLoad,
  PolledOptions,
  PolledVersion,
  SecretTree,
  SecretValue,
  SnowflakeFilesOptions,
  Source,
  SourceState,
  SourceWarning,
  Trust,
  WatchOptions,
} from './sources/index.ts';

export type { Config, DescribedSetting, Description, Secrets, SourceStatus } from './secrets/index.ts';

export { BaseConnection } from './kinds/base/index.ts';
export type {
  FallbackContext,
  FallbackSettings,
  ConnectionState,
  ConnectionStats,
  ConnectionStatus,
  Lease,
  LeaseContext,
  LeaseOptions,
  Leases,
  PoolGauge,
  Setting,
  Settings,
  UseTrace,
} from './kinds/base/index.ts';

export type {
  Credentials,
  CredentialsContext,
  CredentialsOption,
  CredentialsProvider,
  CredentialsSource,
} from './credentials/index.ts';
export type { RetireReason } from './lifecycle/index.ts';
export type { PolicyOptions, RetryOptions } from './policy/index.ts';
export { milliseconds } from './duration/index.ts';
export type { Duration, DurationOrigin } from './duration/index.ts';

export { ConfigError, HotlineError, LeaseError, OpenError, QueryError, SourceError } from './errors/index.ts';
export type { ErrorCategory, ErrorCode, ErrorDetails } from './errors/index.ts';

export { QueryConnection } from './kinds/query/index.ts';
export { json, SqlConnection, type JsonValue, type PoolMessage, type SqlParams } from './kinds/sql/index.ts';
export type {
  BatchesOptions,
  BeginOptions,
  CachedResult,
  CachedResults,
  CursorContext,
  ExecuteOptions,
  HeldStatements,
  Invalidation,
  IsolationLevel,
  IsolationOptions,
  LiveOptions,
  LiveQuery,
  LiveTrigger,
  QueryDefaults,
  QueryDriver,
  QueryOptions,
  RunContext,
  Session,
  StatementOptions,
  StreamOptions,
  Transaction,
  TransactionHandle,
  TransactionOptions,
} from './kinds/query/index.ts';
export { pull$, sharedResults } from './kinds/query/index.ts';
export type {
  Cursor,
  ForgetResults,
  InsertRowsOptions,
  KeptRows,
  KeyValueStore,
  Params,
  PullOptions,
  PullSource,
  QueryCacheOptions,
  QueryTrace,
  TransactionTrace,
  Result,
  ResultLabels,
  ResultStore,
  Row,
  SharedResultsOptions,
  Statement,
} from './kinds/query/index.ts';
export { SnowflakeConnection, SnowflakeCursor } from './kinds/snowflake/index.ts';
export type {
  CursorOptions,
  SnowflakeCredentials,
  SnowflakeCredentialsProvider,
  SnowflakeParams,
  SnowflakeSession,
  SnowflakeStatementOptions,
} from './kinds/snowflake/index.ts';
