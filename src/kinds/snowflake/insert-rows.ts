import { QueryError } from '../../errors/index.ts';
import type { BulkInsert, InsertRowsOptions } from '../query/insert-rows.ts';
import { rowBatches } from '../query/row-batches.ts';
import type { Row } from '../query/index.ts';
import { bulkParams, rowsOf } from './binds.ts';
import type { SnowflakeCursor } from './cursor.ts';
import type { Target } from './stage.ts';

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
 * @throws QueryError `not_supported` for `onConflict`; what `rowBatches` throws.
 */
export async function* bulkInserts(
  table: string,
  rows: Iterable<Row> | AsyncIterable<Row>,
  options: InsertRowsOptions,
  describe: Describe,
): AsyncGenerator<BulkInsert> {
  let types: readonly string[] | undefined;
  if (options.onConflict !== undefined)
    throw new QueryError(
      'not_supported',
      'insertRows: Snowflake keeps no keys unique, so there is no onConflict: use `merge into` instead.',
    );
  for await (const { columns, values: flat, rowCount } of rowBatches(rows, options, { values })) {
    types ??= await describe(`select ${columns.map(identifier).join(', ')} from ${pathOf(table)} limit 0`);
    const width = columns.length;
    const sent = types.some(isJson) ? flat.map((value, at) => asJson(value, types![at % width])) : flat;
    const batch = staged(types, options) ? { batch: { columns, rowCount, values: sent } } : {};
    yield { sql: insertInto(table, columns, types), params: bulkParams(rowsOf(sent, width)), ...batch };
  }
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

/** Tells whether rows that one statement does not hold go by files: not in statements of a size that was asked for, and not as shapes, which COPY converts in no expression. */
function staged(types: readonly string[], { batchSize }: InsertRowsOptions): boolean {
  return batchSize === undefined && !types.some((type) => /^geo/.test(type));
}

/** The target of files of rows. */
export function targetOf(table: string, columns: readonly string[], types: readonly string[]): Target {
  return {
    insert: insertInto(table, columns, types),
    into: `${pathOf(table)} (${columns.map(identifier).join(', ')})`,
    values: columns.map((_column, at) => (conversions[types[at] ?? ''] ?? String)(`$${at + 1}`)),
  };
}

/** Text in a column of JSON is a JSON string; objects become JSON when they are bound. */
function asJson(value: unknown, type: string | undefined): unknown {
  return isJson(type) && typeof value === 'string' ? JSON.stringify(value) : value;
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
