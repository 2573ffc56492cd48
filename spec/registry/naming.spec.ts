import { describe, expect, it } from '@jest/globals';
import { memoryKind } from 'hotline/testing';
import { Naming } from '../../src/registry/naming.ts';

describe('Naming', () => {
  const [A, B] = [memoryKind().Kind, memoryKind().Kind];

  it('keys of requests look at what was asked for, not at its order', () => {
    const naming = new Naming();
    expect(naming.requestKey('a', { x: 1, type: A })).toBe(naming.requestKey('a', { type: A, x: 1 }));
    const keys = [
      naming.requestKey('a', { x: 1 }),
      naming.requestKey('a', { x: '1' }),
      naming.requestKey('b', { x: 1 }),
      naming.requestKey('a', { type: A }),
      naming.requestKey('a', { type: B }),
    ];
    expect(new Set(keys).size).toBe(5);
    expect(keys.every((key) => key.includes('\n'))).toBe(true);
  });

  it('keys of identities frame the name', () => {
    const naming = new Naming();
    const keys = [
      naming.identityKey('a', A, ''),
      naming.identityKey('a:1', A, ''),
      naming.identityKey('a', B, ''),
      naming.identityKey('a', A, '1'),
    ];
    expect(new Set(keys).size).toBe(4);
  });

  it('ids are the name where that says enough, and never taken', () => {
    const naming = new Naming();
    const take = (name: string, params = {}): string => {
      const id = naming.newId(name, params);
      naming.taken(id);
      return id;
    };
    expect([take('a'), take('a~1'), take('a'), take('a', { x: 1 }), take('b', { x: 1 })]).toEqual([
      'a',
      'a~1',
      'a~2',
      'a~3',
      'b~4',
    ]);
    naming.free('a');
    expect(take('a')).toBe('a');
  });

  it('a circle is refused with the name of its connection', () => {
    const circle: Record<string, unknown> = {};
    circle['it'] = circle;
    expect(() => new Naming().params('pets', circle)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', connection: 'pets' }),
    );
  });
});
