import { types } from 'node:util';
import type { SecretTree, SecretValue } from '../sources/source.ts';
import { isTable } from '../table.ts';

/**
 * The path of a secret: `'a.b'`, or `['a', 'b.c']` when a key has a dot in it. Elements of arrays are numbered from 0.
 *
 * @inline
 */
export type SecretPath = string | readonly string[];

/** The keys of a path, one by one. */
export function segments(path: SecretPath): readonly string[] {
  if (typeof path === 'string') return path.split('.');
  try {
    if (Array.isArray(path) && path.every((key) => typeof key === 'string' || typeof key === 'number'))
      return path.map(String);
  } catch {
    // A proxy that throws is no path either.
  }
  // What is no path leads to nothing; it must not lead to everything.
  return ['\0'];
}

/** A path as TOML would write it: `connections."my.db".url`. */
export function dotted(path: readonly string[]): string {
  return path.map((key) => (/^[\w-]+$/.test(key) ? key : JSON.stringify(key))).join('.');
}

/** The tree of an empty source. */
export const emptyTree: SecretTree = Object.freeze({});

/** Tells whether a table holds nothing. */
export function isEmpty(table: SecretTree): boolean {
  for (const key in table) if (Object.hasOwn(table, key)) return false;
  return true;
}

/** The value under a key of the table's own; `undefined` for an inherited one. */
export function own(value: SecretValue | undefined, key: string): SecretValue | undefined {
  if (typeof value !== 'object' || value === null || types.isDate(value) || !Object.hasOwn(value, key))
    return undefined;
  return Array.isArray(value) && key === 'length' ? undefined : (value as SecretTree)[key];
}

/** The value at a path, or `undefined`. */
export function at(tree: SecretValue | undefined, path: readonly string[]): SecretValue | undefined {
  return path.reduce<SecretValue | undefined>(own, tree);
}

/**
 * Equal by value, whatever the order of keys. (`dequal` goes by `constructor`: it takes any two TOML dates to be
 * equal, and trips over a table with a key of that name.)
 */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (types.isDate(a)) return types.isDate(b) && a.toISOString() === b.toISOString();
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((element, index) => same(element, b[index]));
  if (!isTable(a) || !isTable(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
}

/** A tree of the given values at the given paths. It inherits nothing: a key may be called `constructor`. */
export function planted(values: Iterable<readonly [path: readonly string[], value: SecretValue]>): SecretTree {
  const bare = (): Record<string, SecretValue> => Object.create(null) as Record<string, SecretValue>;
  const tree = bare();
  for (const [path, value] of values) {
    const parent = path.slice(0, -1).reduce((table, key) => (table[key] ??= bare()) as typeof tree, tree);
    parent[path.at(-1)!] = value;
  }
  return tree;
}
