import { sendable, wholly, type Bound } from './binds.ts';
import { ConfigError, QueryError } from '../../errors/index.ts';
import type { BulkInsert, InsertRowsOptions } from '../query/insert-rows.ts';
import { rowBatches, type BatchRoom, type RowBatch, type Sent } from '../query/row-batches.ts';
import type { Row } from '../query/index.ts';
import type { Family } from './dialects.ts';

type OnConflict = InsertRowsOptions['onConflict'];

/** Larger statements are slower, as their texts are too long to be kept; 1 MB of text is below every `max_allowed_packet` that is in use. */
const room: BatchRoom = { values: 4_000, length: 1_000_000 };
const rooms: Partial<Record<Family, BatchRoom>> = {
  mssql: { values: 2_098, rows: 1_000 },
  // Oracle has no VALUES of several rows before version 23.
  oracle: { values: Infinity, rows: 1 },
};

/**
 * The statements that insert the rows, as they are needed.
 *
 * @throws QueryError `not_supported` for an `onConflict` that the family does not have; what `rowBatches` throws.
 */
export async function* multiRowInserts(
  table: string,
  rows: Iterable<Row> | AsyncIterable<Row>,
  options: InsertRowsOptions,
  family: Family,
): AsyncGenerator<BulkInsert> {
  if (typeof table !== 'string' || table === '')
    throw new ConfigError('invalid_argument', 'insertRows: expected the name of a table.');
  const { onConflict } = options;
  refuseConflict(onConflict, family);
  const into = `insert into ${quotedPath(table, family)}`;
  const sent: Sent = (value, at) => sendable(value, at, family);
  let last: Texts | undefined;
  for await (const batch of rowBatches(rows, options, rooms[family] ?? room, sent)) {
    const { columns, rowCount, values } = batch;
    const update = updated(onConflict, columns);
    const texts = (): Texts => {
      if (last?.rowCount === rowCount) return last;
      const before = `${into} (${columns.map(quoted(family)).join(', ')}) values `;
      return (last = textsOf(before, batch, update ? conflict(onConflict, update, columns, family) : ''));
    };
    yield {
      batch,
      // Made where they are sent: a COPY needs neither.
      get sql() {
        return texts().whole;
      },
      get params() {
        return wholly({ ...texts(), values });
      },
      // MySQL counts a row that it changed twice.
      rowCount: update?.length === 0 ? undefined : rowCount,
    };
  }
}

/** The text of a statement of so many rows. */
type Texts = Pick<Bound, 'text'> & { readonly whole: string; readonly rowCount: number };

function textsOf(before: string, { columns, rowCount }: RowBatch, after: string): Texts {
  const text = [`${before}(`];
  for (let at = 1; at < rowCount * columns.length; at++) text.push(at % columns.length === 0 ? '), (' : ', ');
  text.push(`)${after}`);
  return { text, whole: text.join('?'), rowCount };
}

function refuseConflict(onConflict: OnConflict, family: Family): void {
  if (onConflict === undefined) return;
  if (family === 'mssql' || family === 'oracle')
    throw new QueryError('not_supported', `insertRows: ${family} has no onConflict: use \`merge into\` instead.`);
  if (onConflict === 'ignore') return;
  const { target, update = [] } = Object(onConflict) as Exclude<typeof onConflict, string>;
  const names = (list: unknown): boolean => Array.isArray(list) && list.every((name) => typeof name === 'string');
  if (!names(target) || target.length === 0 || !names(update))
    throw new ConfigError('invalid_argument', "onConflict: expected 'ignore' or { target: […], update: […] }.");
}

/** The columns that get new values where a row is there already: none to ignore it, `undefined` to fail. */
function updated(onConflict: OnConflict, columns: readonly string[]): readonly string[] | undefined {
  if (onConflict === undefined) return undefined;
  if (onConflict === 'ignore') return [];
  const { target, update } = onConflict;
  return update ?? columns.filter((column) => !target.includes(column));
}

function conflict(
  onConflict: OnConflict,
  update: readonly string[],
  columns: readonly string[],
  family: Family,
): string {
  const quote = quoted(family);
  const set = (names: readonly string[], value: (name: string) => string): string =>
    names.map((name) => `${quote(name)} = ${value(quote(name))}`).join(', ');
  if (family === 'mysql') {
    // INSERT IGNORE would also take values that do not fit.
    if (update.length === 0) return ` on duplicate key update ${set([columns[0]!], (name) => name)}`;
    return ` on duplicate key update ${set(update, (name) => `values(${name})`)}`;
  }
  const target = typeof onConflict === 'object' ? ` (${onConflict.target.map(quote).join(', ')})` : '';
  if (update.length === 0) return ` on conflict${target} do nothing`;
  return ` on conflict${target} do update set ${set(update, (name) => `excluded.${name}`)}`;
}

/** The name of a table as it stands in a statement; `'shop.pet'` is one in a schema. */
export function quotedPath(table: string, family: Family): string {
  return table.split('.').map(quoted(family)).join('.');
}

export function quoted(family: Family): (name: string) => string {
  if (family === 'mysql') return (name) => `\`${name.replaceAll('`', '``')}\``;
  if (family === 'mssql') return (name) => `[${name.replaceAll(']', ']]')}]`;
  return (name) => `"${name.replaceAll('"', '""')}"`;
}
