import { describe, expect, it } from '@jest/globals';
import { bind } from '../../../src/kinds/snowflake/binds.ts';
import type { BulkInsert, InsertRowsOptions } from '../../../src/kinds/query/insert-rows.ts';
import { bulkInserts } from '../../../src/kinds/snowflake/insert-rows.ts';
import { errorOf } from '../../support/snowflake-world.ts';
import { deepIt } from '../../support/depth.ts';

async function all(
  table: string,
  rows: Iterable<object> | AsyncIterable<object>,
  options: InsertRowsOptions = {},
  types: readonly string[] = [],
): Promise<BulkInsert[]> {
  const inserts: BulkInsert[] = [];
  for await (const insert of bulkInserts(table, rows as Iterable<Record<string, unknown>>, options, async () => types))
    inserts.push(insert);
  return inserts;
}

describe('bulk inserts', () => {
  it('are one statement where that is enough', async () => {
    const inserts = await all('pet', [{ name: 'Rex', age: 3 }, { age: 4 }]);
    expect(inserts.map(bind)).toEqual([
      {
        sql: 'insert into pet (name, age) values (?, ?)',
        binds: [
          ['Rex', '3'],
          [null, '4'],
        ],
      },
    ]);
  });

  deepIt('keep under the values that the driver would upload to a stage', async () => {
    const rows = Array.from({ length: 60_000 }, (_, i) => ({ a: i, b: i }));
    const sizes = (await all('t', rows)).map((insert) => bind(insert).binds!.length);
    expect(sizes).toEqual([25_000, 25_000, 10_000]);
  });

  it('are as large as was asked for, and take what comes later', async () => {
    const rows = async function* (): AsyncGenerator<object> {
      for (let i = 0; i < 5; i++) yield { i };
    };
    expect((await all('t', rows(), { batchSize: 2 })).map((insert) => bind(insert).binds!.length)).toEqual([2, 2, 1]);
  });

  it('are none without rows', async () => {
    expect(await all('t', [])).toEqual([]);
  });

  it('quote what is no plain name', async () => {
    const [insert] = await all('my-db."Mixed Case".t', [{ 'a b': 1, 'c"d': 2, e$1: 3 }]);
    expect(insert!.sql).toBe('insert into "my-db"."Mixed Case".t ("a b", "c""d", e$1) values (?, ?, ?)');
  });

  it.each([
    ['null', [{ a: 1 }, null], {}, 'row 2 is no object'],
    ['a list', [[1]], {}, 'row 1 is no object'],
    ['what is no list of rows', 5, {}, 'rows that can be iterated'],
    ['no rows at all', undefined, {}, 'rows that can be iterated'],
    ['batches of 0', [{ a: 1 }], { batchSize: 0 }, 'batchSize'],
    ['batches of NaN', [{ a: 1 }], { batchSize: NaN }, 'batchSize'],
  ])('refuse %s', async (_what, rows, options, text) => {
    const error = await errorOf(all('t', rows as never, options));
    expect(error.code).toMatch(/^invalid_(bind|argument)$/);
    expect(error.message).toContain(text);
  });

  it('refuse a key that is no column', async () => {
    expect(await errorOf(all('t', [{ a: 1 }, { a: 1, b: 2 }]))).toMatchObject({
      code: 'invalid_bind',
      message: 'row 2 has a key that is no column: "b".',
    });
    expect(await errorOf(all('t', [{}]))).toMatchObject({ code: 'invalid_bind' });
    expect((await all('t', [{ b: 2, a: 1 }], { columns: ['a', 'b'] }))[0]!.sql).toContain('(a, b)');
  });
});
