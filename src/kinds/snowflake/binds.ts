import { types } from 'node:util';
import { QueryError } from '../../errors/index.ts';
import type { Params, Statement } from '../query/index.ts';
import { bind as bindPlaceholders } from '../sql/binds.ts';
import { pieces } from '../sql/lexis.ts';
import type { StatementParameters } from './statement-parameters.ts';

/** A statement as the driver takes it. */
export interface Bound {
  readonly sql: string;
  /** One list of values, or for a bulk statement one list for each row. */
  readonly binds: readonly Value[] | readonly (readonly Value[])[] | undefined;
  /** Session parameters for this statement alone. */
  readonly parameters?: StatementParameters | undefined;
}

type Value = string | number | boolean | null;

const bulk = Symbol('bulk');

interface Bulk {
  readonly rows: readonly (readonly unknown[])[];
}

/** Params of a statement that runs once for each of the rows. */
export function bulkParams(rows: readonly (readonly unknown[])[]): Params {
  return { rows, [bulk]: true } as Params;
}

/** The rows of a list of values. */
export function rowsOf(values: readonly unknown[], width: number): unknown[][] {
  return Array.from({ length: values.length / width }, (_, row) => values.slice(row * width, (row + 1) * width));
}

/**
 * Puts the params to the placeholders: an array for `?` or `:1`, an object for `:name`. Paths into a VARIANT
 * (`v:name`, `v['a']:b`) are none. Without params the statement is sent as it is.
 *
 * @throws QueryError `invalid_bind` naming the placeholder, never a value.
 */
export function bind({ sql, params, options }: Statement): Bound {
  const bound = bindParams({ sql, params });
  return options === undefined ? bound : { ...bound, parameters: options as StatementParameters };
}

function bindParams({ sql, params }: Statement): Bound {
  if (params === undefined) return { sql, binds: undefined };
  if (bulk in params) return { sql, binds: bulkValues((params as unknown as Bulk).rows) };
  if (Array.isArray(params) && numbered(sql))
    return { sql, binds: params.map((value, at) => sendable(checked(value, `:${at + 1}`), `:${at + 1}`)) };
  const { text, values } = bindPlaceholders(sql, params, 'snowflake');
  return {
    sql: text.reduce((before, piece) => `${before}?${piece}`),
    binds: values.length === 0 ? undefined : values.map((value, at) => sendable(value, `? number ${at + 1}`)),
  };
}

/** Snowflake's own placeholders, `:1`; a path into an array is written `v[1]`. */
function numbered(sql: string): boolean {
  return [...pieces(sql, 'snowflake')].some(({ text, is }) => is === 'code' && /(?<![:\w\])]):\d/.test(text));
}

/** The driver takes the type of a column from its first row, so every value goes as text and the table says what it is. */
function bulkValues(rows: readonly (readonly unknown[])[]): Value[][] {
  return rows.map((row, at) =>
    row.map((value, column) => {
      const label = `value ${column + 1} of row ${at + 1}`;
      const sent = sendable(checked(value, label), label);
      return sent === null || typeof sent === 'string' ? sent : String(sent);
    }),
  );
}

/** A form of the value that the driver sends without changing it. */
function sendable(value: unknown, label: string): Value {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'bigint':
      return String(value);
    case 'number':
      return Number.isFinite(value) ? value : Number.isNaN(value) ? 'NaN' : value > 0 ? 'inf' : '-inf';
    default:
      return value === null ? null : objectText(value as object, label);
  }
}

/** Objects that JSON would make `{}` of. */
const aliens: readonly (readonly [name: string, is: (value: object) => boolean])[] = [
  ['Map', types.isMap],
  ['Set', types.isSet],
  ['WeakMap', types.isWeakMap],
  ['WeakSet', types.isWeakSet],
  ['RegExp', types.isRegExp],
  ['Promise', types.isPromise],
  ['native error', types.isNativeError],
];

/** Dates in ISO, bytes in hex, and JSON for `parse_json(?)`. */
function objectText(value: object, label: string): string {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof ArrayBuffer) return Buffer.from(value).toString('hex');
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex');
  const alien = aliens.find(([, is]) => is(value));
  if (alien) throw invalid(`the value for ${label} is a ${alien[0]}, which cannot be sent`);
  try {
    return JSON.stringify(value);
  } catch (error) {
    throw invalid(`the value for ${label} cannot be written as JSON`, error);
  }
}

function checked(value: unknown, label: string): unknown {
  if (value === undefined) throw invalid(`the value for ${label} is undefined; use null for NULL`);
  if (typeof value === 'function' || typeof value === 'symbol')
    throw invalid(`the value for ${label} is a ${typeof value}, which cannot be sent`);
  if (value instanceof Date && Number.isNaN(value.getTime()))
    throw invalid(`the value for ${label} is an invalid date`);
  return value;
}

function invalid(why: string, cause?: unknown): QueryError {
  return new QueryError('invalid_bind', `${why}.`, { cause });
}
