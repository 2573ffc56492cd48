import type { Result, Row } from '../query/index.ts';
import type { CopyBatches, InsertRowsOptions } from '../query/insert-rows.ts';
import type { RowBatch } from '../query/row-batches.ts';
import { requireOf } from '../../packages/index.ts';
import { quoted, quotedPath } from './insert-rows.ts';

/** The option of `execute` by which the rows of a COPY come along; nobody outside can name it. */
export const copied = Symbol('the rows of a COPY');

interface Connection {
  query(sql: string, options: { readonly params: Readonly<Record<string, unknown>> }): Promise<Row[]>;
  execute(sql: string, options: object): Promise<Pick<Result, 'rowCount'>>;
}

/**
 * The columns of a table of PostgreSQL and their types, where a COPY does to them what an INSERT does.
 * It does not where there are rules, row security, or identities that no value may be written to, and not on a view.
 */
const columnsOf = `
  select a.attname::text as name, coalesce(nullif(t.typbasetype, 0), t.oid)::int as type
  from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  join pg_type t on t.oid = a.atttypid
  where c.oid = to_regclass(:path) and c.relkind in ('r', 'p') and not c.relhasrules and not row_security_active(c.oid)
    and a.attidentity <> 'a' and a.attgenerated = ''`;

const bytea = 17;

/** True where the package is installed that sends rows by COPY. */
export function canCopy(): boolean {
  return requireOf('pg-copy-streams') !== undefined;
}

/** How rows get into a table of PostgreSQL by COPY; `undefined` where an INSERT would do something else. */
export async function copyInto(
  connection: Connection,
  table: string,
  columns: readonly string[],
): Promise<CopyBatches | undefined> {
  const path = quotedPath(table, 'postgresql');
  // What speaks the protocol only, without these tables, is given INSERT statements.
  const found = await connection.query(columnsOf, { params: { path } }).catch(() => []);
  const types = columns.map((column) => found.find(({ name }) => name === column)?.['type']);
  if (types.includes(undefined)) return undefined;
  const isBytes = types.map((type) => type === bytea);
  const sql = `copy ${path} (${columns.map(quoted('postgresql')).join(', ')}) from stdin`;
  return async (batches, { signal, tags, progress }) => {
    const rows = textOf(batches, isBytes, progress);
    // The defaults of a call are for one statement of a few rows.
    const { rowCount } = await connection.execute(sql, { signal, tags, timeout: Infinity, [copied]: rows });
    return rowCount;
  };
}

/** The part of pg that says how a value is sent. */
interface PgTexts {
  prepareValue(this: void, value: unknown): string | Buffer | null;
}

/** The rows in the text format of COPY, a text for each batch. */
async function* textOf(
  batches: AsyncIterable<RowBatch>,
  isBytes: readonly boolean[],
  progress: InsertRowsOptions['progress'],
): AsyncGenerator<string> {
  const { prepareValue } = requireOf('pg')!('pg/lib/utils') as PgTexts;
  const other = (value: unknown, column: number): string => {
    const sent = prepareValue(value);
    if (Buffer.isBuffer(sent)) return isBytes[column] ? `\\\\x${sent.toString('hex')}` : escaped(sent.toString());
    return sent === null ? '\\N' : escaped(sent);
  };
  let count = 0;
  for await (const { columns, rowCount, values } of batches) {
    const text = linesOf(values, columns.length, other);
    // What V8 has moved to its old space would keep the values of all later batches until a full collection.
    (values as unknown[]).length = 0;
    yield text;
    count += rowCount;
    progress?.(count);
  }
}

/** A plain function, as V8 runs loops in an asynchronous one at half the speed. */
function linesOf(values: readonly unknown[], width: number, other: (value: unknown, column: number) => string): string {
  let text = '';
  for (let start = 0; start < values.length; start += width) {
    let line = '';
    for (let column = 0; column < width; column++) {
      const value = values[start + column];
      if (column > 0) line += '\t';
      if (typeof value === 'string') line += escaped(value);
      else if (value === null) line += '\\N';
      else if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
        line += String(value);
      else line += other(value, column);
    }
    text += `${line}\n`;
  }
  return text;
}

const special = /[\\\n\r\t]/;
const everySpecial = new RegExp(special, 'g');
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(text: string): string {
  return special.test(text) ? text.replace(everySpecial, (one) => escapes[one]!) : text;
}
