import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bind } from '../../../src/kinds/sql/binds.ts';

type Family = Parameters<typeof bind>[2];
const bound = (sql: string, params?: unknown, family: Family = 'postgresql') => {
  const { text, values } = bind(sql, params as never, family);
  expect(text).toHaveLength(values.length + 1);
  return [text.join('¤'), ...values];
};
const messageOf = (sql: string, params?: unknown, family: Family = 'postgresql'): string => {
  try {
    bind(sql, params as never, family);
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid_bind', category: 'query', retryable: false });
    return (error as Error).message;
  }
  return 'accepted';
};

describe('bind', () => {
  it('puts an object to names, as often as they occur', () => {
    expect(bound('select :a, :b, :a', { a: 1, b: 'x' })).toEqual(['select ¤, ¤, ¤', 1, 'x', 1]);
  });

  it('puts an array to question marks', () => {
    expect(bound('select ?, ?', [1, null])).toEqual(['select ¤, ¤', 1, null]);
  });

  it('leaves casts, slices, quoted text and comments alone', () => {
    expect(bound(`select :a::text, b::int, c[1:2], ':x', "y:z" -- :w\n/* :v */`, { a: 1 })).toEqual([
      `select ¤::text, b::int, c[1:2], ':x', "y:z" -- :w\n/* :v */`,
      1,
    ]);
  });

  it('leaves the operators of JSON alone', () => {
    expect(bound(`select j ? 'a', j ?| :k, j ?& :k`, { k: ['b'] })).toEqual([
      `select j ? 'a', j ?| ¤, j ?& ¤`,
      ['b'],
      ['b'],
    ]);
    expect(bound(`select j ?| ?, j ?& ?, j @? ?, j ?? 'a', j \\? 'b'`, [1, 2, 3])).toEqual([
      `select j ?| ¤, j ?& ¤, j @? ¤, j ? 'a', j ? 'b'`,
      1,
      2,
      3,
    ]);
    expect(bound(`select ?||'x'`, ['a'])).toEqual([`select ¤||'x'`, 'a']);
    expect(bound('select ?|1', [2], 'mysql')).toEqual(['select ¤|1', 2]);
  });

  it('has an escape for a colon', () => {
    expect(bound('select a\\:b, :c', { c: 1 })).toEqual(['select a:b, ¤', 1]);
    expect(bound('select a \\:b')).toEqual(['select a :b']);
  });

  it.each(['sqlite', 'mysql'] as const)('misses a value for a mark where it can be nothing else: %s', (family) => {
    expect(messageOf('select * from pet where name = ?', undefined, family)).toMatch(/no value for \? number 1/);
    expect(bound(`select '?', 1 -- ?`, undefined, family)).toEqual([`select '?', 1 -- ?`]);
  });

  it('leaves a statement without params alone', () => {
    expect(bound('select now() ? 1, j ?? 2')).toEqual(['select now() ? 1, j ?? 2']);
    expect(bound(`select '12:30'::time, @a := 1`)).toEqual([`select '12:30'::time, @a := 1`]);
  });

  it('makes a list of an array that stands alone in in (…)', () => {
    expect(bound('a in (:ids) and b not in ( ? )'.replace('?', ':ids'), { ids: [1, 2] })).toEqual([
      'a in (¤, ¤) and b not in ( ¤, ¤ )',
      1,
      2,
      1,
      2,
    ]);
    expect(bound('a IN(?)', [[1, 2, 3]], 'sqlite')).toEqual(['a IN(¤, ¤, ¤)', 1, 2, 3]);
    expect(bound('a = any(:ids)', { ids: [1, 2] })).toEqual(['a = any(¤)', [1, 2]]);
    expect(messageOf('a in (:ids)', { ids: [] })).toMatch(/list for :ids is empty/);
    expect(messageOf('a = :ids', { ids: [1] }, 'mysql')).toMatch(/:ids is an array/);
  });

  it('sends a table as JSON, bytes as bytes, dates as dates', () => {
    const [date, bytes] = [new Date(0), Buffer.from('x')];
    expect(bound('?, ?, ?, ?', [{ a: 1 }, date, bytes, 7n])).toEqual(['¤, ¤, ¤, ¤', '{"a":1}', date, bytes, 7n]);
    expect(bound('?', [new Uint8Array([1]).buffer])).toEqual(['¤', Buffer.from([1])]);
  });

  describe('2.I 156 a bind that does not fit is an error before anything is sent', () => {
    it.each<[string, string, unknown, RegExp]>([
      ['missing', 'select :a, :b', { a: 'hunter2' }, /no value for :b\./],
      ['missing, without params', 'select :a', undefined, /no value for :a\./],
      ['missing in an array', 'select ?, ?', ['hunter2'], /no value for \? number 2; `params` has 1/],
      ['unknown', 'select :a', { a: 1, hunter: 'hunter2', b: 2 }, /no placeholder :hunter, :b\./],
      ['too many', 'select ?', [1, 'hunter2'], /2 values for 1 placeholders/],
      [
        'of two styles',
        'select ?, $2',
        [1, 'hunter2'],
        /2 values for 1 placeholders; placeholders are \? and :name here, and not \$2/,
      ],
      ['undefined', 'select :a', { a: undefined }, /:a is undefined; use null/],
      ['undefined in an array', 'select ?', [undefined], /\? number 1 is undefined/],
      ['a function', 'select :a', { a: () => 'hunter2' }, /:a is a function/],
      ['a symbol', 'select :a', { a: Symbol('hunter2') }, /:a is a symbol/],
      ['an invalid date', 'select :a', { a: new Date(NaN) }, /:a is an invalid date/],
      ['names with an array', 'select :a', [1], /1 values for 0 placeholders/],
      ['marks with an object', 'select ?', { a: 1 }, /no placeholder :a/],
      ['inherited', 'select :toString', {}, /no value for :toString/],
      ['no array and no object', 'select :a', 'hunter2', /`params` is a string: expected an array/],
    ])('%s', (_case, sql, params, expected) => {
      expect(messageOf(sql, params)).toMatch(expected);
      expect(messageOf(sql, params)).not.toContain('hunter2');
    });
  });

  it('misses the value of a mark where that can be nothing else', () => {
    for (const family of ['mysql', 'sqlite', 'mssql', 'oracle', 'snowflake'] as const) {
      expect(messageOf('select ?', undefined, family)).toMatch(/no value for \? number 1\./);
      expect(messageOf('select :a, ?', undefined, family)).toMatch(/no value for :a\./);
      expect(bound(`select '?', "?" /* ? */`, undefined, family)).toEqual([`select '?', "?" /* ? */`]);
    }
    expect(bound('select j ? 1')).toEqual(['select j ? 1']);
    expect(bound('select 1', null)).toEqual(['select 1']);
    expect(messageOf('select :a', null)).toMatch(/no value for :a\./);
  });

  it('never takes a placeholder out of quoted text', () => {
    const part = fc.oneof(
      fc.constantFrom(`'?'`, `':a'`, `"?"`, `-- ? :a\n`, `/* ? :a */`, ` x `, '::a', ', '),
      fc.constant('?'),
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const marks = parts.filter((text) => text === '?').length;
        const sql = parts.map((text) => ` ${text} `).join('');
        expect(
          bind(
            sql,
            Array.from({ length: marks }, () => 1),
            'mysql',
          ).values,
        ).toHaveLength(marks);
      }),
    );
  });
});

describe('placeholders of other clients', () => {
  it.each<[string, readonly unknown[] | Record<string, unknown>, string]>([
    ['select $1', [1], '$1'],
    ['select %s', [1], '%s'],
    ['select :1', [1], ':1'],
    ['select %(a)s', { a: 1 }, '%(a)s'],
    ['select @a', { a: 1 }, '@a'],
  ])('%s is told', (sql, params, found) => {
    expect(() => bind(sql, params, 'postgresql')).toThrow(`placeholders are ? and :name here, and not ${found}`);
  });
});
