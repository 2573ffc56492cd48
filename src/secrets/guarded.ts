import { inspect } from 'node:util';
import { redacted } from '../errors/index.ts';
import { isTable } from './tree.ts';

/** Copies that were handed out, by what they are copies of, so that equal parts of two snapshots stay one object. */
export type Guards = WeakMap<object, object>;

/**
 * A frozen copy of a table or array that can be read, spread, compared and cloned like the original, and prints
 * redacted. Its values are behind getters, because `console.dir` asks nobody how to print.
 */
export function guarded<T>(value: T, guards: Guards = new WeakMap()): T {
  if (!Array.isArray(value) && !isTable(value)) return value;
  const known = guards.get(value);
  if (known) return known as T;
  const copy: object = Array.isArray(value) ? [] : {};
  for (const [key, inner] of Object.entries(value)) {
    const shown: unknown = guarded(inner, guards);
    Object.defineProperty(copy, key, { enumerable: true, get: () => shown });
  }
  const print = { value: () => masked(value), enumerable: false };
  Object.defineProperty(copy, inspect.custom, print);
  Object.defineProperty(copy, Symbol.toPrimitive, { value: () => redacted, enumerable: false });
  if (!Object.hasOwn(copy, 'toJSON')) Object.defineProperty(copy, 'toJSON', print);
  guards.set(value, Object.freeze(copy));
  return copy as T;
}

/** The keys of a table, without its values. */
function masked(value: unknown): unknown {
  if (!isTable(value)) return redacted;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, masked(inner)]));
}
