import { types } from 'node:util';

/** A value of a row as text; `undefined` for NULL. Bytes are base64, dates ISO 8601, objects JSON. */
export function cellText(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  const plain = plainValue(value);
  return typeof plain === 'string' ? plain : rowJson(plain);
}

/** JSON of what databases send: also bigints, exact as text, and bytes. */
export function rowJson(row: unknown): string {
  return JSON.stringify(row, function (this: Record<string, unknown>, key) {
    return plainValue(this[key]);
  });
}

function plainValue(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (types.isDate(value)) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (types.isUint8Array(value)) return Buffer.from(value).toString('base64');
  return value;
}
