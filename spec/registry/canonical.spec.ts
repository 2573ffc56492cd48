import { describe, expect, it } from '@jest/globals';
import { canonical, References } from '../../src/registry/canonical.ts';

const references = new References();
const text = (value: unknown): string => canonical(value, references);

describe('canonical', () => {
  it('does not look at the order of keys, at any depth', () => {
    expect(text({ a: 1, b: { c: 2, d: 3 } })).toBe(text({ b: { d: 3, c: 2 }, a: 1 }));
  });

  it('takes a key that is undefined as not there', () => {
    expect(text({ a: 1, b: undefined })).toBe(text({ a: 1 }));
  });

  it('tells types apart', () => {
    const different = [
      1,
      '1',
      1n,
      true,
      'true',
      null,
      'null',
      undefined,
      [],
      {},
      [1],
      ['1'],
      new Date(1),
      NaN,
      'NaN',
      '',
      [[]],
    ];
    expect(new Set(different.map(text)).size).toBe(different.length);
  });

  it('tells apart what looks alike when it is put into one text (cf. 2.F 9)', () => {
    expect(text({ a: '1', b: '2' })).not.toBe(text({ a: '1str:bstr:2' }));
    expect(text({ a: '1,1:b=s1:2' })).not.toBe(text({ a: '1', b: '2' }));
    expect(text(['a,b'])).not.toBe(text(['a', 'b']));
    expect(text({ 'a=': 1 })).not.toBe(text({ a: '=1' }));
  });

  it('is equal for equal values: zeros, dates, bytes, objects without a prototype', () => {
    expect(text(-0)).toBe(text(0));
    expect(text(new Date(5))).toBe(text(new Date(5)));
    expect(text(Buffer.from('abc'))).toBe(text(new Uint8Array([97, 98, 99])));
    expect(text(Object.assign(Object.create(null) as object, { a: 1 }))).toBe(text({ a: 1 }));
  });

  it('goes by reference where a value is nothing but itself', () => {
    const make = [() => () => 1, () => class {}, () => new Map(), () => Symbol('s'), () => /x/];
    for (const one of make) {
      const [a, b] = [one(), one()];
      expect(text({ it: a })).toBe(text({ it: a }));
      expect(text({ it: a })).not.toBe(text({ it: b }));
    }
  });

  it('refuses what contains itself, and does not overflow the stack', () => {
    const circle: Record<string, unknown> = { a: 1 };
    circle['self'] = [circle];
    expect(() => text(circle)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = { deep };
    expect(() => text(deep)).toThrow(/levels deep/);
  });

  it('takes the same object twice beside itself', () => {
    const shared = { a: 1 };
    expect(text({ x: shared, y: shared })).toBe(text({ x: { a: 1 }, y: { a: 1 } }));
  });
});
