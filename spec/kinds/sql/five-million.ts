/* eslint-disable jest/no-export -- one suite that several specs run */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { runPackageInChild } from '../../support/child.ts';
import { depth } from '../../support/depth.ts';

/** Five million rows; `npm test` reads fewer. */
export const rows = depth(300_000, 5_000_000);

/** Where the rows come from. */
export interface Mine {
  readonly url: () => string;
  /** Gives `n` from 1 to `rows`, out of nothing. */
  readonly sql: string;
  /** Counts what the server still does for statements that hold the comment `five million`. */
  readonly running?: string;
}

interface Told {
  readonly rows: number;
  readonly sum: number;
  readonly queued: number;
  readonly grown: number;
  readonly leases: number;
  readonly used: number;
  readonly running: number;
}

/** A table that is larger than memory should be, and a consumer that takes 1 ms for 1,000 rows; in a process of its own. */
export function describeFiveMillion(title: string, { url, sql, running }: Mine): void {
  describe(`${title}: ${rows} rows`, () => {
    let whole: Told;
    let left: Told;
    beforeAll(async () => {
      whole = await read('Infinity');
      left = await read('1');
    }, 300_000);

    it('arrive once each, with no more than two batches waiting and less than 64 MB more', () => {
      expect(whole).toMatchObject({ rows, sum: (rows * (rows + 1)) / 2, leases: 0, used: 0, running: 0 });
      expect(whole.queued).toBeLessThanOrEqual(2);
      expect(whole.grown).toBeLessThan(64);
    });

    it('leave the server free when the reader leaves after the first batch', () => {
      expect(left).toMatchObject({ rows: 1000, leases: 0, used: 0, running: 0 });
      expect(left.grown).toBeLessThan(64);
    });
  });

  async function read(batches: string): Promise<Told> {
    const program = `
      const { setTimeout: sleep } = require('node:timers/promises');
      const { createConnections, SqlConnection } = require('hotline');
      let waiting = 0, queued = 0, sum = 0, rows = 0;
      class Counting extends SqlConnection {
        async connect(...told) {
          const driver = await super.connect(...told);
          const { openCursor } = driver;
          driver.openCursor = async (...asked) => {
            const cursor = await openCursor.apply(driver, asked);
            const read = async (count) => {
              const batch = await cursor.read(count);
              if (batch.length > 0) queued = Math.max(queued, ++waiting);
              return batch;
            };
            return { read, close: () => cursor.close() };
          };
          return driver;
        }
      }
      const params = { url: ${JSON.stringify(url())} };
      const hot = createConnections({ sources: [] });
      const db = await hot.connection('many', { type: Counting, params });
      await db.query('select 1 as one');
      const before = process.memoryUsage.rss();
      let most = before;
      const sample = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 20);
      let left = ${batches};
      for await (const batch of db.batches(${JSON.stringify(`/* five million */ ${sql}`)}, { batchSize: 1000 })) {
        for (const { n } of batch) sum += Number(n);
        rows += batch.length;
        await sleep(1);
        waiting -= 1;
        if (--left === 0) break;
      }
      clearInterval(sample);
      const { leases, pool } = hot.stats('many', { type: Counting, params });
      const running = ${JSON.stringify(running ?? 'select 0 as n')};
      const grown = (most - before) / 2 ** 20;
      const counted = async () => Number((await db.query(running))[0].n);
      // The server says that it has stopped a moment before its list of activities does.
      for (let waits = 0; waits < 200 && (await counted()) > 0; waits++) await sleep(10);
      const told = { rows, sum, queued, grown, leases, used: pool.used, running: await counted() };
      await hot.close();
      console.log(JSON.stringify(told));`;
    const { stdout, stderr, code } = await runPackageInChild(program, 120_000);
    if (code !== 0) throw new Error(`The reader ended with ${code}: ${stderr}`);
    return JSON.parse(stdout) as Told;
  }
}
