import { describe, expect, it } from '@jest/globals';
import { parse } from 'smol-toml';
import { runInNewContext } from 'node:vm';
import { at, isTable, own, planted, same } from '../../src/secrets/tree.ts';

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
