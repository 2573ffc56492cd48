import { ConfigError, QueryError } from '../../errors/index.ts';
import type { Row } from './statement.ts';

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

/**
 * The rows in batches for one statement each, taken as they are needed.
 *
 * @throws QueryError `invalid_bind` for a row that has a key which is no column, or is no object; ConfigError
 *   `invalid_argument` for what cannot be iterated, and a batch size or columns that are none.
 */
export async function* rowBatches(
  rows: Iterable<Row> | AsyncIterable<Row>,
  options: { readonly columns?: readonly string[] | undefined; readonly batchSize?: number | undefined },
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
  } else yield* syncBatches(rows as Iterable<Row | Promise<Row>>, filling);
  const rest = filling.take();
  if (rest) yield rest;
}

/** `for await` would wait for each row of an array. */
async function* syncBatches(rows: Iterable<Row | Promise<Row>>, filling: Filling): AsyncGenerator<RowBatch> {
  const source = rows[Symbol.iterator]();
  let open = true;
  try {
    for (;;) {
      const found = filling.fill(source);
      open = found !== undefined;
      if (!found) return;
      const full = isPromise(found) ? filling.add(await found) : found;
      if (full) yield full;
    }
  } finally {
    if (open) source.return?.();
  }
}

/** The batch that is being filled. */
class Filling {
  #columns: readonly string[] = [];
  readonly #given: readonly string[] | undefined;
  readonly #room: BatchRoom & { readonly rows: number };
  readonly #sent: Sent;
  #values: unknown[] = [];
  #rowCount = 0;
  #length = 0;
  #most = 0;
  /** Rows of all batches. */
  #row = 0;

  constructor(columns: readonly string[] | undefined, room: BatchRoom & { readonly rows: number }, sent: Sent) {
    this.#given = columns;
    this.#room = room;
    this.#sent = sent;
  }

  /** Gives the batch that is full now: with the row, or without it where it has no room left. */
  add(row: Row): RowBatch | undefined {
    return this.fill([row].values()) as RowBatch | undefined;
  }

  /**
   * Takes rows until a batch is full or a row has to be waited for, and gives that; `undefined` at their end. It is one plain loop over its own
   * variables, as V8 runs one in a generator, or over fields, at half the speed.
   */
  fill(rows: Iterator<Row | Promise<Row>>): RowBatch | Promise<Row> | undefined {
    const limit = this.#room.length ?? Infinity;
    let columns = this.#columns;
    let values = this.#values;
    for (;;) {
      const next = rows.next();
      if (next.done) return undefined;
      const row = next.value;
      if (isPromise(row)) return row;
      this.#row += 1;
      if (!isRow(row))
        throw new QueryError('invalid_bind', `row ${this.#row} is no object with a value for each column.`);
      if (this.#most === 0) columns = this.#begin(Object.keys(row));
      let place = 0;
      for (const key in row) {
        // Most rows have their keys in the order of the columns.
        if (key !== columns[place++] && !columns.includes(key) && Object.hasOwn(row, key))
          throw new QueryError('invalid_bind', `row ${this.#row} has a key that is no column: "${key}".`);
      }
      const start = values.length;
      let length = 0;
      for (let at = 0; at < columns.length; at++) {
        const value = row[columns[at]!] ?? null;
        const plain = value === null || typeof value === 'number' || typeof value === 'string';
        const sent = plain ? value : this.#sent(value, new Place(columns[at]!, this.#row));
        values.push(sent);
        length += typeof sent === 'string' ? sent.length : plain || limit === Infinity ? 24 : lengthOf(sent);
      }
      const over = this.#length + length > limit ? this.#cut(start) : undefined;
      this.#rowCount += 1;
      this.#length += length;
      const full = over ?? (this.#rowCount < this.#most ? undefined : this.take());
      if (full) return full;
      values = this.#values;
    }
  }

  take(): RowBatch | undefined {
    return this.#cut(this.#values.length);
  }

  /** The columns, once there is a row. */
  #begin(keys: readonly string[]): readonly string[] {
    const columns = this.#given ?? keys;
    if (columns.length === 0) throw new QueryError('invalid_bind', 'the first row has no columns.');
    this.#most = Math.max(1, Math.min(this.#room.rows, Math.floor(this.#room.values / columns.length)));
    return (this.#columns = columns);
  }

  /** The values up to there, if any; what stands behind begins the next batch. */
  #cut(end: number): RowBatch | undefined {
    if (this.#rowCount === 0) return undefined;
    const whole = this.#values;
    const values = end === whole.length ? whole : whole.slice(0, end);
    const batch = { columns: this.#columns, rowCount: this.#rowCount, values };
    this.#values = end === whole.length ? [] : whole.slice(end);
    this.#rowCount = 0;
    this.#length = 0;
    return batch;
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

function isRow(row: unknown): row is Row {
  return typeof row === 'object' && row !== null && !Array.isArray(row);
}

function isIterable(rows: object | undefined): boolean {
  return (
    rows !== undefined && rows !== null && (Symbol.iterator in Object(rows) || Symbol.asyncIterator in Object(rows))
  );
}

function isPromise<T>(row: T | Promise<Row>): row is Promise<Row> {
  return typeof (row as Promise<Row> | undefined)?.then === 'function';
}

function lengthOf(value: unknown): number {
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
