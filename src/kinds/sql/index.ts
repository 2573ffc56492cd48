export { SqlConnection } from './connection.ts';
export type { PoolMessage } from './pool-channel.ts';
export type { SqlParams } from './settings.ts';
export { json, type JsonValue } from './json.ts';
