import { types } from 'node:util';
import { serialize } from 'node:v8';
import { describe, expect, it } from '@jest/globals';
import { pack, unpack } from '../../src/queries/envelope.ts';

describe('envelope', () => {
  it('A6 gives no row a prototype from data', () => {
    const rows = [{ json: JSON.parse('{"__proto__": {"admin": true}}') as { admin?: boolean } }];
    const found = unpack(pack({ rows, at: 1 }))!.rows as typeof rows;
    expect(found[0]!.json.admin).toBeUndefined();
    expect(Object.keys(found[0]!.json)).toEqual(['__proto__']);
  });

  it('brings every value back as what it was', () => {
    const rows = [
      { day: new Date(7), big: 2n ** 70n, bytes: Buffer.from([1, 2]), none: null, nan: Number.NaN, list: [{ a: 'ä' }] },
      { day: new Date(Number.NaN), minus: -0, nothing: undefined },
    ];
    const found = unpack(pack({ rows, at: 12 }));
    const [first, second] = (found?.rows ?? []) as (typeof rows)[number][];
    expect([found?.at, found?.rows.length]).toEqual([12, 2]);
    expect(types.isDate(first?.day) && types.isDate(second?.day)).toBe(true);
    expect([Number(first?.day), Number(second?.day)]).toEqual([7, Number.NaN]);
    expect(Buffer.isBuffer(first?.bytes)).toBe(true);
    expect({ ...first, day: 0 }).toEqual({ ...rows[0], day: 0 });
    expect({ ...second, day: 0 }).toEqual({ ...rows[1], day: 0 });
    // And once more, now that they come from where a store keeps them.
    expect(pack(found!)).toBeDefined();
  });

  it('takes no rows with values that would come back as something else', () => {
    class Interval {
      days = 1;
    }
    for (const value of [new Interval(), () => 1, Symbol('s'), [new Interval()], new (class extends Date {})()])
      expect(pack({ rows: [{ value }], at: 1 })).toBeUndefined();
  });

  it.each([
    ['nothing', undefined],
    ['another type', 7],
    ['another version', `hotline2:${serialize({ rows: [], at: 1 }).toString('base64')}`],
    ['something else of ours', `hotline1:${serialize({ rows: 'none' }).toString('base64')}`],
    ['a broken entry', 'hotline1:AAAA'],
  ])('takes %s for a miss', (_what, text) => {
    expect(unpack(text)).toBeUndefined();
  });
});
