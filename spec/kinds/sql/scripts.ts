/* eslint-disable jest/no-export, jest/valid-title -- one suite that several specs run */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createConnections, SqlConnection, type ConnectionRegistry } from '../../../src/index.ts';

/** A routine or a trigger that puts 10, 11 and 12 into the table. */
export interface Routine {
  readonly create: string;
  readonly fire: string;
  readonly drop: string;
}

/** Several statements in one text are all run, or none, on every database alike. */
export function describeScripts(title: string, settings: () => Record<string, unknown>, routine: Routine): void {
  describe(title, () => {
    let hot: ConnectionRegistry;
    let pets: SqlConnection;
    beforeAll(async () => {
      hot = createConnections({ sources: [] });
      pets = await hot.connection('pets', { type: SqlConnection, params: settings() });
      await pets.execute('drop table if exists script');
      await pets.execute('create table script (a int)');
    });
    beforeEach(async () => void (await pets.execute('delete from script')));
    afterAll(async () => {
      await pets?.execute('drop table script');
      await hot?.close();
    });
    const all = async () => (await pets.query('select a from script order by a')).map((row) => row['a']);

    it('the result is that of the last one', async () => {
      expect(await pets.query('select 1 as a; select 2 as a')).toEqual([{ a: 2 }]);
      expect(
        await pets.execute('insert into script values (1); -- ;\n insert into script values (2), (3); ;'),
      ).toMatchObject({ rowCount: 2 });
      expect(
        await pets.execute("insert into script values (4); select a from script where ';' = ';' and a = 4;"),
      ).toEqual({
        rows: [{ a: 4 }],
        rowCount: 1,
      });
      expect(await all()).toEqual([1, 2, 3, 4]);
    });

    it('all of them are kept, or none', async () => {
      const failing = 'insert into script values (1); insert into nowhere values (1); insert into script values (2)';
      await expect(pets.execute(failing)).rejects.toMatchObject({ code: 'query_failed', connection: 'pets' });
      expect(await all()).toEqual([]);
      await expect(pets.transaction((tx) => tx.execute(failing))).rejects.toMatchObject({ code: 'query_failed' });
      expect(await all()).toEqual([]);
      await pets.transaction((tx) => tx.execute('insert into script values (1); insert into script values (2)'));
      expect(await all()).toEqual([1, 2]);
    });

    it('values and streams belong to one statement', async () => {
      const sql = 'select 1 as a; select 2 as a';
      const streamed = async (rows: AsyncIterable<object>) => {
        for await (const row of rows) void row;
      };
      for (const refused of [
        pets.query(`${sql} where 1 = ?`, { params: [1] }),
        pets.execute('insert into script values (:a); insert into script values (:a)', { params: { a: 1 } }),
        streamed(pets.stream(sql)),
        pets.transaction((tx) => streamed(tx.stream(sql))),
      ])
        await expect(refused).rejects.toMatchObject({ code: 'not_supported', connection: 'pets' });
      await expect(pets.query('select 1; delete from script')).rejects.toMatchObject({ code: 'write_in_query' });
      expect(await all()).toEqual([]);
      expect(await pets.query('select ? as a;', { params: [1] })).toHaveLength(1);
      await streamed(pets.stream('select 1 as a; -- no more'));
    });

    it('a routine or a trigger is one statement with all that is in it', async () => {
      await pets.execute(routine.create);
      await pets.execute(routine.fire);
      expect(await all()).toEqual([10, 11, 12]);
      await pets.execute(routine.drop);
    });
  });
}
