/* eslint-disable jest/no-export, jest/valid-title -- one suite that several specs run */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnections, SqlConnection, type ConnectionRegistry } from '../../../src/index.ts';

/** Integers are numbers while they are safe, and text or bigints beyond, at every door. */
export function describeIntegers(title: string, settings: () => Record<string, unknown>): void {
  describe(title, () => {
    let hot: ConnectionRegistry;
    let pets: SqlConnection;
    let bigs: SqlConnection;
    const values = [0n, 1n, -7n, 9007199254740991n, 9007199254740993n, -9007199254740993n, 9223372036854775807n];
    const safe = (value: bigint): boolean => Number.isSafeInteger(Number(value));
    const asText = values.map((value) => (safe(value) ? Number(value) : String(value)));
    const asBigint = values.map((value) => (safe(value) ? Number(value) : value));

    beforeAll(async () => {
      hot = createConnections({ sources: [] });
      pets = await hot.connection('pets', { type: SqlConnection, params: settings() });
      bigs = await hot.connection('pets', { type: SqlConnection, params: { ...settings(), bigint: 'bigint' } });
      await pets.execute('drop table if exists exact');
      await pets.execute('create table exact (id integer, big bigint)');
      for (const [id, big] of values.entries())
        await pets.execute('insert into exact values (?, ?)', { params: [id, big] });
    });
    afterAll(async () => {
      await pets?.execute('drop table exact');
      await hot?.close();
    });
    const sql = 'select big from exact order by id';

    it('query, cached query, stream, transaction and execute read the same', async () => {
      for (const [connection, expected] of [
        [pets, asText],
        [bigs, asBigint],
      ] as const) {
        const read = (rows: readonly object[]): unknown[] => rows.map((row) => (row as { big: unknown }).big);
        expect(read(await connection.query(sql))).toEqual(expected);
        expect(read(await connection.query(sql, { ttl: 60_000 }))).toEqual(expected);
        expect(read(await connection.query(sql, { ttl: 60_000 }))).toEqual(expected);
        expect(read((await connection.execute(sql)).rows)).toEqual(expected);
        const streamed: object[] = [];
        for await (const row of connection.stream(sql, { batchSize: 2 })) streamed.push(row);
        expect(read(streamed)).toEqual(expected);
        await connection.transaction(async (tx) => {
          expect(read(await tx.query(sql))).toEqual(expected);
          const inside: object[] = [];
          for await (const row of tx.stream(sql, { batchSize: 2 })) inside.push(row);
          expect(read(inside)).toEqual(expected);
        });
      }
    });

    it('what was read is written back as it was, and found by it', async () => {
      for (const connection of [pets, bigs])
        for (const [id] of values.entries()) {
          const [{ big }] = (await connection.query('select big from exact where id = ?', { params: [id] })) as [
            { big: unknown },
          ];
          await connection.execute('update exact set big = ? where id = ?', { params: [big, id] });
          expect(await connection.query('select id from exact where big = ?', { params: [big] })).toEqual([{ id }]);
        }
      expect((await pets.query(sql)).map((row) => row['big'])).toEqual(asText);
    });

    it('counts, expressions and bound bigints follow the same rule', async () => {
      expect(await pets.query('select count(*) as n from exact')).toEqual([{ n: values.length }]);
      expect(await pets.query('select max(big) as n from exact')).toEqual([{ n: '9223372036854775807' }]);
      expect(await pets.query('select big + 2 as n from exact where id = 3')).toEqual([{ n: '9007199254740993' }]);
      expect(await bigs.query('select big + 2 as n from exact where id = 3')).toEqual([{ n: 9007199254740993n }]);
      expect(await pets.query('select max(big) as n from exact where id < 0')).toEqual([{ n: null }]);
    });

    it('the driver itself is left as it is', async () => {
      const bare = await pets.use((knex) => knex('exact').select('big').where({ id: 1 }));
      expect(Number((bare as { big: unknown }[])[0]!.big)).toBe(1);
      expect(typeof (bare as { big: unknown }[])[0]!.big).not.toBe('bigint');
    });

    it('a word that is none of the two is refused', async () => {
      const opening = hot.connection('other', { type: SqlConnection, params: { ...settings(), bigint: 'number' } });
      await expect(opening).rejects.toMatchObject({ code: 'invalid_config', message: expect.stringMatching(/bigint/) });
    });
  });
}
