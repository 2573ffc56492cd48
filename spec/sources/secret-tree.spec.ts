import { describe, expect, it } from '@jest/globals';
import { TreeBuilder, deepest, secretTree } from '../../src/sources/secret-tree.ts';
import type { SecretTree } from '../../src/sources/source.ts';

describe('secret tree', () => {
  function nested(levels: number): SecretTree {
    let tree: SecretTree = { end: 1 };
    for (let level = 1; level < levels; level += 1) tree = { a: tree };
    return tree;
  }

  describe('secretTree', () => {
    it('copies tables without a prototype, at every depth', () => {
      const tree = secretTree({ a: [{ b: 1 }] }, 'here');
      const [inner] = tree['a'] as unknown as [object];
      expect([Object.getPrototypeOf(tree), Object.getPrototypeOf(inner)]).toEqual([null, null]);
      expect('toString' in tree).toBe(false);
    });

    it('takes what is as deep as it may be, and refuses what is deeper', () => {
      expect(() => secretTree(nested(deepest), 'here')).not.toThrow();
      expect(() => secretTree(nested(100_000), 'here')).toThrow(`here: it is nested more than ${deepest} levels deep`);
    });

    it('takes tables of another realm', () => {
      const other = Object.create(Object.create(null, { foreign: { value: true } }) as object) as { a: number };
      other.a = 1;
      expect(secretTree(other, 'here')).toEqual({ a: 1 });
    });
  });
});

describe('TreeBuilder', () => {
  it('puts each value at its path, and knows where it came from', () => {
    const growing = new TreeBuilder('here');
    growing.set(['a', 'b'], '1', 'first');
    growing.set(['a', 'c'], { d: '2' }, 'second');
    expect(structuredClone(growing.tree)).toEqual({ a: { b: '1', c: { d: '2' } } });
    expect(growing.originOf(['a', 'b'])).toBe('first');
    expect(growing.originOf(['a', 'c', 'd'])).toBe('second');
    expect(growing.originOf(['a'])).toBeUndefined();
    expect(growing.originOf(['x'])).toBeUndefined();
  });

  it.each([
    ['the same path twice', ['a'], ['a'], 'here: second and first are at the same path'],
    ['a path inside of a value', ['a'], ['a', 'b'], 'here: second is inside of first, which is a value itself'],
    ['a value where there is a table', ['a', 'b'], ['a'], 'here: second and others are at the same path'],
    ['an empty path', ['a'], [], 'second has no path'],
    ['an empty step', ['a'], ['b', '', 'c'], 'second has no path'],
    ['a path that is too deep', ['a'], Array.from({ length: 101 }, () => 'b'), 'second has no path'],
    ['an unsafe key', ['a'], ['b', '__proto__', 'c'], '`b.__proto__` is not a name'],
  ])('refuses %s', (_, first, second, message) => {
    const growing = new TreeBuilder('here');
    growing.set(first, '1', 'first');
    expect(() => growing.set(second, '2', 'second')).toThrow(message);
    expect(({} as { c?: unknown }).c).toBeUndefined();
  });

  it('refuses a path inside of a table that was given as a whole', () => {
    const growing = new TreeBuilder('here');
    growing.set(['a'], { b: '1' }, 'a.toml');
    expect(() => growing.set(['a', 'c'], '2', 'a/c')).toThrow('a/c is inside of a.toml');
  });
});
