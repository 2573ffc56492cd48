import stringWidth from 'string-width';

/** A text filled up to a width, as a terminal counts it. */
export function padded(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const fill = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return align === 'left' ? text + fill : fill + text;
}

/** At most so wide; what is missing is an ellipsis. For text without colours. */
export function shortened(text: string, width: number): string {
  if (text.length <= width && stringWidth(text) <= width) return text;
  let short = '';
  let used = 1;
  for (const { segment } of graphemes.segment(text)) {
    used += stringWidth(segment);
    if (used > width) break;
    short += segment;
  }
  return `${short}…`;
}

/** The width of the widest. */
export function widest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, stringWidth(text)), 0);
}

/** Rows of cells as lines: each column as wide as its widest cell, two spaces apart, nothing after the last. */
export function columns(rows: readonly (readonly string[])[], indent = ''): string[] {
  const widths = (rows[0] ?? []).map((_, index) => widest(rows.map((row) => row[index] ?? '')));
  return rows.map((row) => (indent + row.map((cell, index) => padded(cell, widths[index]!)).join('  ')).trimEnd());
}

const graphemes = new Intl.Segmenter();
