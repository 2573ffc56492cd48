import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SnowflakeConnection } from '../../../src/index.ts';
import { deepIt, depth } from '../../support/depth.ts';
import { openSnowflake, sandbox, type SnowflakeWorld } from '../../support/snowflake-world.ts';

const driver = sandbox();
afterAll(() => driver.restore());

let world: SnowflakeWorld;
let wh: SnowflakeConnection;
beforeEach(async () => {
  world = await openSnowflake({ server: { chunkRows: Infinity } });
  wh = await world.wh();
});
afterEach(() => world.close());

const sql = (rows: number): string => `select seq4() as n from table(generator(rowcount => ${rows}))`;

describe('reading rows', () => {
  deepIt('lets timers have their turn, also in a result that came in one piece', async () => {
    let ticks = 0;
    const interval = setInterval(() => ticks++, 1);
    for await (const batch of wh.batches(sql(200_000))) if (batch.length === 0) break;
    const streamed = ticks;
    clearInterval(interval);
    expect(streamed).toBeGreaterThan(5);
  });

  deepIt('gives them in order, however many are asked for', async () => {
    for (const batchSize of depth([7, 999, 1001], [1, 7, 999, 1000, 1001])) {
      let next = 0;
      for await (const batch of wh.batches<{ N: number }>(sql(2100), { batchSize }))
        for (const { N } of batch) expect(N).toBe(next++);
      expect(next).toBe(2100);
    }
  });

  it('ends with the rows, and with none where there are none', async () => {
    expect(await wh.query(`${sql(10)} limit 0`)).toEqual([]);
    expect(await wh.query(sql(12_345))).toHaveLength(12_345);
  });
});
