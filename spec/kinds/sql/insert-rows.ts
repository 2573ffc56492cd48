/* eslint-disable jest/no-export, jest/valid-title -- one suite that several specs run */
import { setTimeout as wait } from 'node:timers/promises';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createConnections, SqlConnection, type ConnectionRegistry } from '../../../src/index.ts';

/** Rows are inserted in bulk, all or none, on every database alike. */
export function describeInsertRows(
  title: string,
  settings: () => Record<string, unknown>,
  quote: '"' | '`' = '"',
): void {
  describe(title, () => {
    let hot: ConnectionRegistry;
    let pets: SqlConnection;
    const odd = `${quote}a b?${quote}${quote}:c${quote}`;
    beforeAll(async () => {
      hot = createConnections({ sources: [] });
      pets = await hot.connection('pets', { type: SqlConnection, params: settings() });
      await pets.execute('drop table if exists bulk');
      await pets.execute(`create table bulk (id int primary key, name varchar(5000), ${odd} int)`);
    });
    beforeEach(async () => void (await pets.execute('delete from bulk')));
    afterAll(async () => {
      await pets?.execute('drop table bulk');
      await hot?.close();
    });
    const numbered = (from: number, to: number, name = 'x') =>
      Array.from({ length: to - from }, (_, i) => ({ id: from + i, name }));
    const count = async () => (await pets.query('select count(*) as n from bulk'))[0]!['n'];

    it('more rows than one statement takes, from an array, a generator and a stream', async () => {
      expect(await pets.insertRows('bulk', numbered(0, 33_000))).toEqual({ rowCount: 33_000 });
      let taken = 0;
      const later = async function* () {
        for (const row of numbered(70_000, 70_025)) {
          taken += 1;
          await wait(1);
          yield row;
        }
      };
      expect(await pets.insertRows('bulk', later(), { batchSize: 10 })).toEqual({ rowCount: 25 });
      expect([taken, await count()]).toEqual([25, 33_025]);
      expect(await pets.insertRows('bulk', new Set(numbered(80_000, 80_002)))).toEqual({ rowCount: 2 });
      expect(await pets.insertRows('bulk', [])).toEqual({ rowCount: 0 });
    });

    it('with its progress, whose error ends it', async () => {
      const told: number[] = [];
      const progress = (count: number) => void told.push(count);
      await pets.insertRows('bulk', numbered(0, 25), { batchSize: 10, progress });
      await pets.insertRows('bulk', numbered(25, 30), { progress });
      expect(told).toEqual([10, 20, 25, 5]);
      const enough = () => {
        throw new Error('enough');
      };
      await expect(pets.insertRows('bulk', numbered(30, 60), { batchSize: 10, progress: enough })).rejects.toThrow(
        'enough',
      );
      expect(await count()).toBe(30);
      const bad = { progress: 5 as never };
      await expect(pets.insertRows('bulk', [{ id: 1 }], bad)).rejects.toMatchObject({ code: 'invalid_argument' });
    });

    it('rows that are long', async () => {
      expect(await pets.insertRows('bulk', numbered(0, 4500, 'é'.repeat(5000)))).toEqual({ rowCount: 4500 });
      expect(await count()).toBe(4500);
    });

    it('names as they are written, missing values as NULL', async () => {
      const rows = [{ id: 1, [`a b?${quote}:c`]: 7 }, { id: 2 }];
      expect(await pets.insertRows('bulk', rows)).toEqual({ rowCount: 2 });
      expect(await pets.query(`select id, ${odd} as o from bulk order by id`)).toEqual([
        { id: 1, o: 7 },
        { id: 2, o: null },
      ]);
    });

    it('rows that are promised, in statements of two sizes, with keys in any order', async () => {
      const rows = [Promise.resolve({ id: 1, name: 'a' }), { name: "it's \\ b\t\n", id: 2 }, { name: null, id: 3 }];
      expect(await pets.insertRows('bulk', rows as object[], { batchSize: 2 })).toEqual({ rowCount: 3 });
      expect(await pets.query('select id, name from bulk order by id')).toEqual([
        { id: 1, name: 'a' },
        { id: 2, name: "it's \\ b\t\n" },
        { id: 3, name: null },
      ]);
    });

    it('none where a value cannot be sent: the column and the row are named, never the value', async () => {
      const circle: Record<string, unknown> = {};
      circle['itself'] = circle;
      for (const value of [() => 'hunter2', Symbol('hunter2'), new Date(NaN), circle])
        for (const before of [0, 20])
          await expect(
            pets.insertRows('bulk', [...numbered(0, before), { id: 99, name: value }], { batchSize: 5 }),
          ).rejects.toMatchObject({
            code: 'invalid_bind',
            message: expect.stringMatching(new RegExp(`^(?!.*hunter2).*"name" of row ${before + 1}`)),
          });
      expect(await count()).toBe(0);
    });

    it('no value of theirs in an error of the server', async () => {
      await pets.execute('drop table if exists bulk_unique');
      await pets.execute('create table bulk_unique (name varchar(50) unique, n int)');
      const twice = Array.from({ length: 2 }, () => ({ name: 'hunter2 is secret', n: 1 }));
      const word = [{ name: 'a', n: 'hunter2 is secret' }];
      const long = [{ name: 'a', n: 'it is so '.repeat(20) + 'hunter2' }];
      for (const before of [
        [],
        [
          { name: 'x', n: 1 },
          { name: 'y', n: 2 },
        ],
      ])
        for (const rows of quote === '"' && settings()['url'] === 'sqlite://' ? [twice] : [twice, word, long]) {
          const inserted = pets.insertRows<object>('bulk_unique', [...before, ...rows], { batchSize: 2 });
          const error = (await inserted.catch((thrown: unknown) => thrown)) as Error;
          expect(error).toMatchObject({ code: 'query_failed' });
          expect(inspect(error, { depth: 9 })).not.toContain('hunter2');
        }
      await pets.execute('drop table bulk_unique');
    });

    it('none where one of them, or their source, fails', async () => {
      const failing = function* () {
        yield* numbered(0, 30);
        throw new Error('no more');
      };
      await expect(pets.insertRows('bulk', failing(), { batchSize: 10 })).rejects.toThrow('no more');
      for (const rows of [
        [...numbered(0, 30), { id: 3 }],
        [...numbered(0, 30), { id: 31, nope: 1 }],
        [...numbered(0, 30), null],
      ])
        await expect(pets.insertRows('bulk', rows as object[], { batchSize: 10 })).rejects.toMatchObject({
          code: expect.stringMatching(/^(query_failed|invalid_bind)$/),
          connection: 'pets',
        });
      expect(await count()).toBe(0);
    });

    it('none once the signal has fired, though the rest of the rows never comes', async () => {
      for (const ready of [0, 35]) {
        const stop = new AbortController();
        const stuck = async function* () {
          yield* numbered(0, ready);
          setImmediate(() => stop.abort());
          await new Promise(() => undefined);
        };
        const inserted = pets.insertRows('bulk', stuck(), { batchSize: 10, signal: stop.signal });
        await expect(inserted).rejects.toMatchObject({ code: 'cancelled' });
      }
      expect(await count()).toBe(0);
    });

    it('rows that are there already', async () => {
      await pets.insertRows('bulk', numbered(0, 2, 'old'));
      const names = async () => (await pets.query('select name from bulk order by id')).map((row) => row['name']);
      await expect(pets.insertRows('bulk', numbered(0, 3))).rejects.toMatchObject({ code: 'query_failed' });
      await pets.insertRows('bulk', numbered(0, 3, 'new'), { onConflict: 'ignore' });
      expect(await names()).toEqual(['old', 'old', 'new']);
      const update = { target: ['id'], update: ['name'] };
      expect(await pets.insertRows('bulk', numbered(1, 4, 'newer'), { onConflict: update })).toEqual({ rowCount: 3 });
      expect(await names()).toEqual(['old', 'newer', 'newer', 'newer']);
      await pets.insertRows('bulk', numbered(0, 1, 'last'), { onConflict: { target: ['id'] } });
      expect(await names()).toEqual(['last', 'newer', 'newer', 'newer']);
      const rowCount = quote === '`' ? 2 : 1;
      expect(await pets.insertRows('bulk', numbered(3, 5), { onConflict: 'ignore' })).toEqual({ rowCount });
      const doubtful = pets.insertRows('bulk', [{ id: 9, o: 'x' }], { columns: ['id', 'o'], onConflict: 'ignore' });
      await expect(doubtful).rejects.toMatchObject({ code: 'query_failed' });
    });

    it('forgets cached results by tags, and refuses what it does not know', async () => {
      const cached = () => pets.query('select count(*) as n from bulk', { ttl: '1h', tags: ['bulk'] });
      expect(await cached()).toEqual([{ n: 0 }]);
      await pets.insertRows('bulk', numbered(0, 2), { tags: ['bulk'] });
      expect(await cached()).toEqual([{ n: 2 }]);
      await pets.insertRows('bulk', numbered(2, 6), { tags: ['bulk'], batchSize: 1 });
      expect(await cached()).toEqual([{ n: 6 }]);
      const bad = { code: 'invalid_argument', connection: 'pets' };
      for (const options of [{ batchsize: 1 }, { batchSize: 0 }, { onConflict: 'update' }, { onConflict: {} }, null])
        await expect(pets.insertRows('bulk', numbered(9, 10), options as never)).rejects.toMatchObject(bad);
      await expect(pets.insertRows(5 as never, [])).rejects.toMatchObject(bad);
      await expect(pets.insertRows('bulk', 5 as never)).rejects.toMatchObject(bad);
      await pets.invalidate();
    });
  });
}
