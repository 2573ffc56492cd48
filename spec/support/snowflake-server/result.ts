import type { DuckDBMaterializedResult } from '@duckdb/node-api';
import type { Column, RowType } from './columns.ts';
import { column, fixedType, textType } from './columns.ts';
import { columnName } from './dialect.ts';

/** What a statement has produced. Rows are turned into text only for the part that is asked for. */
export interface Result {
  readonly rowTypes: readonly RowType[];
  readonly rowCount: number;
  readonly statementTypeId: number;
  /** Rows `from` to `to` (exclusive) as JSON arrays with commas between, without outer brackets. */
  rows(from: number, to: number): string;
}

/** A result of rows the server writes itself. */
export function literal(rowTypes: readonly RowType[], rows: readonly string[][], statementTypeId: number): Result {
  return {
    rowTypes,
    rowCount: rows.length,
    statementTypeId,
    rows: (from, to) =>
      rows
        .slice(from, to)
        .map((row) => JSON.stringify(row))
        .join(','),
  };
}

export function statusResult(message: string, statementTypeId: number): Result {
  return literal([textType('status')], [[message]], statementTypeId);
}

/** The answer to INSERT, UPDATE, DELETE and MERGE. */
export function changedResult(count: number, statementTypeId: number): Result {
  const names: Record<number, string[]> = {
    0x3100: ['number of rows inserted'],
    0x3200: ['number of rows updated', 'number of multi-joined rows updated'],
    0x3300: ['number of rows deleted'],
  };
  const columns = (names[statementTypeId] ?? ['number of rows merged']).map(fixedType);
  return literal(columns, [columns.map((_, index) => (index === 0 ? String(count) : '0'))], statementTypeId);
}

/** Rows that stay in DuckDB's own compact form; a million of them cost tens of megabytes, not hundreds. */
export function tableResult(table: DuckDBMaterializedResult, sql: string, zone: string): Result {
  const types = table.columnTypes();
  const columns = table.columnNames().map((name, index) => column(columnName(name, sql), types[index]!, zone));
  const starts = chunkStarts(table);
  return {
    rowTypes: columns.map(({ rowType }) => rowType),
    rowCount: table.rowCount,
    statementTypeId: 0x1000,
    rows(from, to) {
      const parts: string[] = [];
      for (let index = 0; index < table.chunkCount; index++) {
        const start = starts[index]!;
        if (start >= to) break;
        const end = starts[index + 1]!;
        if (end > from) encode(table, index, columns, Math.max(from - start, 0), Math.min(to, end) - start, parts);
      }
      return parts.join(',');
    },
  };
}

function chunkStarts(table: DuckDBMaterializedResult): number[] {
  const starts = [0];
  for (let index = 0; index < table.chunkCount; index++) starts.push(starts[index]! + table.getChunk(index).rowCount);
  return starts;
}

function encode(
  table: DuckDBMaterializedResult,
  index: number,
  columns: readonly Column[],
  from: number,
  to: number,
  into: string[],
): void {
  const chunk = table.getChunk(index);
  const cells = columns.map(({ cell, rowType }, at) => {
    const vector = chunk.getColumnVector(at);
    const quote = /^(text|variant|array|object)$/.test(rowType.type) ? JSON.stringify : bare;
    return Array.from({ length: to - from }, (_, row) => quote(cell(vector.getItem(from + row))));
  });
  for (let row = 0; row < to - from; row++) into.push(`[${cells.map((texts) => texts[row]).join(',')}]`);
}

// Numbers, dates and hex need no escaping; this is the hot path of a large result.
function bare(text: string | null): string {
  if (text === null) return 'null';
  return text.includes('"') || text.includes('\\') ? JSON.stringify(text) : `"${text}"`;
}
