import type { Row } from '../../index.ts';
import { padded, shortened, widest } from '../output/columns.ts';
import { visible } from '../output/visible.ts';
import { cellText } from './cell.ts';
import type { FormatOptions, RowFormat } from './row-format.ts';

/** What a terminal cannot show is cut at this width; a pipe gets all of it. */
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
