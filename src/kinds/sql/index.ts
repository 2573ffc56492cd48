export { SqlConnection } from './connection.ts';
export type { SqlParams } from './settings.ts';
export { classification } from './classification.ts';
