import type { Column } from 'snowflake-sdk';
import { QueryError } from '../../errors/index.ts';
import type { Row } from '../query/index.ts';

/** A row of the driver: the text of each cell, or what it was converted to. */
interface RawRow {
  readonly values?: readonly ({ readonly raw?: unknown } | null)[];
}

/** The part of a column of the driver that converts its cells. */
interface Cells {
  getIndex?(): number;
  _getRowValue?: (this: unknown, row: RawRow) => unknown;
  _getRowValueAsString?: (this: unknown, row: RawRow) => unknown;
}

/**
 * Guards the columns of a result: the driver converts a cell in a callback of its own, where what it throws ends the
 * process or leaves a query pending. `failed` is told of the first cell that it cannot convert, which reads as `null`.
 */
export function guardCells(columns: readonly Column[] | undefined, failed: (error: QueryError) => void): void {
  for (const column of columns ?? []) {
    const cells = column as unknown as Cells;
    for (const name of ['_getRowValue', '_getRowValueAsString'] as const) {
      const convert = cells[name];
      if (typeof convert !== 'function') continue;
      cells[name] = (row) => {
        try {
          const value = convert.call(column, row);
          return Number.isNaN(value) ? infinite(row.values?.[cells.getIndex?.() ?? -1]?.raw) : value;
        } catch {
          // The error of the driver quotes the cell.
          failed(inconvertible(column));
          return null;
        }
      };
    }
  }
}

/** Snowflake prints infinity as `inf`, of which the driver makes NaN. */
function infinite(raw: unknown): number {
  const [, sign] = (typeof raw === 'string' && /^([+-]?)inf/i.exec(raw)) || [];
  if (sign === undefined) return NaN;
  return sign === '-' ? -Infinity : Infinity;
}

/** A cell that cannot be read as the type of its column. */
function inconvertible(column: Pick<Column, 'getName' | 'getType'>): QueryError {
  return new QueryError(
    'query_failed',
    `the column ${JSON.stringify(column.getName())} (${column.getType()}) has a value that the driver cannot convert. Cast it in the statement, to VARIANT or VARCHAR.`,
  );
}

/**
 * Makes plain values of the driver's own objects: `bigint`, dates, bytes, and the numbers of a vector. `undefined` when a result
 * has no such column.
 */
export function conversion(columns: readonly Column[] | undefined): ((row: Row) => Row) | undefined {
  const concerned = (columns ?? [])
    .filter((column) => /^(fixed|date|timestamp|vector|binary)/i.test(column.getType()))
    .map((column) => [column.getName(), column] as const);
  if (concerned.length === 0) return undefined;
  return (row) => {
    for (const [name, column] of concerned) {
      const value = row[name];
      if (typeof value === 'string' && /^vector/i.test(column.getType())) row[name] = printed(value);
      else if (typeof value === 'object' && value !== null) row[name] = plain(value, column);
    }
    return row;
  };
}

/** The driver's dates print themselves in the format of the session, its large integers are objects. */
function plain(value: object, column: Column): unknown {
  if (value instanceof Date) return new Date(value.getTime());
  if (Buffer.isBuffer(value)) return Buffer.from(value);
  try {
    // eslint-disable-next-line @typescript-eslint/no-base-to-string -- an object of the package big-integer
    return BigInt(value.toString());
  } catch {
    throw inconvertible(column);
  }
}

/** Strings, which stay as they are, and the words that Snowflake prints and JSON does not know. */
const unusual = /"(?:[^"\\]|\\.)*"|\bundefined\b|-?\binf(?:inity)?\b|\bnan\b/gi;
const words: Readonly<Record<string, number>> = { nan: NaN, i: Infinity, '-': -Infinity };
const mark = '\u0000hotline:';

/**
 * The value of a VARIANT, an ARRAY, an OBJECT or a VECTOR as Snowflake prints it: JSON, with `undefined` for SQL NULL and
 * with NaN and infinite numbers. What is neither, as XML, is text.
 */
export function printed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    try {
      return JSON.parse(text.replace(unusual, asJson), (_key, value: unknown) => fromMark(value));
    } catch {
      return text;
    }
  }
}

function asJson(word: string): string {
  if (word.startsWith('"')) return word;
  const name = word.toLowerCase();
  return name === 'undefined' ? 'null' : `"\\u0000hotline:${name === 'nan' ? name : name[0]}"`;
}

function fromMark(value: unknown): unknown {
  return typeof value === 'string' && value.startsWith(mark) ? words[value.slice(mark.length)] : value;
}
