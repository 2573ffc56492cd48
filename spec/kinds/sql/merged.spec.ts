import { describe, expect, it } from '@jest/globals';
import { isTable, merged } from '../../../src/kinds/sql/merged.ts';

describe('merged', () => {
  it('goes down into tables and replaces the rest', () => {
    const under = Object.freeze({ a: { b: 1, c: [1, 2] }, d: 1, e: { f: 1 } });
    expect(merged(under, { a: { c: [3] }, e: 2, g: { h: 1 } })).toEqual({
      a: { b: 1, c: [3] },
      d: 1,
      e: 2,
      g: { h: 1 },
    });
    expect(under.a.c).toEqual([1, 2]);
    expect(merged(under, undefined)).toEqual(under);
  });

  it('takes no class for a table', () => {
    const date = new Date(0);
    expect(merged({ a: { b: 1 } }, { a: date })).toEqual({ a: date });
    expect([isTable(Object.create(null)), isTable([]), isTable(null), isTable(date)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});
