import { asyncScheduler } from 'rxjs';
import { ConfigError } from '../../errors/index.ts';
import { refuseUnknown } from '../../known-options.ts';
import type { QueryConnection } from './query-connection.ts';
import type { RowBatch } from './row-batches.ts';
import type { Params } from './statement.ts';
import { within } from './within.ts';

/**
 * How rows are inserted in bulk.
 *
 * @example await pets.insertRows('pet', rows, { onConflict: { target: ['id'], update: ['name'] } });
 */
export interface InsertRowsOptions {
  /** The columns, in this order. Default: the keys of the first row. */
  readonly columns?: readonly string[] | undefined;
  /** Rows in one statement at the most. Default: as many as the server surely takes. */
  readonly batchSize?: number | undefined;
  /**
   * Decides about a row that is there already: `'ignore'` keeps the one that is there (MySQL counts it all the same); with `target`, the columns of
   * a unique key, it gets the new values of the columns of `update` (default: of all others). MySQL looks at every
   * unique key, whatever `target` says. PostgreSQL, MySQL and SQLite; else `not_supported`. Default: the insertion fails.
   */
  readonly onConflict?: 'ignore' | OnConflictUpdate | undefined;
  /** Stops the insertion; nothing is inserted then. */
  readonly signal?: AbortSignal | undefined;
  /** Cached results with one of these tags are forgotten once the rows are inserted. */
  readonly tags?: readonly string[] | undefined;
  /**
   * Called with the number of rows that the server has taken so far, after each batch. They are there for others when `insertRows`
   * resolves; what it throws ends the insertion, and nothing is inserted then. Default: nobody is told.
   */
  readonly progress?: ((rowCount: number) => void) | undefined;
}

/** @inline */
interface OnConflictUpdate {
  /** The columns of a unique key. */
  readonly target: readonly string[];
  /** The columns that get the new values. Default: all others. */
  readonly update?: readonly string[] | undefined;
}

const known = [
  'columns',
  'batchSize',
  'onConflict',
  'signal',
  'tags',
  'progress',
] satisfies (keyof InsertRowsOptions)[];

/** One bulk statement. */
export interface BulkInsert {
  readonly sql: string;
  readonly params: Params;
  /** Rows that it writes; where it is not known before, the server says. */
  readonly rowCount?: number | undefined;
  /** The rows, for a server that takes them in another way. */
  readonly batch?: RowBatch | undefined;
}

/** Sends the rows of all batches at once, without a statement for each; resolves with how many there are. */
export type CopyBatches = (
  batches: AsyncIterable<RowBatch>,
  options: Pick<InsertRowsOptions, 'signal' | 'tags' | 'progress'>,
) => Promise<number>;

/**
 * Runs the statements: a single one by itself, several in a transaction, or as `copyOf` says of their columns. Resolves with the number of
 * rows.
 *
 * @throws ConfigError `invalid_argument` for unknown options.
 */
export async function insertAll(
  connection: Pick<QueryConnection<unknown, unknown>, 'name' | 'execute' | 'transaction'>,
  inserts: AsyncGenerator<BulkInsert>,
  options: InsertRowsOptions,
  copyOf?: (columns: readonly string[]) => Promise<CopyBatches | undefined>,
): Promise<number> {
  refuseUnknown(options, known);
  const { signal, tags, progress } = options;
  if (progress !== undefined && typeof progress !== 'function')
    throw new ConfigError('invalid_argument', 'progress: expected a function.');
  const begin = async () => [await inserts.next(), await inserts.next()];
  try {
    const ahead = await within({ connection: connection.name, scheduler: asyncScheduler, signals: [signal] }, begin);
    const [first, second] = ahead.flatMap(({ done, value }) => (done ? [] : [value]));
    if (!first) return 0;
    // One statement is written as a whole by itself.
    if (!second) {
      const count = counted(first, await connection.execute(first.sql, { params: first.params, signal, tags }));
      progress?.(count);
      return count;
    }
    const copy = first.batch && (await copyOf?.(first.batch.columns));
    if (copy) return await copy(batchesOf([first, second], inserts), options);
    return await connection.transaction(
      async (tx) => {
        let count = 0;
        const send = async (one: BulkInsert): Promise<void> => {
          count += counted(one, await tx.execute(one.sql, { params: one.params }));
          progress?.(count);
        };
        for (const one of [first, second]) await send(one);
        for await (const one of inserts) await send(one);
        return count;
      },
      { signal, tags },
    );
  } finally {
    // Rows that never come would be waited for.
    inserts.return(undefined).catch(() => undefined);
  }
}

async function* batchesOf(ahead: readonly BulkInsert[], rest: AsyncIterable<BulkInsert>): AsyncGenerator<RowBatch> {
  for (const { batch } of ahead) yield batch!;
  for await (const { batch } of rest) yield batch!;
}

function counted({ rowCount }: BulkInsert, result: { readonly rowCount: number }): number {
  return rowCount ?? result.rowCount;
}
