import { rowJson } from './cell.ts';
import type { RowFormat } from './row-format.ts';

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
