import { describe, expect, it } from '@jest/globals';
import type { Language } from '../../../src/kinds/sql/lexis.ts';
import { withoutLiterals } from '../../../src/kinds/sql/without-literals.ts';

describe('withoutLiterals', () => {
  it.each<[Language, string, string | undefined]>([
    ['postgresql', 'select a from t1 where id = $1', 'select a from t1 where id = $1'],
    ['postgresql', "select * from pet where name = 'Rex' and id = 4711", 'select * from pet where name = ? and id = ?'],
    ['postgresql', "select 'it''s', \"a column\", 1.5e-7, .5, -3, x.y2, 0x1F", 'select ?, ?, ?, ?, -?, x.y2, ?'],
    ['postgresql', 'select $$secret$$, $a$se$$cret$a$', 'select ?, ?'],
    ['postgresql', 'select 1 -- secret 5\n, /* secret /* more */ */ 2', 'select ?  \n,   ?'],
    ['postgresql', "select E'a\\'secret'", undefined],
    ['postgresql', "select 'a\\', 'secret'", undefined],
    ['postgresql', "select 'not closed", 'select ?'],
    ['postgresql', "select x'ff', b'01', date '2020-01-01'", 'select x?, b?, date ?'],
    ['mysql', "select \"secret\", `a b`, 'x' # secret's\n, 1", 'select ?, ?, ?  \n, ?'],
    ['mysql', "select 'a\\', secret'", undefined],
    ['sqlite', 'select "secret", [a 1], ?, :a', 'select ?, ?, ?, :a'],
    ['mssql', "select [a], N'x', @p1", 'select ?, N?, @p1'],
    ['oracle', "select q'[se'cret]', :1 from dual", 'select ?, :1 from dual'],
    ['snowflake', 'select $$secret$$, $1, t.$1 // secret', 'select ?, $1, t.$1'],
    ['postgresql', 'select 1', 'select ?'],
    ['postgresql', '', ''],
  ])('%s: %s', (language, sql, shown) => {
    expect(withoutLiterals(sql, language)).toBe(shown);
  });

  it('takes linear time', () => {
    const start = performance.now();
    for (const part of ['1', "'a'", '.', '1.', 'e+', '$', '-- \n']) withoutLiterals(part.repeat(100_000), 'postgresql');
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
