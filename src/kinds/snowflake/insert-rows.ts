import { ConfigError, QueryError } from '../../errors/index.ts';
import type { Params, QueryConnection, Row } from '../query/index.ts';
import { bulkParams } from './binds.ts';
import type { SnowflakeCursor } from './cursor.ts';

/** Options of an insertion. */
export interface InsertRowsOptions {
  /** The columns, in this order. Default: the keys of the first row. */
  readonly columns?: readonly string[] | undefined;
  /** Rows in one statement at the most. Default: as many as keep it under 50,000 values. */
  readonly batchSize?: number | undefined;
  /** Not supported by Snowflake, which keeps no keys unique: any value is refused with `not_supported`. Use `merge into`. */
  readonly onConflict?: unknown;
  /** Stops the insertion; nothing is inserted then. */
  readonly signal?: AbortSignal | undefined;
  /** Cached results with one of these tags are forgotten once the rows are inserted. */
  readonly tags?: readonly string[] | undefined;
}

/** One bulk statement. */
export interface BulkInsert {
  readonly sql: string;
  readonly params: Params;
}

/** Values in one statement; over 65,280 the driver uploads them to a stage. */
const values = 50_000;

/** Gives the types of the columns of a query, in lower case: `variant`, `text`. */
export type Describe = (sql: string) => Promise<readonly string[]>;

/** Expressions that make a value of text, for types to which Snowflake does not convert it by itself. */
const conversions: Readonly<Record<string, (text: string) => string>> = {
  variant: (text) => `parse_json(${text})`,
  array: (text) => `parse_json(${text})::array`,
  object: (text) => `parse_json(${text})::object`,
  binary: (text) => `to_binary(${text}, 'HEX')`,
  geography: (text) => `to_geography(${text})`,
  geometry: (text) => `to_geometry(${text})`,
};
const isJson = (type: string | undefined): boolean => type !== undefined && /^(variant|array|object)$/.test(type);

/**
 * The statements that insert the rows, as they are needed.
 *
 * @throws QueryError `invalid_bind` for a row that has a key which is no column, or is no object; `not_supported` for
 *   `onConflict`; ConfigError `invalid_argument` for what cannot be iterated, or a batch size that is none.
 */
export async function* bulkInserts(
  table: string,
  rows: Iterable<Row> | AsyncIterable<Row>,
  { columns: asked, batchSize, onConflict }: InsertRowsOptions,
  describe: Describe,
): AsyncGenerator<BulkInsert> {
  let columns = asked;
  let types: readonly string[] | undefined;
  let batch: unknown[][] = [];
  let at = 0;
  if (onConflict !== undefined)
    throw new QueryError(
      'not_supported',
      'insertRows: Snowflake keeps no keys unique, so there is no onConflict: use `merge into` instead.',
    );
  if (batchSize !== undefined && !(Number.isInteger(batchSize) && batchSize > 0))
    throw new ConfigError('invalid_argument', 'batchSize: expected a whole number greater than 0.');
  if (!isIterable(rows)) throw new ConfigError('invalid_argument', 'insertRows: expected rows that can be iterated.');
  const flush = async (): Promise<BulkInsert> => {
    types ??= await describe(`select ${columns!.map(identifier).join(', ')} from ${pathOf(table)} limit 0`);
    const sent = types.some(isJson) ? batch.map((row) => row.map((value, i) => asJson(value, types![i]))) : batch;
    batch = [];
    return { sql: insertInto(table, columns!, types), params: bulkParams(sent) };
  };
  for await (const row of rows) {
    at += 1;
    if (!isRow(row)) throw new QueryError('invalid_bind', `row ${at} is no object with a value for each column.`);
    columns ??= Object.keys(row);
    if (columns.length === 0) throw new QueryError('invalid_bind', 'the first row has no columns.');
    batch.push(valuesOf(row, columns, at));
    if (batch.length >= (batchSize ?? Math.max(1, Math.floor(values / columns.length)))) yield await flush();
  }
  if (batch.length > 0) yield await flush();
}

/** The types of the columns of a query; none where the role may not read them. */
export async function typesOf(open: Promise<SnowflakeCursor>): Promise<string[]> {
  try {
    const cursor = await open;
    await cursor.close();
    return cursor.columns.map((column) => column.getType().toLowerCase());
  } catch (error) {
    const { cause } = error as { cause?: { code?: unknown } };
    if (cause?.code === '002003') return [];
    throw error;
  }
}

/** Runs the statements: a single one by itself, several in a transaction. Resolves with the number of rows. */
export async function insertAll(
  connection: Pick<QueryConnection<unknown, unknown>, 'execute' | 'transaction'>,
  inserts: AsyncGenerator<BulkInsert>,
  { signal, tags }: InsertRowsOptions,
): Promise<number> {
  const ahead = [await inserts.next(), await inserts.next()];
  const [first, second] = ahead.flatMap(({ done, value }) => (done ? [] : [value]));
  if (!first) return 0;
  // One statement is written as a whole by itself.
  if (!second) return (await connection.execute(first.sql, { params: first.params, signal, tags })).rowCount;
  return connection.transaction(
    async (tx) => {
      let count = 0;
      for (const { sql, params } of [first, second]) count += (await tx.execute(sql, { params })).rowCount;
      for await (const { sql, params } of inserts) count += (await tx.execute(sql, { params })).rowCount;
      return count;
    },
    { signal, tags },
  );
}

/** Text in a column of JSON is a JSON string; objects become JSON when they are bound. */
function asJson(value: unknown, type: string | undefined): unknown {
  return isJson(type) && typeof value === 'string' ? JSON.stringify(value) : value;
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

function insertInto(table: string, columns: readonly string[], types: readonly string[]): string {
  const into = `insert into ${pathOf(table)} (${columns.map(identifier).join(', ')})`;
  const marks = `values (${columns.map(() => '?').join(', ')})`;
  if (!types.some((type) => Object.hasOwn(conversions, type))) return `${into} ${marks}`;
  // Snowflake refuses functions inside VALUES.
  const converted = columns.map((_column, at) => (conversions[types[at] ?? ''] ?? String)(`column${at + 1}`));
  return `${into} select ${converted.join(', ')} from ${marks}`;
}

function pathOf(table: string): string {
  return (table.match(/"(?:[^"]|"")*"|[^.]+/g) ?? [table]).map(identifier).join('.');
}

/** A plain name goes as it is, and Snowflake reads it in capitals; any other is quoted. */
export function identifier(name: string): string {
  return /^(?:[A-Za-z_][\w$]*|"(?:[^"]|"")*")$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
