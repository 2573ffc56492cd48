import type { Column } from 'snowflake-sdk';
import type { Row } from '../../queries/index.ts';

/** Makes of the driver's own objects what everybody knows: `bigint` and plain dates. `undefined` when a result has neither. */
export function conversion(columns: readonly Column[] | undefined): ((row: Row) => Row) | undefined {
  const names = (columns ?? [])
    .filter((column) => convertible.test(column.getType()))
    .map((column) => column.getName());
  if (names.length === 0) return undefined;
  return (row) => {
    for (const name of names) {
      const value = row[name];
      if (typeof value === 'object' && value !== null) row[name] = plain(value);
    }
    return row;
  };
}

const convertible = /^(fixed|date|timestamp)/i;

/** The driver's dates print themselves in the format of the session, its large integers are objects. */
function plain(value: object): unknown {
  if (value instanceof Date) return new Date(value.getTime());
  // eslint-disable-next-line @typescript-eslint/no-base-to-string -- an object of the package big-integer
  return BigInt(value.toString());
}
