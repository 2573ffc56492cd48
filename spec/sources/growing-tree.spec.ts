import { describe, expect, it } from '@jest/globals';
import { GrowingTree } from '../../src/sources/growing-tree.ts';

describe('GrowingTree', () => {
  it('puts each value at its path, and knows where it came from', () => {
    const growing = new GrowingTree('here');
    growing.place(['a', 'b'], '1', 'first');
    growing.place(['a', 'c'], { d: '2' }, 'second');
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
    const growing = new GrowingTree('here');
    growing.place(first, '1', 'first');
    expect(() => growing.place(second, '2', 'second')).toThrow(message);
    expect(({} as { c?: unknown }).c).toBeUndefined();
  });

  it('refuses a path inside of a table that was given as a whole', () => {
    const growing = new GrowingTree('here');
    growing.place(['a'], { b: '1' }, 'a.toml');
    expect(() => growing.place(['a', 'c'], '2', 'a/c')).toThrow('a/c is inside of a.toml');
  });
});
