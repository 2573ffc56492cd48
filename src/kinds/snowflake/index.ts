export { SnowflakeConnection, type SnowflakeSession } from './connection.ts';
export { SnowparkConnection } from './snowpark-connection.ts';
export type { SnowflakeCredentials, SnowflakeCredentialsProvider } from './credentials.ts';
export { SnowflakeCursor, type CursorOptions } from './cursor.ts';
export type { SnowflakeParams } from './settings.ts';
export type { SnowflakeStatementOptions } from './statement-parameters.ts';
