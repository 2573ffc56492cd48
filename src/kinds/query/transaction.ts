import type { Result, Row } from '../../queries/index.ts';
import type { ExecuteOptions, StatementOptions, StreamOptions } from './options.ts';

/** A transaction that runs; it belongs to the callback of `transaction` and is refused after it. */
export interface Transaction<Tx> {
  /** The driver's own transaction. */
  readonly raw: Tx;
  query<R extends object = Row>(sql: string, options?: StatementOptions): Promise<R[]>;
  execute<R extends object = Row>(sql: string, options?: ExecuteOptions): Promise<Result<R>>;
  stream<R extends object = Row>(sql: string, options?: StreamOptions): AsyncIterable<R>;
  batches<R extends object = Row>(sql: string, options?: StreamOptions): AsyncIterable<R[]>;
}
