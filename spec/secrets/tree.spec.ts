import { isDeepStrictEqual } from 'node:util';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { merge, stated } from '../../src/secrets/merge.ts';
import { at, dotted, own, planted, same, segments } from '../../src/secrets/tree.ts';
import { isTable } from '../../src/table.ts';
import type { SecretTree, SecretValue } from '../../src/sources/source.ts';

describe('isTable', () => {
  it('knows tables, with and without a prototype, of any realm', () => {
    expect([{}, Object.create(null), runInNewContext('({})')].map(isTable)).toEqual([true, true, true]);
  });

  it('knows what is none', () => {
    expect([null, 'x', [], new Date(), new Map(), new (class {})(), () => 1].some(isTable)).toBe(false);
  });
});

describe('own and at', () => {
  it('see nothing that is inherited', () => {
    for (const key of ['constructor', '__proto__', 'toString']) expect(own({}, key)).toBeUndefined();
    expect(own([1], 'length')).toBeUndefined();
    expect(own(new Date(), 'getTime')).toBeUndefined();
    expect(own('text', '0')).toBeUndefined();
  });

  it('walk tables and arrays', () => {
    expect(at({ a: [{ 'b.c': 1 }] }, ['a', '0', 'b.c'])).toBe(1);
    expect(at({ a: 1 }, ['a', 'b'])).toBeUndefined();
  });
});

describe('same', () => {
  it('goes by value, whatever the order of keys', () => {
    expect(same({ a: [1, { b: NaN }], c: 2n }, { c: 2n, a: [1, { b: NaN }] })).toBe(true);
    expect(same({ a: undefined }, { b: undefined })).toBe(false);
    expect(same([1], { 0: 1 })).toBe(false);
  });

  it('tells the dates of TOML apart, as dequal does not', () => {
    const dates = parse('a = 1979-05-27\nb = 1979-05-28\nc = 1979-05-27');
    expect(same(dates['a'], dates['b'])).toBe(false);
    expect(same(dates['a'], dates['c'])).toBe(true);
  });

  it('compares tables with a key called constructor', () => {
    expect(same({ constructor: { a: 1 } }, { constructor: { a: 1 } })).toBe(true);
  });
});

describe('planted', () => {
  it('grows a tree from paths, and touches nothing inherited', () => {
    const tree = planted([
      [['a', 'b'], 1],
      [['a', 'c'], 2],
      [['constructor', 'x'], 3],
    ]);
    expect(tree).toEqual({ a: { b: 1, c: 2 }, constructor: { x: 3 } });
    expect(Object).not.toHaveProperty('x');
  });
});

describe('segments', () => {
  it('splits at dots, and takes an array as it is', () => {
    expect(segments('a.b')).toEqual(['a', 'b']);
    expect(segments(['a', 'b.c'])).toEqual(['a', 'b.c']);
  });

  it('leads nowhere with what is no path, and not to everything', () => {
    const at = (path: unknown): unknown => segments(path as never);
    expect([undefined, null, 7, {}, Symbol('a')].map(at)).not.toContainEqual([]);
  });
});

describe('dotted', () => {
  it('quotes the keys that TOML would', () => {
    expect(dotted(['connections', 'my.db', 'url'])).toBe('connections."my.db".url');
  });
});

describe('merge', () => {
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
    tree: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'toString'), tie('value'), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
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
      ...Object.entries(value).flatMap(([key, inner]) => [...tables(inner, `${path}.${key}`)]),
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
          const second = first.map((table, index) =>
            index === which ? freeze(other) : freeze(structuredClone(table)),
          );
          const known = tables(before.tree);
          for (const [path, table] of tables(merge(second, before))) {
            const last = known.get(path);
            expect(table === last).toBe(last !== undefined && isDeepStrictEqual(table, last));
          }
        }),
      );
    });
  });
});

describe('stated', () => {
  it('says whether the params decide about a path', () => {
    const params = { host: 'h', pool: { max: 3 }, none: undefined };
    expect(
      [['host'], ['pool', 'max'], ['host', 'x'], ['pool', 'min'], ['none'], ['user']].map((path) =>
        stated(params, path),
      ),
    ).toEqual([true, true, true, false, false, false]);
    expect(stated(undefined, ['host'])).toBe(false);
  });
});
