import type { Column } from 'snowflake-sdk';
import { inconvertible } from './convertible.ts';
import type { Row } from '../../queries/index.ts';

/** Makes of the driver's own objects what everybody knows: `bigint` and plain dates. `undefined` when a result has neither. */
export function conversion(columns: readonly Column[] | undefined): ((row: Row) => Row) | undefined {
  const concerned = (columns ?? [])
    .filter((column) => convertible.test(column.getType()))
    .map((column) => [column.getName(), column] as const);
  if (concerned.length === 0) return undefined;
  return (row) => {
    for (const [name, column] of concerned) {
      const value = row[name];
      if (typeof value === 'object' && value !== null) row[name] = plain(value, column);
    }
    return row;
  };
}

const convertible = /^(fixed|date|timestamp)/i;

/** The driver's dates print themselves in the format of the session, its large integers are objects. */
function plain(value: object, column: Column): unknown {
  if (value instanceof Date) return new Date(value.getTime());
  try {
    // eslint-disable-next-line @typescript-eslint/no-base-to-string -- an object of the package big-integer
    return BigInt(value.toString());
  } catch {
    throw inconvertible(column);
  }
}
