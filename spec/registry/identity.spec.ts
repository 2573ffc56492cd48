import { describe, expect, it } from '@jest/globals';
import { memoryKind } from 'hotline/testing';
import { IdentityKeys } from '../../src/registry/identity.ts';

describe('IdentityKeys', () => {
  const [A, B] = [memoryKind().Kind, memoryKind().Kind];

  it('keys of requests look at what was asked for, not at its order', () => {
    const ids = new IdentityKeys();
    expect(ids.requestKey('a', { x: 1, type: A })).toBe(ids.requestKey('a', { type: A, x: 1 }));
    const keys = [
      ids.requestKey('a', { x: 1 }),
      ids.requestKey('a', { x: '1' }),
      ids.requestKey('b', { x: 1 }),
      ids.requestKey('a', { type: A }),
      ids.requestKey('a', { type: B }),
    ];
    expect(new Set(keys).size).toBe(5);
    expect(keys.every((key) => key.includes('\n'))).toBe(true);
  });

  it('keys of identities frame the name', () => {
    const ids = new IdentityKeys();
    const keys = [
      ids.identityKey('a', A, ''),
      ids.identityKey('a:1', A, ''),
      ids.identityKey('a', B, ''),
      ids.identityKey('a', A, '1'),
    ];
    expect(new Set(keys).size).toBe(4);
  });

  it('ids are the name where that says enough, and never taken', () => {
    const ids = new IdentityKeys();
    const take = (name: string, params = {}): string => {
      const id = ids.newId(name, params);
      ids.take(id);
      return id;
    };
    expect([take('a'), take('a~1'), take('a'), take('a', { x: 1 }), take('b', { x: 1 })]).toEqual([
      'a',
      'a~1',
      'a~2',
      'a~3',
      'b~4',
    ]);
    ids.free('a');
    expect(take('a')).toBe('a');
  });

  it('a circle is refused with the name of its connection', () => {
    const circle: Record<string, unknown> = {};
    circle['it'] = circle;
    expect(() => new IdentityKeys().params('pets', circle)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', connection: 'pets' }),
    );
  });
});
