import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import KeyvRedis from '@keyv/redis';
import { createConnections, inline, sharedResults, SqlConnection, type ConnectionRegistry } from 'hotline';
import Keyv from 'keyv';
import { sharedRedis, startRedis } from '../support/redis-server.ts';

const run = promisify(execFile);
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

describe('sharedResults over Redis', () => {
  it('gives a second process the rows that the first one kept, until somebody forgets them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hotline-shared-'));
    cleanups.push(() => rm(folder, { recursive: true }));
    const url = `sqlite:///${join(folder, 'pets.db')}`;
    const process = (...words: readonly string[]) => child(url, words);
    await process('execute', 'create table pets (name text, born integer)');
    await process('execute', "insert into pets values ('Ida', 9007199254740991)");
    const first = await process('query', 'select * from pets');
    await process('execute', "update pets set name = 'Ada'");
    expect(first).toContain('Ida');
    expect(await process('query', 'select * from pets')).toBe(first);
    await process('forget');
    expect(await process('query', 'select * from pets')).toContain('Ada');
  });

  it.each(['is killed', 'hangs'] as const)(
    'costs no query more than its budget when it %s in mid-load',
    async (how) => {
      const redis = await startRedis();
      cleanups.push(() => redis.stop());
      const keyv = new Keyv(new KeyvRedis(redis.url), { namespace: randomUUID() });
      const hot = registry(keyv);
      const pets = await hot.connection('pets', { type: SqlConnection });
      await pets.query('select 0 as n', { ttl: '1h' });
      const own = await slowest(100, async (n) => {
        await pets.query('select ? as n', { params: [n] });
      });
      const loop = monitorEventLoopDelay({ resolution: 1 });
      loop.enable();
      const began = Date.now();
      let queries = 0;
      let stopped = false;
      const worst = await Promise.all(
        Array.from({ length: 10 }, async (_, reader) => {
          let most = 0;
          while (Date.now() - began < 4000) {
            if (!stopped && Date.now() - began > 1500) {
              stopped = true;
              if (how === 'hangs') redis.signal('SIGSTOP');
              else void redis.stop();
            }
            const start = performance.now();
            const n = queries++;
            expect(await pets.query('select ? as n, ? as r', { params: [n, reader], ttl: '1h' })).toEqual([
              { n, r: reader },
            ]);
            most = Math.max(most, performance.now() - start);
            await new Promise((resolve) => setTimeout(resolve, 2));
          }
          return most;
        }),
      );
      loop.disable();
      const late = loop.max / 1e6;
      const figures = { queries, slowest: Math.max(...worst), own, eventLoop: late };
      console.info(how, figures);
      expect(stopped && queries > 100).toBe(true);
      // The clock of a busy process is late by as much as its event loop is.
      expect(figures.slowest).toBeLessThan(50 + own + 2 * late + 10);
      redis.signal('SIGCONT');
    },
  );

  it('is asked again when the server is back', async () => {
    const redis = await startRedis();
    cleanups.push(() => redis.stop());
    const namespace = randomUUID();
    const hot = registry(new Keyv(new KeyvRedis(redis.url), { namespace }));
    const pets = await hot.connection('pets', { type: SqlConnection });
    await redis.stop();
    for (let n = 0; n < 5; n++) await pets.query('select ? as n', { params: [n], ttl: '1h' });
    await redis.start();
    const other = new KeyvRedis(redis.url);
    const reader = new Keyv(other, { namespace });
    cleanups.push(() => reader.disconnect());
    let kept = 0;
    for (let n = 100; n < 200 && kept === 0; n++) {
      await pets.query('select ? as n', { params: [n], ttl: '1h' });
      await new Promise((resolve) => setTimeout(resolve, 100));
      for await (const [key] of other.iterator(namespace)) if (String(key).includes(':rows:')) kept++;
    }
    expect(kept).toBeGreaterThan(0);
  });
});

function registry(keyv: Keyv): ConnectionRegistry {
  const source = inline({ connections: { pets: { url: 'sqlite://:memory:' } } });
  const hot = createConnections({ sources: [source], queryCache: { store: sharedResults(keyv) } });
  cleanups.push(async () => {
    await hot.close();
    await Promise.race([keyv.disconnect(), new Promise((resolve) => setTimeout(resolve, 1000))]);
  });
  return hot;
}

async function slowest(times: number, work: (n: number) => Promise<void>): Promise<number> {
  let most = 0;
  for (let n = 0; n < times; n++) {
    const start = performance.now();
    await work(n);
    most = Math.max(most, performance.now() - start);
  }
  return most;
}

/** A process of its own, with the built package. */
async function child(url: string, words: readonly string[]): Promise<string> {
  const program = `
    import { createConnections, inline, sharedResults, SqlConnection } from 'hotline';
    import Keyv from 'keyv';
    import KeyvRedis from '@keyv/redis';
    const [redis, url, what, sql] = process.argv.slice(1);
    const keyv = new Keyv(new KeyvRedis(redis), { namespace: url });
    const hot = createConnections({ sources: [inline({ connections: { pets: { url } } })], queryCache: { store: sharedResults(keyv, { budget: '5s' }) } });
    const pets = await hot.connection('pets', { type: SqlConnection });
    if (what === 'forget') await pets.invalidate();
    else if (what === 'execute') await pets.execute(sql);
    else console.log(await pets.query(sql, { ttl: '1m' }));
    await new Promise((done) => setTimeout(done, 200));
    await hot.close();
    await keyv.disconnect();`;
  const args = ['--input-type=module', '-e', program, sharedRedis, url, ...words];
  return (await run(process.execPath, args, { timeout: 20_000 })).stdout;
}
