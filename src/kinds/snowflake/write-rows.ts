import { ConfigError, QueryError } from '../../errors/index.ts';
import type { Params, Row } from '../../queries/index.ts';
import { bulkParams } from './binds.ts';

/** How rows are written. */
export interface WriteRowsOptions {
  /** The columns, in this order. Default: the keys of the first row. */
  readonly columns?: readonly string[] | undefined;
  /** Rows in one statement at the most. Default: as many as keep it under 50,000 values. */
  readonly batchSize?: number | undefined;
  /** Stops the writing; nothing is written then. */
  readonly signal?: AbortSignal | undefined;
  /** Cached results with one of these tags are forgotten once the rows are written. */
  readonly tags?: readonly string[] | undefined;
}

/** One bulk statement. */
export interface BulkInsert {
  readonly sql: string;
  readonly params: Params;
}

/** Values in one statement; over 65,000 the driver uploads them to a stage. */
const values = 50_000;

/**
 * The statements that insert the rows, as they are needed.
 *
 * @throws QueryError `invalid_bind` for a row that has a key which is no column, or is no object; ConfigError
 *   `invalid_argument` for what cannot be iterated, or a batch size that is none.
 */
export async function* bulkInserts(
  table: string,
  rows: Iterable<Row> | AsyncIterable<Row>,
  { columns: asked, batchSize }: WriteRowsOptions,
): AsyncGenerator<BulkInsert> {
  let columns = asked;
  let batch: unknown[][] = [];
  let at = 0;
  if (batchSize !== undefined && !(Number.isInteger(batchSize) && batchSize > 0))
    throw new ConfigError('invalid_argument', 'batchSize: expected a whole number greater than 0.');
  if (!isIterable(rows)) throw new ConfigError('invalid_argument', 'writeRows: expected rows that can be iterated.');
  const flush = (): BulkInsert => {
    const insert = { sql: insertInto(table, columns!), params: bulkParams(batch) };
    batch = [];
    return insert;
  };
  for await (const row of rows) {
    at += 1;
    if (!isRow(row)) throw new QueryError('invalid_bind', `row ${at} is no object with a value for each column.`);
    columns ??= Object.keys(row);
    if (columns.length === 0) throw new QueryError('invalid_bind', 'the first row has no columns.');
    batch.push(valuesOf(row, columns, at));
    if (batch.length >= (batchSize ?? Math.max(1, Math.floor(values / columns.length)))) yield flush();
  }
  if (batch.length > 0) yield flush();
}

function isRow(row: unknown): row is Row {
  return typeof row === 'object' && row !== null && !Array.isArray(row);
}

function isIterable(rows: object | undefined): boolean {
  return (
    rows !== undefined && rows !== null && (Symbol.iterator in Object(rows) || Symbol.asyncIterator in Object(rows))
  );
}

function valuesOf(row: Row, columns: readonly string[], at: number): unknown[] {
  const unknown = Object.keys(row).find((key) => !columns.includes(key));
  if (unknown !== undefined)
    throw new QueryError('invalid_bind', `row ${at} has a key that is no column: "${unknown}".`);
  return columns.map((column) => row[column] ?? null);
}

function insertInto(table: string, columns: readonly string[]): string {
  const path = table.match(/"(?:[^"]|"")*"|[^.]+/g) ?? [table];
  const marks = columns.map(() => '?').join(', ');
  return `insert into ${path.map(identifier).join('.')} (${columns.map(identifier).join(', ')}) values (${marks})`;
}

/** A plain name goes as it is, and Snowflake reads it in capitals; any other is quoted. */
function identifier(name: string): string {
  return /^(?:[A-Za-z_][\w$]*|"(?:[^"]|"")*")$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
