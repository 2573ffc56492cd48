/* eslint-disable jest/no-export -- one suite that several specs run */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { createConnections, SqlConnection, type ConnectionRegistry } from '../../../src/index.ts';
import type { Place } from './contract.ts';

/** What streams and transactions do on a real database, through the whole of hotline. */
export function describePipelines(title: string, place: Place): void {
  describe(`${title}: streams`, () => {
    let hot: ConnectionRegistry;
    let pets: SqlConnection;
    let params: Record<string, unknown>;
    beforeAll(async () => {
      hot = createConnections({ sources: [] });
      params = await place.config();
      pets = await hot.connection('pets', { type: SqlConnection, params });
      await pets.execute('drop table if exists many');
      await pets.execute('create table many (i integer primary key, padding varchar(200))');
      const digits =
        '(select 0 as d union select 1 union select 2 union select 3 union select 4 union select 5 union select 6 union select 7 union select 8 union select 9)';
      await pets.execute(
        `insert into many select a.d + 10 * b.d + 100 * c.d + 1000 * e.d, '${'x'.repeat(200)}' from ${digits} a, ${digits} b, ${digits} c, ${digits} e`,
      );
    }, 60_000);
    afterAll(async () => {
      await pets?.execute('drop table if exists many');
      await hot?.close();
    });
    const used = () => hot.stats('pets', { type: SqlConnection, params }).pool?.used;

    it('names the method that was called with a write, and what takes its rows', async () => {
      const write = 'insert into many (i) values (-1) returning i';
      const streamed = async (rows: AsyncIterable<unknown>): Promise<unknown> => rows[Symbol.asyncIterator]().next();
      const inside = (work: (tx: Pick<typeof pets, 'query' | 'stream' | 'batches'>) => Promise<unknown>) => [
        () => pets.transaction(work),
        () => pets.session(work),
      ];
      const calls: Readonly<Record<string, readonly (() => Promise<unknown>)[]>> = {
        query: [() => pets.query(write), ...inside((tx) => tx.query(write))],
        query$: [() => firstValueFrom(pets.query$(write))],
        live$: [() => firstValueFrom(pets.live$(write))],
        stream: [() => streamed(pets.stream(write)), ...inside((tx) => streamed(tx.stream(write)))],
        batches: [() => streamed(pets.batches(write)), ...inside((tx) => streamed(tx.batches(write)))],
        batches$: [() => firstValueFrom(pets.batches$(write, { batchSize: 5 }))],
      };
      for (const [method, attempts] of Object.entries(calls))
        for (const attempt of attempts) {
          const instead = /^(stream|batches)/.test(method)
            ? '.*`returning` all at once'
            : ', and may be sent twice.*`execute`';
          await expect(attempt()).rejects.toMatchObject({
            code: 'write_in_query',
            message: expect.stringMatching(
              new RegExp(`^"pets": \`${method.replace('$', '\\$')}\` only reads${instead}`),
            ),
          });
        }
    });

    it('gives every row once, in batches', async () => {
      let sum = 0;
      const sizes = new Set<number>();
      for await (const batch of pets.batches<{ i: number }>('select i from many', { batchSize: 3000 })) {
        sizes.add(batch.length);
        for (const { i } of batch) sum += i;
      }
      expect(sum).toBe((10_000 * 9_999) / 2);
      expect([...sizes]).toEqual([3000, 1000]);
      expect(used()).toBe(0);
    });

    it('reads no further than it is asked, and the server is free when the reader leaves', async () => {
      const running = place.running ?? (async () => 0);
      let taken = 0;
      for await (const _ of pets.stream('select i, padding from many /* left early */', { batchSize: 500 }))
        if ((taken += 1) === 700) break;
      expect(taken).toBe(700);
      expect(await running('left early')).toBe(0);
      expect(used()).toBe(0);
      expect(await pets.query('select count(*) as n from many')).toHaveLength(1);
    });

    it('stops when the signal fires, between two rows', async () => {
      const stop = new AbortController();
      const reading = async (): Promise<void> => {
        let taken = 0;
        for await (const _ of pets.stream('select i, padding from many', { batchSize: 100, signal: stop.signal }))
          if ((taken += 1) === 150) stop.abort();
      };
      await expect(reading()).rejects.toMatchObject({ code: 'cancelled' });
      for (let waits = 0; used() !== 0 && waits < 400; waits += 1) await sleep(5);
      expect(used()).toBe(0);
    });

    it('copies rows inside a transaction while it reads others, where there are two connections', async () => {
      const copied: number[] = [];
      await pets.transaction(async (tx) => {
        for await (const { i } of tx.stream<{ i: number }>('select i from many where i < :end order by i', {
          params: { end: 2500 },
        }))
          copied.push(i);
      });
      expect(copied).toHaveLength(2500);
      expect(used()).toBe(0);
    });

    it('runs one statement after the other in a transaction, also those that were asked for at once', async () => {
      const counts = await pets.transaction((tx) =>
        Promise.all([
          tx.execute('update many set i = i + 100000 where i < 10'),
          tx.query('select i from many where i >= 100000'),
          tx.execute('update many set i = i - 100000 where i >= 100000'),
        ]),
      );
      expect([counts[0].rowCount, counts[1].length, counts[2].rowCount]).toEqual([10, 10, 10]);
    });

    it('does not wait for ever when a transaction writes while it streams', async () => {
      const work = pets.transaction(async (tx) => {
        for await (const { i } of tx.stream<{ i: number }>('select i from many where i < 20', { batchSize: 5 }))
          await tx.execute('update many set padding = ? where i = ?', { params: ['y', i] });
      });
      if (place.family === 'sqlite') await work;
      else
        await expect(work).rejects.toMatchObject({
          code: 'nested_lease',
          connection: 'pets',
          message: expect.stringContaining('stream'),
        });
      expect(used()).toBe(0);
      expect(await pets.query('select i from many where i = 5')).toHaveLength(1);
    });

    it('rolls back what a callback threw, and says what the callback said', async () => {
      const failed = pets.transaction(async (tx) => {
        await tx.execute('delete from many');
        throw new Error('changed my mind');
      });
      await expect(failed).rejects.toThrow('changed my mind');
      expect((await pets.query('select i from many where i = 5')).length).toBe(1);
    });
  });
}
