import { mkdirSync, readdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { deepIt, depth } from '../../support/depth.ts';
import type { SnowflakeConnection } from '../../../src/index.ts';
import type { Fault } from '../../support/snowflake-server/index.ts';
import { errorOf, openSnowflake, sandbox, type SnowflakeWorld } from '../../support/snowflake-world.ts';

const driver = sandbox();
const root = mkdtempSync(join(tmpdir(), 'hotline-exchanges-'));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  driver.restore();
});

let world: SnowflakeWorld;
afterEach(() => world.close());

const queryId = /\(query id [\w-]{36}\)/;

// The kinds of failure that the connectors of Snowflake are tested with: each comes three times, then all is well.
const failures: readonly [string, Fault][] = [
  ['an empty answer', { body: '' }],
  ['a reset', { drop: 'before' }],
  ['an answer that is cut', { drop: 'midway' }],
  ['429', { status: 429 }],
  ['503', { status: 503 }],
  ['a page of a proxy', { body: '<html><body>Bad gateway</body></html>' }],
];

// In short runs two of them, once each.
const times = depth(1, 3);

describe.each(depth(failures.slice(1, 3), failures))('%s', (_what, fault) => {
  deepIt('does no harm to a statement that is sent, nor to one that is polled for: it runs once', async () => {
    world = await openSnowflake({ server: { longPollMs: 50 } });
    const wh = await world.wh();
    await wh.execute('create table pet (id int)');
    const sent = world.server.inject({ path: 'query-request', sql: /insert/, times, ...fault });
    await expect(wh.execute('insert into pet values (1)')).resolves.toMatchObject({ rowCount: 1 });
    const before = world.server.counters.statements;
    const polled = world.server.inject({ path: '/result', times, ...fault });
    await wh.execute('call system$wait(100, MILLISECONDS)');
    expect([sent.hits, polled.hits]).toEqual([times, times]);
    expect(world.server.counters.statements - before).toBe(1);
    expect(world.server.counters.logins).toBe(1);
    expect(await wh.query('select count(*) as n from pet')).toEqual([{ N: 1 }]);
  });
});

