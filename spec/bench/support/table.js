/** Rows of the same keys as the lines of a Markdown table, which reads as well on a screen as on a page. */
export function tableOf(rows) {
  const columns = Object.keys(rows[0] ?? {});
  const cells = rows.map((row) => columns.map((column) => cell(row[column])));
  const widths = columns.map((column, i) => Math.max(column.length, 3, ...cells.map((row) => row[i].length)));
  const line = (row) =>
    `| ${row.map((text, i) => (i === 0 ? text.padEnd(widths[i]) : text.padStart(widths[i]))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(columns), rule, ...cells.map(line)].join('\n');
}

/** Targets as rows: what must be, what is, and whether that is so. */
export function targetRows(targets) {
  return targets.map(({ what, value, limit, unit, met }) => ({
    target: what,
    value: `${figure(value)} ${unit}`.trim(),
    limit: typeof limit === 'number' ? `≤ ${figure(limit)} ${unit}`.trim() : 'must hold',
    met: met ? 'met' : 'MISSED',
  }));
}

export function figure(value) {
  if (typeof value !== 'number') return String(value);
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}

function cell(value) {
  return (typeof value === 'number' ? figure(value) : String(value ?? '')).replaceAll('|', '\\|');
}
