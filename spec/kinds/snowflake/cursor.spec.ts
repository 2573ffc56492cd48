import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { firstValueFrom } from 'rxjs';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SnowflakeConnection } from '../../../src/index.ts';
import { errorOf, openSnowflake, sandbox, type SnowflakeWorld } from '../../support/snowflake-world.ts';
import { deepIt } from '../../support/depth.ts';

const driver = sandbox();
afterAll(() => driver.restore());

let world: SnowflakeWorld;
let wh: SnowflakeConnection;
beforeEach(async () => {
  world = await openSnowflake({ server: { chunkRows: 1000 } });
  wh = await world.wh();
});
afterEach(() => world.close());

const sql = 'select seq4() as n from table(generator(rowcount => 5000))';
const leases = (): number => Math.max(0, ...[...(world.hot.stats('wh') ? [world.hot.stats('wh').leases] : [])]);

describe('a cursor', () => {
  it('fetches as many as it is asked for, to the end', async () => {
    const cursor = await wh.cursor<{ N: number }>(sql);
    expect(cursor.rowCount).toBe(5000);
    expect(cursor.columns.map((column) => column.getName())).toEqual(['N']);
    expect((await cursor.fetchMany(3)).map(({ N }) => N)).toEqual([0, 1, 2]);
    expect(await cursor.fetchMany(4997)).toHaveLength(4997);
    expect(await cursor.fetchMany(1)).toEqual([]);
    expect(await cursor.fetchMany(1)).toEqual([]);
    await cursor.close();
  });

  it('is found again by its id, from a row on', async () => {
    const first = await wh.cursor(sql);
    await first.close();
    const again = await wh.cursor<{ N: number }>({ queryId: first.queryId }, { start: 4998 });
    expect((await again.fetchMany(10)).map(({ N }) => N)).toEqual([4998, 4999]);
    await again.close();
    expect(world.server.counters.statements).toBe(1);
  });

  it('begins at a row', async () => {
    const cursor = await wh.cursor<{ N: number }>(sql, { start: 1234 });
    expect((await cursor.fetchMany(1))[0]).toEqual({ N: 1234 });
    await cursor.close();
  });

  it('is iterated, and closed when that is left', async () => {
    const cursor = await wh.cursor<{ N: number }>(sql);
    let sum = 0;
    for await (const { N } of cursor) {
      sum += N;
      if (N === 1500) break;
    }
    expect(sum).toBe((1500 * 1501) / 2);
    expect(await cursor.fetchMany(1)).toEqual([]);
    expect(leases()).toBe(0);
  });

  it('of what the server refuses is that error, and holds nothing', async () => {
    expect(await errorOf(wh.cursor('selct'))).toMatchObject({ code: 'query_failed', connection: 'wh' });
    expect(await errorOf(wh.cursor({ queryId: '01234567-0000-0000-0000-000000000000' }))).toMatchObject({
      connection: 'wh',
    });
    expect(await errorOf(wh.cursor('select ?', { params: [undefined] }))).toMatchObject({ code: 'invalid_bind' });
    await world.hot.close();
  });

  it.each([0, -1, NaN, 1.5, Infinity])('refuses to fetch %s rows, and goes on', async (count) => {
    const cursor = await wh.cursor(sql);
    expect(await errorOf(cursor.fetchMany(count))).toMatchObject({ code: 'invalid_argument' });
    expect(await cursor.fetchMany(1)).toHaveLength(1);
    await cursor.close();
  });

  it('is stopped by its signal', async () => {
    const stop = new AbortController();
    const cursor = await wh.cursor(sql, { signal: stop.signal });
    stop.abort();
    expect(await cursor.fetchMany(1).catch(() => [])).toEqual([]);
    await world.hot.close();
  });

  deepIt('that was dropped gives its lease back, with a warning, when it was collected', async () => {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    const warnings = (): unknown[] => world.events.flatMap((event) => (event.type === 'warning' ? [event.code] : []));
    const drop = async (): Promise<void> => {
      const cursor = await wh.cursor(sql);
      await cursor.fetchMany(3);
      const rows = wh.batches(sql, { batchSize: 3 })[Symbol.asyncIterator]();
      await rows.next();
    };
    await drop();
    const held = async (): Promise<number> => {
      const [one] = await firstValueFrom(world.hot.connections$);
      return one!.stats().leases;
    };
    expect(await held()).toBe(2);
    for (let turn = 0; turn < 200 && (await held()) > 0; turn++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect([await held(), warnings()]).toEqual([0, ['iterator_dropped', 'iterator_dropped']]);
  });
});
