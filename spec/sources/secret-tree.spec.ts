import { describe, expect, it } from '@jest/globals';
import { deepest, secretTree } from '../../src/sources/secret-tree.ts';
import type { SecretTree } from '../../src/sources/source.ts';

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
