export { SqlConnection } from './connection.ts';
export type { SqlParams } from './settings.ts';
export { json, type JsonValue } from './json.ts';
export { classification } from './classification.ts';
