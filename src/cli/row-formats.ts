import { types } from 'node:util';
import type { Row } from '../index.ts';
import type { Outlet } from './console.ts';
import { padded, shortened, visible, widest } from './text.ts';

/** The values of `--format`. */
export const formats = { table, json, ndjson, csv } satisfies Record<string, (options: FormatOptions) => RowFormat>;

export type Format = keyof typeof formats;

/** Rows as text, batch by batch; what it remembers does not grow with them. */
interface RowFormat {
  rows(batch: readonly Row[]): string;
  /** The text after the last row. */
  end(): string;
}

/** The surroundings of a format. */
interface FormatOptions {
  readonly colors: Outlet['colors'];
  /** The width of the terminal; `Infinity` where there is none. */
  readonly columns: number;
  /** Tells whether csv makes text of what a spreadsheet would compute. */
  readonly escapeFormulas: boolean;
}

/** A value of a row as text; `undefined` for NULL. Bytes are base64, dates ISO 8601, objects JSON. */
export function cellText(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  const plain = plainValue(value);
  return typeof plain === 'string' ? plain : rowJson(plain);
}

/** JSON of what databases send: also bigints, exact as text, and bytes. */
export function rowJson(row: unknown): string {
  return JSON.stringify(row, function (this: Record<string, unknown>, key) {
    return plainValue(this[key]);
  });
}

function plainValue(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (types.isDate(value)) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (types.isUint8Array(value)) return Buffer.from(value).toString('base64');
  return value;
}

/** The width at which a cell is cut on a terminal; a pipe gets all of it. */
const widestCell = 60;

interface Column {
  readonly name: string;
  readonly width: number;
  readonly align: 'left' | 'right';
}

/** A table whose columns are as wide as the first batch wants them: later rows may be wider, and are not cut for it. */
export function table({ colors, columns }: Pick<FormatOptions, 'colors' | 'columns'>): RowFormat {
  const limit = Number.isFinite(columns) ? widestCell : Infinity;
  const { bold, dim } = colors;
  let shape: readonly Column[] | undefined;

  const text = (value: unknown): string => {
    const plain = cellText(value);
    return plain === undefined ? 'NULL' : shortened(visible(plain), limit);
  };
  const line = (cells: readonly string[]): string => cells.join('  ').trimEnd();
  const cellOf = (value: unknown, { width, align }: Column): string =>
    padded(value === null || value === undefined ? dim('NULL') : text(value), width, align);

  const measured = (batch: readonly Row[]): readonly Column[] =>
    Object.keys(batch[0] ?? {}).map((name) => {
      const values = batch.map((row) => row[name]);
      const known = values.filter((value) => value !== null && value !== undefined);
      const numbers = known.length > 0 && known.every((value) => ['number', 'bigint'].includes(typeof value));
      return { name, width: widest([visible(name), ...values.map(text)]), align: numbers ? 'right' : 'left' };
    });
  const header = (shown: readonly Column[]): string[] => [
    line(shown.map(({ name, width, align }) => padded(bold(visible(name)), width, align))),
    dim(line(shown.map(({ width }) => '─'.repeat(width)))),
  ];

  return {
    rows(batch) {
      const lines: string[] = [];
      if (!shape && batch.length > 0) lines.push(...header((shape = measured(batch))));
      for (const row of batch) lines.push(line(shape!.map((column) => cellOf(row[column.name], column))));
      return lines.map((one) => `${one}\n`).join('');
    },
    end: () => '',
  };
}

/** A JSON object a line. */
export function ndjson(): RowFormat {
  return { rows: (batch) => batch.map((row) => `${rowJson(row)}\n`).join(''), end: () => '' };
}

/** One JSON array, a row a line. */
export function json(): RowFormat {
  let separator = '[\n';
  return {
    rows(batch) {
      const text = batch.map((row) => {
        const line = separator + rowJson(row);
        separator = ',\n';
        return line;
      });
      return text.join('');
    },
    end: () => (separator === '[\n' ? '[]\n' : '\n]\n'),
  };
}

/** RFC 4180 with a header; NULL is nothing at all, an empty text is `""`. */
export function csv({ escapeFormulas }: Pick<FormatOptions, 'escapeFormulas'>): RowFormat {
  let names: readonly string[] | undefined;
  const line = (cells: readonly unknown[]): string => cells.map((cell) => field(cell, escapeFormulas)).join(',');
  return {
    rows(batch) {
      const lines: string[] = [];
      if (!names && batch[0]) lines.push(line((names = Object.keys(batch[0]))));
      for (const row of batch) lines.push(line(names!.map((name) => row[name])));
      return lines.map((text) => `${text}\r\n`).join('');
    },
    end: () => '',
  };
}

function field(value: unknown, escapeFormulas: boolean): string {
  const text = cellText(value);
  if (text === undefined) return '';
  const safe = escapeFormulas && typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return safe === '' || /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
