import type { SecretTree, SecretValue } from '../sources/source.ts';
import { isTable, own, same } from './tree.ts';

/**
 * The tables over one another, later ones winning key by key at any depth; arrays and scalars are replaced.
 * Whatever comes out equal by value to its part of `before` is that part.
 */
export function merge(tables: readonly SecretTree[], before?: SecretTree): SecretTree {
  if (tables.length === 1 && tables[0] === before) return before!;
  const merged: Record<string, SecretValue> = {};
  let changed = false;
  let count = 0;
  for (const key of keysOf(tables)) {
    const value = under(key, tables, own(before, key));
    merged[key] = value;
    changed ||= !Object.is(value, own(before, key));
    count++;
  }
  return before && !changed && count === Object.keys(before).length ? before : Object.freeze(merged);
}

function under(key: string, tables: readonly SecretTree[], before: SecretValue | undefined): SecretValue {
  let value: SecretValue | undefined;
  let parts: SecretTree[] = [];
  for (const table of tables) {
    const next = own(table, key);
    if (next === undefined) continue;
    // A table over a scalar hides it for good: what lies below the scalar does not shine through.
    if (!isTable(next)) parts = [];
    else if (isTable(value)) parts.push(next);
    else parts = [next];
    value = next;
  }
  if (isTable(value)) return merge(parts, isTable(before) ? before : undefined);
  return before !== undefined && same(value, before) ? before : value!;
}

function keysOf(tables: readonly SecretTree[]): Iterable<string> {
  return tables.length === 1 ? Object.keys(tables[0]!) : new Set(tables.flatMap((table) => Object.keys(table)));
}
