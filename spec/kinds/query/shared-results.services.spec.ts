import { execFile, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import KeyvRedis from '@keyv/redis';
import { createConnections, inline, sharedResults, SqlConnection, type ConnectionRegistry } from 'hotline';
import Keyv from 'keyv';
import { sharedRedis, startRedis } from '../../support/redis-server.ts';

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

  it.each([
    ['is killed', 'in mid-load'],
    ['hangs', 'in mid-load'],
    ['hangs', 'before the first query'],
  ] as const)('fails no query and slows none by more than 50 ms when it %s %s', async (how, moment) => {
    const redis = await startRedis();
    cleanups.push(() => redis.stop());
    const { own, load, stolen } = await underLoad(redis.url, moment, () => {
      if (how === 'hangs') redis.signal('SIGSTOP');
      else void redis.stop();
    });
    redis.signal('SIGCONT');
    console.info(how, moment, { own, load, stolen });
    expect(load.calls).toBeGreaterThan(300);
    // The clock also counts what the machine took from the process (`stolen`), and the timers' own late millisecond each side.
    expect(load.slowest).toBeLessThan(50 + own.slowest + stolen + 10);
  });

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

interface Calls {
  readonly calls: number;
  /** Milliseconds that the slowest one took. */
  readonly slowest: number;
}

/** Runs `cache-under-load.js`, and `goAway` when it is time; `own` is what the database alone takes. */
async function underLoad(
  url: string,
  moment: string,
  goAway: () => void,
): Promise<{ own: Calls; load: Calls; stolen: number }> {
  const process = fork('spec/kinds/query/cache-under-load.js', [url, moment], { execArgv: [] });
  return new Promise((done, fail) => {
    process.once('exit', (code) => fail(new Error(`it ended with ${code}`)));
    process.on('message', (said: 'go away' | Awaited<ReturnType<typeof underLoad>>) => {
      if (said !== 'go away') return done(said);
      goAway();
      process.send('gone');
    });
  });
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
