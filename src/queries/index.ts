export type { Cursor } from './cursor.ts';
export type { Params, Result, Row, Statement } from './statement.ts';
export type { RetryOptions } from './retry.ts';
export { failure, interruption } from './failure.ts';
