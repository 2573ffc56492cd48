import type { Row } from '../../query/index.ts';
import { narrowed, type Beyond } from '../integers.ts';

/** SQLite knows no dates and no booleans; knex sends them like this too. */
export function sendable(value: unknown): unknown {
  if (value instanceof Date) return value.valueOf();
  return typeof value === 'boolean' ? Number(value) : value;
}

/** `sendable` for drivers that bind every number as REAL, so that 42 would be `42.0` in a text column: an integer goes as a bigint. */
export function sendableExactly(value: unknown): unknown {
  const sent = sendable(value);
  return Number.isSafeInteger(sent) && !Object.is(sent, -0) ? BigInt(sent as number) : sent;
}

/** libsql gives a blob as an ArrayBuffer, the others give a Buffer. With `beyond`, integers come as bigints. */
export function received(row: Row, beyond?: Beyond): Row {
  for (const name in row) {
    const value = row[name];
    if (value instanceof ArrayBuffer) row[name] = Buffer.from(value);
    else if (beyond && typeof value === 'bigint') row[name] = narrowed(value, beyond);
  }
  return row;
}

/** `received` for a row without bigints: `false` where one of its numbers may stand for an integer that is greater. */
export function receivedExactly(row: Row): boolean {
  for (const name in row) {
    const value = row[name];
    if (typeof value === 'number') {
      if (!(value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER) && Number.isInteger(value))
        return false;
    } else if (value instanceof ArrayBuffer) row[name] = Buffer.from(value);
  }
  return true;
}
