/* eslint-disable jest/no-export, jest/valid-title -- one suite that several specs run */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createConnections, inline, SqlConnection, type ConnectionRegistry } from '../../../src/index.ts';

/** knex on a transaction that hotline began: `tx.raw`. */
export function describeKnexInside(title: string, url: () => string): void {
  describe(title, () => {
    let hot: ConnectionRegistry;
    let pets: SqlConnection;
    const names = async (): Promise<unknown[]> =>
      (await pets.query('select name from knex_inside order by name')).map(({ name }) => name);

    beforeEach(async () => {
      hot = createConnections({
        sources: [inline({ connections: { pets: { url: url(), knex: { pool: { max: 2 } } } } })],
      });
      pets = await hot.connection('pets', { type: SqlConnection });
      await pets.execute('drop table if exists knex_inside');
      await pets.execute('create table knex_inside (name varchar(20) primary key)');
    });
    afterEach(async () => {
      await pets.execute('drop table knex_inside');
      await hot.close();
    });

    it('runs on the connection of the transaction, and is kept with it', async () => {
      await pets.transaction(async (tx) => {
        await tx.raw('knex_inside').insert({ name: 'Rex' });
        expect(await tx.query('select name from knex_inside')).toEqual([{ name: 'Rex' }]);
        expect(await names()).toEqual([]);
        expect([tx.raw.isTransaction, tx.raw.isCompleted()]).toEqual([true, false]);
      });
      expect(await names()).toEqual(['Rex']);
    });

    it('is rolled back with it, and refuses statements afterwards', async () => {
      let kept: { raw(sql: string): PromiseLike<unknown> } | undefined;
      const failed = pets.transaction(async (tx) => {
        kept = tx.raw;
        await tx.raw('knex_inside').insert({ name: 'Rex' });
        throw new Error('no');
      });
      await expect(failed).rejects.toThrow('no');
      expect(await names()).toEqual([]);
      await expect(Promise.resolve(kept!.raw('select 1'))).rejects.toThrow(/complete/);
    });

    it('has savepoints for transactions inside', async () => {
      await pets.transaction(async (tx) => {
        await tx.raw('knex_inside').insert({ name: 'Rex' });
        await tx.raw.transaction((inner) => inner('knex_inside').insert({ name: 'Tom' }));
        await tx.raw
          .transaction(async (inner) => {
            await inner('knex_inside').insert({ name: 'Kit' });
            throw new Error('only this one');
          })
          .catch(() => undefined);
        await tx.raw('knex_inside').insert({ name: 'Zoe' });
      });
      expect(await names()).toEqual(['Rex', 'Tom', 'Zoe']);
    });

    it('may end the transaction itself', async () => {
      await pets.transaction(async (tx) => {
        await tx.raw('knex_inside').insert({ name: 'Rex' });
        await tx.raw.commit();
        expect(tx.raw.isCompleted()).toBe(true);
      });
      expect(await names()).toEqual(['Rex']);
    });

    it('streams rows, and works in batches', async () => {
      await pets.transaction(async (tx) => {
        await tx.raw.batchInsert('knex_inside', [{ name: 'a' }, { name: 'b' }, { name: 'c' }], 2);
        const read: unknown[] = [];
        for await (const { name } of tx.raw('knex_inside').select('name').orderBy('name').stream()) read.push(name);
        expect(read).toEqual(['a', 'b', 'c']);
      });
      expect(hot.stats('pets')).toMatchObject({ leases: 0 });
    });
  });
}
