import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { merge } from '../../src/secrets/merge.ts';
import { isTable } from '../../src/secrets/tree.ts';
import type { SecretTree, SecretValue } from '../../src/sources/source.ts';

const freeze = <T extends SecretValue>(value: T): T => {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(freeze);
  return Object.freeze(value);
};

/** The rule, said as plainly as it can be. */
function naive(low: SecretTree, high: SecretTree): SecretTree {
  const merged: Record<string, SecretValue> = { ...low };
  for (const [key, value] of Object.entries(high)) {
    const below = Object.hasOwn(low, key) ? low[key] : undefined;
    merged[key] = isTable(value) && isTable(below) ? naive(below, value) : value;
  }
  return merged;
}

const { tree } = fc.letrec<{ tree: SecretTree; value: SecretValue }>((tie) => ({
  tree: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'toString'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  value: fc.oneof(
    { maxDepth: 3 },
    fc.integer({ min: 0, max: 2 }),
    fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 2 }),
    tie('tree'),
  ),
}));

/** Every table of a tree by its path. */
function tables(value: SecretValue | undefined, path = ''): Map<string, SecretTree> {
  if (!isTable(value)) return new Map();
  return new Map([
    [path, value],
    ...Object.entries(value).flatMap(([key, inner]) => [...tables(inner as SecretValue, `${path}.${key}`)]),
  ]);
}

describe('merge', () => {
  it('2.A.10, 2.A.11: merges tables at any depth; arrays and scalars are replaced', () => {
    const low = freeze({ connections: { a: { url: 1, user: 1 } }, list: [1, 2], flat: 1 });
    const high = freeze({ connections: { a: { url: 2 }, b: { url: 2 } }, list: [3], flat: { x: 1 } });
    expect(merge([low, high])).toEqual({
      connections: { a: { url: 2, user: 1 }, b: { url: 2 } },
      list: [3],
      flat: { x: 1 },
    });
  });

  it('does not let what lies below a scalar shine through', () => {
    expect(merge([{ a: { x: 1 } }, { a: 5 }, { a: { y: 1 } }])).toEqual({ a: { y: 1 } });
  });

  it('is the plain rule, frozen, for any tables, whatever was merged before', () => {
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 4 }), fc.array(tree, { maxLength: 4 }), (first, second) => {
        const before = { tables: first.map(freeze), tree: merge(first) };
        const merged = merge(second.map(freeze), before);
        expect(merged).toEqual(second.reduce(naive, {}));
        expect(Object.isFrozen(merged)).toBe(true);
      }),
    );
  });

  it('keeps every table that comes out as before', () => {
    fc.assert(
      fc.property(fc.array(tree, { minLength: 1, maxLength: 3 }), tree, fc.nat(2), (first, other, which) => {
        const before = { tables: first.map(freeze), tree: merge(first) };
        const second = first.map((table, index) => (index === which ? freeze(other) : freeze(structuredClone(table))));
        const known = tables(before.tree);
        for (const [path, table] of tables(merge(second, before))) {
          const last = known.get(path);
          expect(table === last).toBe(last !== undefined && isDeepStrictEqual(table, last));
        }
      }),
    );
  });
});
