import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Knex } from 'knex';
import { createConnections, SqlConnection, type ConnectionRegistry } from '../../../src/index.ts';

const url = process.env['HOTLINE_TEST_MARIADB_URL'] ?? 'mysql://root@127.0.0.1:3306/test';
let hot: ConnectionRegistry;
let pets: SqlConnection;

beforeAll(async () => {
  hot = createConnections({ sources: [] });
  pets = await hot.connection('pets', { type: SqlConnection, url });
  await pets.execute('create or replace table backslash (a text)');
});
afterAll(async () => {
  await pets?.execute('drop table backslash');
  await hot?.close();
});

describe('values under NO_BACKSLASH_ESCAPES', () => {
  const values = [
    `\\' or 1 = 1 -- `,
    `\\`,
    `O'Neil`,
    `''`,
    `"\\"`,
    `x\u0000y\n\r\u001a%_`,
    '🐈\\',
    `\\'); drop table backslash; -- `,
  ];
  const read = async (knex: Knex, value: string): Promise<unknown> =>
    ((await knex.raw('select ? as a', [value])) as [unknown])[0];

  it.each([true, false])('arrive as they are, and nothing is injected: %s', async (without) => {
    const mode = without ? "concat(@@sql_mode, ',NO_BACKSLASH_ESCAPES')" : '@@sql_mode';
    await pets.transaction(async (tx) => {
      await tx.execute(`set session sql_mode = ${mode}`);
      for (const value of values) {
        expect(await tx.query('select ? as a, ? as b', { params: [value, 'b'] })).toEqual([{ a: value, b: 'b' }]);
        const [row] = await tx.query('select count(*) as n from (select 1) t where ? = ?', { params: ['no', value] });
        expect(row).toEqual({ n: 0 });
        expect(await tx.query('select json_value(:j, "$.a") as a', { params: { j: { a: value } } })).toEqual([
          { a: value },
        ]);
      }
      const like = await tx.query('select ? like ? as a', { params: ['50%', without ? '50%' : '50\\%'] });
      expect(like).toEqual([{ a: 1 }]);
      await tx.execute('set session sql_mode = default');
    });
    await pets.use((knex) =>
      knex.transaction(async (trx) => {
        await trx.raw(`set session sql_mode = ${mode}`);
        for (const value of values) expect(await read(trx, value)).toEqual([{ a: value }]);
        for (const value of values) await trx('backslash').where({ a: value }).orWhereIn('a', [value]).select();
        await trx.raw('set session sql_mode = default');
        for (const value of values) expect(await read(trx, value)).toEqual([{ a: value }]);
      }),
    );
  });
});
