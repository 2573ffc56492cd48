import { describe, expect, it } from '@jest/globals';
import { memoryKind } from 'hotline/testing';
import { Reloads } from '../../src/registry/reloads.ts';

const named = (name: string): ReturnType<typeof memoryKind>['Kind'] => memoryKind({ name }).Kind;

describe('Reloads', () => {
  it('the newer class of a name replaces the older one, once', () => {
    const reloads = new Reloads();
    const [first, second, third] = [named('Pets'), named('Pets'), named('Pets')];
    expect(reloads.latest('a', '', first)).toEqual({ Kind: first, replaces: [] });
    expect(reloads.latest('a', '', second)).toEqual({ Kind: second, replaces: [first] });
    expect(reloads.latest('a', '', first)).toEqual({ Kind: second, replaces: [] });
    expect(reloads.latest('a', '', third)).toEqual({ Kind: third, replaces: [second] });
  });

  it('classes of other names, connections and params are nobody’s business', () => {
    const reloads = new Reloads();
    const [a, b] = [named('Pets'), named('Cats')];
    for (const [name, params, Kind] of [
      ['x', '', a],
      ['x', '', b],
      ['y', '', named('Pets')],
      ['x', '1', named('Pets')],
    ] as const)
      expect(reloads.latest(name, params, Kind).replaces).toEqual([]);
  });

  it('forgets with the connection of the latest class, and not with that of an older one', () => {
    const reloads = new Reloads();
    const [first, second] = [named('Pets'), named('Pets')];
    reloads.latest('a', '', first);
    reloads.latest('a', '', second);
    reloads.forget('a', '', first);
    expect(reloads.latest('a', '', first).Kind).toBe(second);
    reloads.forget('a', '', second);
    expect(reloads.latest('a', '', first)).toEqual({ Kind: first, replaces: [] });
  });
});
