import { asyncScheduler } from 'rxjs';
import { ConfigError, QueryError } from '../../errors/index.ts';
import { refuseUnknown } from '../../known-options.ts';
import type { QueryConnection } from './query-connection.ts';
import type { Params, Row } from './statement.ts';
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

/** Rows for one statement. */
export interface RowBatch {
  readonly columns: readonly string[];
  readonly rowCount: number;
  /** One row behind the other, each in the order of the columns. */
  readonly values: readonly unknown[];
}

/** The most that one statement holds. */
export interface BatchRoom {
  readonly values: number;
  readonly rows?: number;
  /** Characters, about. */
  readonly length?: number;
}

/** The form in which a value that is an object or nothing plain is sent. `label` says where it stands. */
export type Sent = (value: unknown, at: { readonly label: string }) => unknown;

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
 * The rows in batches for one statement each, taken as they are needed.
 *
 * @throws QueryError `invalid_bind` for a row that has a key which is no column, or is no object; ConfigError
 *   `invalid_argument` for what cannot be iterated, and a batch size or columns that are none.
 */
export async function* rowBatches(
  rows: Iterable<Row> | AsyncIterable<Row>,
  options: InsertRowsOptions,
  room: BatchRoom,
  sent: Sent = (value) => value,
): AsyncGenerator<RowBatch> {
  const { columns, batchSize = Infinity } = options;
  if (batchSize !== Infinity && !(Number.isInteger(batchSize) && batchSize > 0))
    throw new ConfigError('invalid_argument', 'batchSize: expected a whole number greater than 0.');
  if (columns !== undefined && !(Array.isArray(columns) && columns.every((column) => typeof column === 'string')))
    throw new ConfigError('invalid_argument', 'columns: expected an array of names.');
  if (!isIterable(rows)) throw new ConfigError('invalid_argument', 'insertRows: expected rows that can be iterated.');
  const filling = new Filling(columns, { ...room, rows: Math.min(batchSize, room.rows ?? Infinity) }, sent);
  if (Symbol.asyncIterator in Object(rows)) {
    for await (const row of rows) {
      const full = filling.add(row);
      if (full) yield full;
    }
  } else {
    // `for await` would wait for each row of an array.
    for (const row of rows as Iterable<Row | Promise<Row>>) {
      const full = filling.add(isPromise(row) ? await row : row);
      if (full) yield full;
    }
  }
  const rest = filling.take();
  if (rest) yield rest;
}

/** The batch that is being filled. */
class Filling {
  #columns: readonly string[] | undefined;
  readonly #room: BatchRoom & { readonly rows: number };
  readonly #sent: Sent;
  #values: unknown[] = [];
  #rowCount = 0;
  #length = 0;
  #most = 0;
  /** Rows of all batches. */
  #row = 0;

  constructor(columns: readonly string[] | undefined, room: BatchRoom & { readonly rows: number }, sent: Sent) {
    this.#columns = columns;
    this.#room = room;
    this.#sent = sent;
  }

  /** Gives the batch that is full now: with the row, or without it where it has no room left. */
  add(row: Row): RowBatch | undefined {
    this.#row += 1;
    if (!isRow(row))
      throw new QueryError('invalid_bind', `row ${this.#row} is no object with a value for each column.`);
    const columns = this.#keysOf(row);
    const start = this.#values.length;
    let length = 0;
    for (const column of columns) {
      const value = row[column] ?? null;
      const plain = value === null || typeof value === 'number' || typeof value === 'string';
      const sent = plain ? value : this.#sent(value, new Place(column, this.#row));
      this.#values.push(sent);
      if (this.#room.length !== undefined) length += lengthOf(sent);
    }
    const full = this.#length + length > (this.#room.length ?? Infinity) ? this.#cut(start) : undefined;
    this.#rowCount += 1;
    this.#length += length;
    return full ?? (this.#rowCount < this.#most ? undefined : this.take());
  }

  take(): RowBatch | undefined {
    return this.#cut(this.#values.length);
  }

  /** The values up to there, if any; what stands behind begins the next batch. */
  #cut(end: number): RowBatch | undefined {
    if (this.#rowCount === 0) return undefined;
    const whole = this.#values;
    const values = end === whole.length ? whole : whole.slice(0, end);
    const batch = { columns: this.#columns!, rowCount: this.#rowCount, values };
    this.#values = end === whole.length ? [] : whole.slice(end);
    this.#rowCount = 0;
    this.#length = 0;
    return batch;
  }

  /** The columns, once every key of the row is known to be one. */
  #keysOf(row: Row): readonly string[] {
    const keys = Object.keys(row);
    const columns = (this.#columns ??= keys);
    if (this.#most === 0) {
      if (columns.length === 0) throw new QueryError('invalid_bind', 'the first row has no columns.');
      this.#most = Math.max(1, Math.min(this.#room.rows, Math.floor(this.#room.values / columns.length)));
    }
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at]!;
      // Most rows have their keys in the order of the columns.
      if (key !== columns[at] && !columns.includes(key))
        throw new QueryError('invalid_bind', `row ${this.#row} has a key that is no column: "${key}".`);
    }
    return columns;
  }
}

/** The place of a value, as messages call it: written only where there is one. */
class Place {
  readonly #column: string;
  readonly #row: number;

  constructor(column: string, row: number) {
    this.#column = column;
    this.#row = row;
  }

  get label(): string {
    return `"${this.#column}" of row ${this.#row}`;
  }
}

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

function isRow(row: unknown): row is Row {
  return typeof row === 'object' && row !== null && !Array.isArray(row);
}

function isIterable(rows: object | undefined): boolean {
  return (
    rows !== undefined && rows !== null && (Symbol.iterator in Object(rows) || Symbol.asyncIterator in Object(rows))
  );
}

function isPromise(row: Row | Promise<Row>): row is Promise<Row> {
  return typeof (row as Promise<Row> | undefined)?.then === 'function';
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null || value instanceof Date) return 24;
  return ArrayBuffer.isView(value) ? 2 * value.byteLength : textLength(value);
}

/** A value that cannot be written is refused when it is bound. */
function textLength(value: object): number {
  try {
    return JSON.stringify(value).length;
  } catch {
    return 0;
  }
}
