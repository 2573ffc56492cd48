import type { Row } from '../../index.ts';
import type { Outlet } from '../output/outlet.ts';

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
