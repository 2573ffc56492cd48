import type { Column } from 'snowflake-sdk';
import { QueryError } from '../../errors/index.ts';

/** The part of a column of the driver that converts its cells. */
interface Cells {
  _getRowValue?: (this: unknown, row: unknown) => unknown;
  _getRowValueAsString?: (this: unknown, row: unknown) => unknown;
}

/**
 * Guards the columns of a result: the driver converts a cell in a callback of its own, where what it throws ends the
 * process or leaves a query pending. `failed` is told of the first cell that it cannot convert, which reads as `null`.
 */
export function guardCells(columns: readonly Column[] | undefined, failed: (error: QueryError) => void): void {
  for (const column of columns ?? []) {
    const cells = column as unknown as Cells;
    for (const name of ['_getRowValue', '_getRowValueAsString'] as const) {
      const convert = cells[name];
      if (typeof convert !== 'function') continue;
      cells[name] = (row) => {
        try {
          return convert.call(column, row);
        } catch {
          // The error of the driver quotes the cell.
          failed(inconvertible(column));
          return null;
        }
      };
    }
  }
}

/** A cell that cannot be read as the type of its column. */
export function inconvertible(column: Pick<Column, 'getName' | 'getType'>): QueryError {
  return new QueryError(
    'query_failed',
    `the column ${JSON.stringify(column.getName())} (${column.getType()}) has a value that the driver cannot convert. Cast it in the statement, to VARIANT or VARCHAR.`,
  );
}
