import type { SecretTree, SecretValue } from '../sources/source.ts';
import { own, same } from './tree.ts';
import { isTable } from '../table.ts';

/** The inputs and the result of a merge. */
export interface Merged {
  readonly tables: readonly SecretTree[];
  readonly tree: SecretTree;
}

/**
 * The tables over one another, later ones winning key by key at any depth; arrays and scalars are replaced.
 * A part of the result that is equal by value to its part of the merge before *is* that part; the same inputs are not
 * compared again. `after`: a tree with which the first table shares every equal part.
 */
export function merge(tables: readonly SecretTree[], before?: Merged, after?: SecretTree): SecretTree {
  if (tables.length === 1) return before && before.tree !== after ? shared(tables[0]!, before.tree) : tables[0]!;
  const last = before?.tree;
  const merged: Record<string, SecretValue> = {};
  let changed = before === undefined;
  let count = 0;
  for (const key of new Set(tables.flatMap((table) => Object.keys(table)))) {
    const old = last?.[key];
    const value = under(key, tables, old, before?.tables);
    merged[key] = value;
    changed ||= !Object.is(value, old);
    count++;
  }
  return changed || count !== Object.keys(last!).length ? Object.freeze(merged) : last!;
}

/** A table that is not merged with another; it shares every equal part with the merge before. */
function shared(only: SecretTree, last: SecretTree): SecretTree {
  if (only === last) return last;
  let copy: Record<string, SecretValue> | undefined;
  let changed = false;
  const keys = Object.keys(only);
  for (const key of keys) {
    const old = last[key];
    const value = alone(only[key]!, old);
    changed ||= !Object.is(value, old);
    if (!Object.is(value, only[key])) (copy ??= { ...only })[key] = value;
  }
  if (!changed && keys.length === Object.keys(last).length) return last;
  return Object.freeze(copy ?? only);
}

function under(
  key: string,
  tables: readonly SecretTree[],
  before: SecretValue | undefined,
  tablesBefore: readonly SecretTree[] = [],
): SecretValue {
  const comparable = before !== undefined && tables.length === tablesBefore.length;
  if (comparable && tables.every((table, i) => Object.is(own(table, key), own(tablesBefore[i], key)))) return before;
  const parts = partsOf(key, tables);
  if (parts.length === 1) return alone(parts[0]!, before);
  const last = isTable(before) ? { tree: before, tables: partsOf(key, tablesBefore) as SecretTree[] } : undefined;
  return merge(parts as SecretTree[], last);
}

/** The values of a key that make up the merged one: several tables, or one value. */
function partsOf(key: string, tables: readonly SecretTree[]): readonly SecretValue[] {
  let parts: SecretValue[] = [];
  for (const table of tables) {
    const next = own(table, key);
    if (next === undefined) continue;
    // A table over a scalar hides it, and all values below the scalar.
    parts = isTable(next) && isTable(parts[0]) ? [...parts, next] : [next];
  }
  return parts;
}

function alone(value: SecretValue, before: SecretValue | undefined): SecretValue {
  if (Object.is(value, before)) return value;
  if (isTable(value)) return isTable(before) ? shared(value, before) : value;
  return before !== undefined && same(value, before) ? before : value;
}

/** Tells whether the params have a value at a path, or replace a table that the path leads through. */
export function stated(params: unknown, path: readonly string[]): boolean {
  const [key, ...rest] = path;
  if (key === undefined) return params !== undefined;
  if (!isTable(params)) return params !== undefined;
  return Object.hasOwn(params, key) && stated(params[key], rest);
}
