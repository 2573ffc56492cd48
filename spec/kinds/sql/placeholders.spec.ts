import { describe, expect, it } from '@jest/globals';
import { templateOf } from '../../../src/kinds/sql/placeholders.ts';

describe('templateOf', () => {
  it('cuts a statement at its names, or at its marks', () => {
    const sql = `select ?, :a, ':b', c::text`;
    expect(templateOf(sql, 'names', 'postgresql')).toMatchObject({
      text: ['select ?, ', `, ':b', c::text`],
      slots: [{ name: 'a', alone: false }],
    });
    expect(templateOf(sql, 'marks', 'postgresql')).toMatchObject({
      text: ['select ', `, :a, ':b', c::text`],
      slots: [{ name: undefined, alone: false }],
    });
  });

  it('tells the only value of in (…) from others', () => {
    const { slots } = templateOf('a in ( :a ) or b in (:b, :c) or d = any(:d)', 'names', 'postgresql');
    expect(slots).toEqual([
      { name: 'a', alone: true },
      { name: 'b', alone: false },
      { name: 'c', alone: false },
      { name: 'd', alone: false },
    ]);
  });

  it('takes what is escaped as it is meant', () => {
    expect(templateOf('a ?? \\? ?| b', 'marks', 'postgresql')).toMatchObject({ text: ['a ? ? ?| b'], slots: [] });
    expect(templateOf('a \\:b', 'names', 'mysql')).toMatchObject({ text: ['a :b'], slots: [] });
  });

  it('reads a colon after a value as a path in Snowflake', () => {
    expect(templateOf('select v:a, "v":b, :c', 'names', 'snowflake').slots).toEqual([{ name: 'c', alone: false }]);
  });
});
