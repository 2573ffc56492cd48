import type { Row } from '../../index.ts';
import type { Outlet } from '../output/outlet.ts';
import { csv } from './csv.ts';
import { json, ndjson } from './json.ts';
import { table } from './table.ts';

export type Format = 'table' | 'json' | 'ndjson' | 'csv';

/** Rows as text, batch by batch; what it remembers does not grow with them. */
export interface RowFormat {
  rows(batch: readonly Row[]): string;
  /** What comes after the last row. */
  end(): string;
}

/** What a format may want to know. */
export interface FormatOptions {
  readonly colors: Outlet['colors'];
  /** The width of the terminal; `Infinity` where there is none. */
  readonly columns: number;
  /** Whether csv makes text of what a spreadsheet would compute. */
  readonly escapeFormulas: boolean;
}

export function rowFormat(format: Format, options: FormatOptions): RowFormat {
  switch (format) {
    case 'table':
      return table(options);
    case 'csv':
      return csv(options);
    case 'json':
      return json();
    case 'ndjson':
      return ndjson();
  }
}
