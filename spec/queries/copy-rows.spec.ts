import { describe, expect, it } from '@jest/globals';
import { copyRows, isFlat } from '../../src/queries/copy-rows.ts';

class Interval {
  readonly parts = { days: 1 };
  toText(): string {
    return `${this.parts.days} days`;
  }
}

describe('copyRows', () => {
  it('copies rows of scalars', () => {
    const rows = [{ a: 1, b: 'x', c: null, d: 1n, e: true, f: undefined }];
    const copies = copyRows(rows);
    expect(copies).toEqual(rows);
    copies[0]!.a = 2;
    copies.pop();
    expect(rows).toEqual([{ a: 1, b: 'x', c: null, d: 1n, e: true, f: undefined }]);
  });

  it('copies what is in them, and it stays of its class', () => {
    const at = Object.assign(new Date(0), { zone: 'UTC' });
    const row = {
      at,
      bytes: Buffer.from('ab'),
      json: { list: [{ deep: 1 }] },
      every: new Interval(),
      tags: new Set(['a']),
    };
    const [copy] = copyRows([row]);
    expect(copy).toEqual(row);
    expect(copy!.every.toText()).toBe('1 days');
    expect(copy!.bytes).toBeInstanceOf(Buffer);
    expect(copy!.at.zone).toBe('UTC');
    copy!.at.setTime(1);
    copy!.bytes[0] = 0;
    copy!.json.list[0]!.deep = 2;
    copy!.every.parts.days = 2;
    copy!.tags.add('b');
    expect(row).toEqual({
      at: Object.assign(new Date(0), { zone: 'UTC' }),
      bytes: Buffer.from('ab'),
      json: { list: [{ deep: 1 }] },
      every: new Interval(),
      tags: new Set(['a']),
    });
  });

  it('A6 gives no copy a prototype from data', () => {
    const json = JSON.parse(
      '{"__proto__": {"admin": true}, "constructor": 1, "list": [{"__proto__": null}]}',
    ) as object;
    const [copy] = copyRows([{ json }]) as [{ json: { admin?: boolean } }];
    expect(copy.json.admin).toBeUndefined();
    expect(Object.getPrototypeOf(copy.json)).toBe(Object.prototype);
    expect(JSON.stringify(copy.json)).toBe(JSON.stringify(json));
    const [flat] = copyRows([JSON.parse('{"__proto__": 5}') as object]);
    expect(Object.keys(flat!)).toEqual(['__proto__']);
  });

  it('copies rows that are arrays', () => {
    const rows: unknown[][] = [[1, { a: 1 }]];
    const copies = copyRows(rows);
    (copies[0]![1] as { a: number }).a = 2;
    expect(Array.isArray(copies[0])).toBe(true);
    expect(rows).toEqual([[1, { a: 1 }]]);
  });
});

describe('isFlat', () => {
  it.each([
    [[{ a: 1, b: null }], true],
    [[], true],
    [[{ a: 1 }, { a: new Date() }], false],
    [[[1]], false],
    [[new Interval()], false],
  ])('of %p is %p', (rows, flat) => {
    expect(isFlat(rows)).toBe(flat);
  });
});
