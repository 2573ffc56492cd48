import { describe, expect, it } from '@jest/globals';
import { parse } from 'smol-toml';
import { freezeShared } from '../../src/secrets/freeze-shared.ts';
import type { SecretTree } from '../../src/sources/source.ts';

const code = (secrets: unknown): string => {
  try {
    freezeShared(secrets, undefined, 'here');
    return 'fine';
  } catch (error) {
    return `${(error as { code: string }).code}: ${(error as Error).message}`;
  }
};

function nested(depth: number): SecretTree {
  return depth === 0 ? { end: 1 } : { down: nested(depth - 1) };
}

describe('freezeShared', () => {
  it.each(['{"__proto__": {}}', '{"a": {"__proto__": {"admin": true}}}', '{"a": {"constructor": 1}}'])(
    'A6 refuses %s, which some reader would take for what every object has',
    (json) => {
      expect(code(JSON.parse(json))).toMatch(/^source_invalid: .*is not a name that a secret can have/);
    },
  );

  it('freezes a copy, at every depth', () => {
    const given = { a: { b: [{ c: 1 }] } };
    const { tree } = freezeShared(given, undefined, 'here');
    given.a.b[0]!.c = 2;
    expect(tree).toEqual({ a: { b: [{ c: 1 }] } });
    expect(() => Object.assign((tree as typeof given).a, { x: 1 })).toThrow(TypeError);
    expect(() => (tree as typeof given).a.b.push({ c: 3 })).toThrow(TypeError);
    expect(() => Object.assign((tree as typeof given).a.b[0]!, { c: 3 })).toThrow(TypeError);
  });

  it('keeps every part that is equal by value, whatever the order of keys', () => {
    const before = freezeShared({ a: { x: 1, y: [1, 2] }, b: { z: 1 }, c: new Date(7) }, undefined, 'here');
    const first = before.tree;
    const again = freezeShared({ c: new Date(7), b: { z: 1 }, a: { y: [1, 2], x: 1 } }, before, 'here').tree;
    expect(again).toBe(first);
    const next = freezeShared({ b: { z: 2 }, a: { y: [1, 2], x: 1 }, c: new Date(7) }, before, 'here').tree;
    expect(next).toEqual({ a: { x: 1, y: [1, 2] }, b: { z: 2 }, c: new Date(7) });
    expect([next['a'], next['c']]).toEqual([first['a'], first['c']]);
    expect(next['a']).toBe(first['a']);
    expect(next['c']).toBe(first['c']);
  });

  it('sees that a key came, and that one went', () => {
    const first = freezeShared({ a: 1, b: 2 }, undefined, 'here');
    expect(freezeShared({ a: 1 }, first, 'here').tree).toEqual({ a: 1 });
    expect(freezeShared({ a: 1, b: 2, c: 3 }, first, 'here').tree).toEqual({ a: 1, b: 2, c: 3 });
    expect(freezeShared({ skip: undefined, a: 1, b: 3 }, first, 'here').tree).toEqual({ a: 1, b: 3 });
    expect(freezeShared({}, first, 'here').tree).toEqual({});
    expect(freezeShared({ toString: 'x' }, freezeShared({}, undefined, 'here'), 'here').tree).toEqual({
      toString: 'x',
    });
  });

  it('does not take a key that holds nothing for one that went', () => {
    const first = freezeShared({ a: { x: 1, y: 2 } }, undefined, 'here');
    expect(freezeShared({ a: { x: 1, z: undefined } }, first, 'here').tree).toEqual({ a: { x: 1 } });
  });

  it('shares with the tree before, and keeps its references', () => {
    const first = freezeShared({ a: { x: 1 }, b: { y: 1 } }, undefined, 'here');
    const next = freezeShared({ a: { x: 1 }, b: { y: 2 } }, first, 'here');
    expect([first.sharesWith, next.sharesWith]).toEqual([undefined, first.tree]);
    expect(next.sharesWith).toBe(first.tree);
  });

  it('finds the strings that may refer to something; arrays as a whole', () => {
    const { references } = freezeShared(
      { a: '${env:X}', b: ['x', ['${env:Y}', { z: '${env:Z}' }]], c: '$x' },
      undefined,
      'here',
    );
    expect(references).toEqual([['a'], ['b']]);
  });

  it('still knows the references in what did not change, and forgets those that went', () => {
    const first = freezeShared({ a: { x: '${env:X}', y: '${env:Y}' }, b: ['${env:Z}'], c: 1 }, undefined, 'here');
    const next = freezeShared({ a: { x: '${env:X}', y: 'plain' }, b: ['${env:Z}'], c: '${env:C}' }, first, 'here');
    expect(new Set(next.references)).toEqual(new Set([['a', 'x'], ['b'], ['c']]));
    expect(freezeShared({ c: '${env:C}' }, next, 'here').references).toEqual([['c']]);
  });

  it('holds dates and bigints, and no date can be set', () => {
    const { tree } = freezeShared(
      parse('day = 1979-05-27\nbig = 9007199254740993', { integersAsBigInt: 'asNeeded' }),
      undefined,
      'here',
    );
    expect(tree['big']).toBe(9007199254740993n);
    expect((tree['day'] as Date).toISOString()).toBe('1979-05-27');
    expect(() => (tree['day'] as Date).setFullYear(2000)).toThrow(TypeError);
    const mine = new Date(7);
    const kept = freezeShared({ mine }, undefined, 'here').tree['mine'] as Date;
    mine.setTime(8);
    expect(kept.getTime()).toBe(7);
    expect(structuredClone(kept)).toEqual(new Date(7));
  });

  it('holds a hundred levels, and refuses more, and circles, with one clear error', () => {
    expect(code(nested(99))).toBe('fine');
    expect(code(nested(1000))).toMatch(/^source_invalid: here: down.* is nested more than 100 levels deep\.$/);
    const circle: Record<string, unknown> = {};
    circle['down'] = circle;
    expect(code(circle)).toMatch(/^source_invalid: .*nested more than/);
  });

  it('refuses names that would pollute, and pollutes nothing', () => {
    expect(code(JSON.parse('{"a":{"__proto__":{"polluted":1}}}'))).toMatch(
      /source_invalid: here: a\.__proto__ is not a name/,
    );
    expect(code(JSON.parse('{"constructor":{"prototype":{"polluted":1}}}'))).toMatch(/source_invalid/);
    expect(code({ toJSON: 'prints in my place' })).toMatch(/source_invalid/);
    expect({}).not.toHaveProperty('polluted');
  });

  it('refuses what no source can hold, naming where it is and not what', () => {
    const instance = new (class Client {
      token = 'hunter2hunter2';
    })();
    expect(code({ a: { b: [instance] } })).toBe(
      'source_invalid: here: a.b.0 is an object of a class, which no source can hold.',
    );
    expect(code({ f: () => 'hunter2' })).toBe('source_invalid: here: f is a function, which no source can hold.');
    expect(code({ d: new Date(NaN) })).toBe('source_invalid: here: d is a date that does not exist.');
    for (const wrong of [null, 'text', [], 7, undefined])
      expect(code(wrong)).toMatch(/^source_invalid: .*is not a table\.$/);
  });
});
