import { describe, expect, it } from '@jest/globals';
import { Capacity } from '../../src/registry/capacity.ts';

interface Kept {
  readonly name: string;
  inUse: boolean;
}

function kept(limit: number): {
  readonly capacity: Capacity<Kept>;
  readonly evicted: string[];
  entry(name: string, inUse?: boolean): Kept;
} {
  const evicted: string[] = [];
  return {
    capacity: new Capacity<Kept>(limit, ({ name }) => evicted.push(name)),
    evicted,
    entry: (name, inUse = false) => ({ name, inUse }),
  };
}

describe('Capacity', () => {
  it('evicts the least recently used that nobody uses', () => {
    const { capacity, evicted, entry } = kept(2);
    const [a, b, c, d] = [entry('a'), entry('b'), entry('c', true), entry('d')];
    for (const one of [a, b, a, c, d]) capacity.touch(one);
    expect(evicted).toEqual(['b', 'a']);
  });

  it('keeps the newcomer, and lets the excess go when its last user leaves', () => {
    const { capacity, evicted, entry } = kept(1);
    const [a, b] = [entry('a', true), entry('b', true)];
    capacity.touch(a);
    capacity.touch(b);
    expect([evicted, capacity.over]).toEqual([[], true]);
    a.inUse = false;
    capacity.left(a);
    expect([evicted, capacity.over]).toEqual([['a'], false]);
    b.inUse = false;
    capacity.left(b);
    expect(evicted).toEqual(['a']);
  });

  it('does not count what was deleted, and counts nothing without a limit', () => {
    const { capacity, evicted, entry } = kept(1);
    const a = entry('a');
    capacity.touch(a);
    capacity.delete(a);
    capacity.touch(entry('b'));
    expect(evicted).toEqual([]);
    const unbounded = kept(Infinity);
    for (const name of 'abc') unbounded.capacity.touch(entry(name));
    expect([unbounded.evicted, unbounded.capacity.over]).toEqual([[], false]);
  });

  it('may be told of a new one while it evicts', () => {
    const entry = (name: string): Kept => ({ name, inUse: false });
    const evicted: string[] = [];
    const capacity: Capacity<Kept> = new Capacity<Kept>(1, ({ name }) => {
      evicted.push(name);
      if (name === 'a') capacity.touch(entry('c'));
    });
    capacity.touch(entry('a'));
    capacity.touch(entry('b'));
    expect(evicted).toEqual(['a', 'b']);
    expect(capacity.over).toBe(false);
  });
});