if (depth(false, true))
  describe('a server that fails for two seconds of ten', () => {
    it('costs no read, and no write is lost or doubled', async () => {
      world = await openSnowflake({ server: { longPollMs: 200 } });
      const wh = await world.wh();
      await wh.execute('create table pet (id int)');
      const failed: unknown[] = [];
      let over = false;
      let written = 0;
      const reading = async (): Promise<void> => {
        while (!over) await wh.query('select 1 as a').catch((error: unknown) => failed.push(error));
      };
      const writing = async (): Promise<void> => {
        while (!over) {
          const wait = written % 5 === 0 ? 'call system$wait(300, MILLISECONDS)' : 'select 1';
          await wh.execute(wait).catch((error: unknown) => failed.push(error));
          await wh.execute('insert into pet values (1)').then(
            () => written++,
            (error: unknown) => failed.push(error),
          );
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      };
      const loops = [...Array.from({ length: 4 }, reading), ...Array.from({ length: 4 }, writing)];
      for (const fault of [{ status: 503 }, { drop: 'before' }, { drop: 'after' }] as const) {
        await new Promise((resolve) => setTimeout(resolve, 3000));
        const blip = world.server.inject({ ...fault, times: Infinity });
        await new Promise((resolve) => setTimeout(resolve, 2000));
        blip.remove();
      }
      await new Promise((resolve) => setTimeout(resolve, 3000));
      over = true;
      await Promise.all(loops);
      expect(failed).toEqual([]);
      expect(await wh.query('select count(*) as n from pet')).toEqual([{ N: written }]);
      expect(written).toBeGreaterThan(50);
    });
  });

describe('a part of a result', () => {
  deepIt('is fetched again while its storage fails', async () => {
    world = await openSnowflake({ server: { chunkRows: 100 } });
    const wh = await world.wh();
    world.server.inject({ path: '/chunks/', status: 503, times: 3 });
    const rows = await wh.query('select seq4() as n from table(generator(rowcount => 300))', { retry: false });
    expect(rows).toHaveLength(300);
  });
});

describe('a statement that is given up', () => {
  it('says its query id, and ends on the server', async () => {
    world = await openSnowflake({ server: { longPollMs: 50 } });
    const wh = await world.wh();
    world.server.inject({ path: '/result', status: 400 });
    const error = await errorOf(wh.execute('call system$wait(60)'));
    expect(error).toMatchObject({ code: 'query_failed', message: expect.stringMatching(queryId) });
    while (world.server.counters.running > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(world.server.counters.cancels).toBe(1);
  });

  it.each<[string, (wh: SnowflakeConnection) => Promise<unknown>]>([
    ['by a timeout', (wh) => wh.execute('call system$wait(60)', { timeout: 1000 })],
    [
      'by a timeout in a transaction',
      (wh) => wh.transaction((tx) => tx.execute('call system$wait(60)', { timeout: 1000 })),
    ],
    ['by a signal', (wh) => wh.execute('call system$wait(60)', { signal: AbortSignal.timeout(1000) })],
  ])('%s says its query id, once', async (_how, give) => {
    world = await openSnowflake({ server: { longPollMs: 20 } });
    const { code, message } = await errorOf(give(await world.wh()));
    expect(['timeout', 'cancelled']).toContain(code);
    expect(message.match(/query id/g)).toHaveLength(1);
    expect(message).toMatch(queryId);
  });

  it('for a part of its result says its query id', async () => {
    world = await openSnowflake({ server: { chunkRows: 100 } });
    world.server.inject({ path: '/chunks/', status: 404, times: Infinity });
    const lost = (await world.wh()).query('select seq4() as n from table(generator(rowcount => 300))', {
      retry: false,
    });
    expect(await errorOf(lost)).toMatchObject({ message: expect.stringMatching(queryId) });
  });

  it('says its query id when the server refuses it, once', async () => {
    world = await openSnowflake();
    const wh = await world.wh();
    const { message } = await errorOf(wh.query('select * from nowhere'));
    expect(message.match(/query id/g)).toHaveLength(1);
    expect(message).toMatch(queryId);
  });
});

describe('an answer that is not one of Snowflake', () => {
  const page =
    '<html><head><title>Blocked</title><script>x()</script></head><body>Ask opensesame for access</body></html>';

  it.each<[string, Fault, string]>([
    ['a page', { body: page }, 'HTTP 200, "Blocked Ask'],
    ['nothing', { body: '' }, 'HTTP 200, without a text'],
    ['JSON of something else', { body: { hello: 'you' } }, 'HTTP 200, "{'],
    ['a page with 403', { body: page, status: 403 }, 'HTTP 403, "Blocked Ask'],
  ])('to a login: %s', async (_what, fault, said) => {
    const users = { dev: { password: 'opensesame' } };
    const settings = { password: 'opensesame' };
    world = await openSnowflake({ server: { users }, settings, policies: { retry: { attempts: 1 } } });
    world.server.inject({ path: 'login-request', times: Infinity, ...fault });
    const { message } = await errorOf(world.wh());
    expect(message).toContain(said);
    expect(message).not.toContain('x()');
    expect(message).not.toContain('opensesame');
  });

  it('to a statement, each time that it is sent: the error says so', async () => {
    world = await openSnowflake();
    world.server.inject({ path: 'query-request', sql: /cut/, drop: 'midway', times: Infinity });
    const wh = await world.wh();
    const { message, code } = await errorOf(wh.query('select 1 as cut', { retry: false }));
    expect(code).toBe('connection_lost');
    expect(message).not.toContain('renewed');
  });

  it('to a login is asked for again', async () => {
    world = await openSnowflake();
    world.server.inject({ path: 'login-request', body: page });
    expect(await (await world.wh()).query('select 1 as a')).toEqual([{ A: 1 }]);
  });
});

describe('an answer 503, three times', () => {
  const away = { status: 503, times: 3 };

  it('to a renewal, to a heartbeat, and to the login of a transaction is asked for again', async () => {
    world = await openSnowflake();
    const wh = await world.wh();
    await wh.execute('create table pets (id int)');
    world.server.expireSessions();
    const renewal = world.server.inject({ path: 'token-request', ...away });
    await wh.execute('insert into pets values (1)');
    const heartbeat = world.server.inject({ path: 'heartbeat', ...away });
    await wh.ping();
    const login = world.server.inject({ path: 'login-request', ...away });
    await wh.transaction((tx) => tx.execute('insert into pets values (2)'));
    expect([renewal.hits, heartbeat.hits, login.hits]).toEqual([3, 3, 3]);
    expect(await wh.query('select count(*) as n from pets')).toEqual([{ N: 2 }]);
    expect(world.server.counters.logins).toBe(2);
  });
});

describe('files', () => {
  it('are put on a stage and got from it, however many there are', async () => {
    world = await openSnowflake();
    const wh = await world.wh();
    const names = Array.from({ length: 12 }, (_, i) => `part${i}.csv`);
    for (const name of names) writeFileSync(join(root, name), `${name}\n`);
    await wh.execute('create stage box');
    const put = await wh.execute(`put file://${root}/part*.csv @box auto_compress=false`);
    expect(put.rows).toHaveLength(12);
    expect(world.server.stages.files.get('@box/part7.csv')?.toString()).toBe('part7.csv\n');
    mkdirSync(join(root, 'back'));
    const got = await wh.execute(`get @box file://${root}/back/`);
    expect(got.rows).toHaveLength(12);
    expect(readFileSync(join(root, 'back', 'part11.csv'), 'utf8')).toBe('part11.csv\n');
    await wh.execute(`put file://${root}/part1.csv @box/sub auto_compress=false`);
    for (const from of ['@box/sub', '@box/sub/part1.csv'])
      expect((await wh.execute(`get ${from} file://${root}/back/`)).rows).toMatchObject([
        { file: 'part1.csv', status: 'DOWNLOADED' },
      ]);
    for (const sql of [`put file://${root}/part1.csv @nowhere`, `get @nowhere file://${root}/back/`])
      expect(await errorOf(wh.execute(sql))).toMatchObject({
        code: 'query_failed',
        message: expect.stringContaining("Stage 'NOWHERE' does not exist"),
      });
  });

  it('that do not come are an error, and the others are there', async () => {
    world = await openSnowflake();
    const wh = await world.wh();
    for (const name of ['here1.csv', 'here2.csv']) writeFileSync(join(root, name), `${name}\n`);
    await wh.execute('create stage box');
    await wh.execute(`put file://${root}/here*.csv @box auto_compress=false`);
    mkdirSync(join(root, 'some'));
    const fault = world.server.inject({ path: 'here1', status: 404, times: Infinity });
    expect(await errorOf(wh.execute(`get @box file://${root}/some/`))).toMatchObject({
      code: 'query_failed',
      connection: 'wh',
      message: expect.stringMatching(/1 of 2 files could not be downloaded: here1\.csv\./),
    });
    fault.remove();
    expect(readdirSync(join(root, 'some'))).toEqual(['here2.csv']);
    expect((await wh.execute(`get @box file://${root}/some/`)).rows).toHaveLength(2);
  });

  deepIt('that are on their way stop with the call', async () => {
    world = await openSnowflake();
    const wh = await world.wh();
    await wh.execute('create stage box');
    writeFileSync(join(root, 'large.bin'), Buffer.alloc(16 * 2 ** 20, 1));
    const slow = world.server.inject({ path: '/storage/', trickleMs: 50, times: Infinity });
    const put = wh.execute(`put file://${root}/large.bin @box auto_compress=false`, { timeout: 700 });
    put.catch(() => undefined);
    while (slow.hits === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const { sockets } = world.server.counters;
    expect(await errorOf(put)).toMatchObject({ code: 'timeout' });
    while (world.server.counters.sockets >= sockets) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(slow.hits).toBe(1);
    expect([...world.server.stages.files.keys()]).toEqual([]);
  });

  if (depth(false, true))
    it('may take longer than any answer, as long as they come further', async () => {
      world = await openSnowflake({ settings: { timeout: 200 } });
      const wh = await world.wh();
      await wh.execute('create stage box');
      writeFileSync(join(root, 'large.bin'), Buffer.alloc(32 * 2 ** 20, 1));
      world.server.inject({ path: '/storage/', trickleMs: 15, times: Infinity });
      const began = performance.now();
      await wh.execute(`put file://${root}/large.bin @box auto_compress=false`);
      const uploaded = performance.now();
      expect(uploaded - began).toBeGreaterThan(6000);
      await wh.execute(`get @box file://${root}/`);
      expect(performance.now() - uploaded).toBeGreaterThan(6000);
    }, 90_000);
});
