import { deserialize, serialize } from 'node:v8';
import type { KeptRows } from './result-store.ts';

/** What every entry begins with; what another version of hotline wrote begins otherwise. */
const version = 'hotline1:';

/**
 * Rows as a text that any store can hold. Dates, bigints, bytes and NaN come back as what they were; `undefined` for
 * rows with values that would not, such as the classes of a driver.
 */
export function pack({ rows, at }: KeptRows): string | undefined {
  if (!rows.every((row) => Object.values(row).every(survives))) return undefined;
  return version + serialize({ rows, at }).toString('base64');
}

/** The rows of such a text; `undefined` for whatever else is there. */
export function unpack(text: unknown): KeptRows | undefined {
  if (typeof text !== 'string' || !text.startsWith(version)) return undefined;
  try {
    const kept = deserialize(Buffer.from(text.slice(version.length), 'base64')) as Partial<KeptRows> | null;
    return typeof kept?.at === 'number' && Array.isArray(kept.rows) ? (kept as KeptRows) : undefined;
  } catch {
    return undefined;
  }
}

function survives(value: unknown): boolean {
  if (typeof value === 'function' || typeof value === 'symbol') return false;
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return true;
  if (Array.isArray(value)) return value.every(survives);
  const prototype = Object.getPrototypeOf(value) as object | null;
  // The date of another realm is one as well; a class of a driver that extends it is not.
  if (prototype && Object.prototype.toString.call(value) === '[object Date]')
    return Object.getOwnPropertyNames(prototype).includes('toISOString');
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return isPlain && Object.values(value).every(survives);
}
