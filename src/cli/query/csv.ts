import { cellText } from './cell.ts';
import type { FormatOptions, RowFormat } from './row-format.ts';

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
