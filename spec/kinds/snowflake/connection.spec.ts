import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { firstValueFrom, take, toArray } from 'rxjs';
import { SnowflakeConnection } from '../../../src/index.ts';
import { errorOf, openSnowflake, sandbox, type SnowflakeWorld } from '../../support/snowflake-world.ts';

const driver = sandbox();
afterAll(() => driver.restore());

let world: SnowflakeWorld;
let wh: SnowflakeConnection;
beforeEach(async () => {
  world = await openSnowflake({ server: { chunkRows: 1000 } });
  wh = await world.wh();
});
afterEach(() => world.close());

const many = (count: number): string => `select seq4() as n from table(generator(rowcount => ${count}))`;

describe('SnowflakeConnection', () => {
  it('is what the short name leads to, as a type too', async () => {
    expect(wh).toBeInstanceOf(SnowflakeConnection);
    expect(wh.kind).toBe('SnowflakeConnection');
  });

  it('queries, with an array, with an object, with nothing', async () => {
    expect(await wh.query('select ? as a', { params: [1] })).toEqual([{ A: 1 }]);
    expect(await wh.query('select :x as a', { params: { x: 'y' } })).toEqual([{ A: 'y' }]);
    expect(await wh.query('select 1 as a where 1 = 0')).toEqual([]);
  });

  it('executes, and says how many rows were changed', async () => {
    await wh.execute('create table pet (id int, name varchar)');
    expect(await wh.execute("insert into pet values (1, 'Rex'), (2, 'Tom')")).toEqual({ rows: [], rowCount: 2 });
    expect(await wh.execute("update pet set name = 'Max'")).toEqual({ rows: [], rowCount: 2 });
    expect(await wh.execute('delete from pet where id = ?', { params: [1] })).toEqual({ rows: [], rowCount: 1 });
    expect(await wh.execute('select * from pet')).toEqual({ rows: [{ ID: 2, NAME: 'Max' }], rowCount: 1 });
  });

  it('refuses in a query what writes, and what changes the session', async () => {
    expect(await errorOf(wh.query('insert into t values (1)'))).toMatchObject({
      code: 'write_in_query',
      connection: 'wh',
    });
    expect(await errorOf(wh.query('use schema x'))).toMatchObject({ code: 'write_in_query' });
    expect(await errorOf(wh.execute('use schema x'))).toMatchObject({ code: 'not_supported', connection: 'wh' });
    expect(world.server.counters.statements).toBe(0);
  });

  it('refuses what writes wherever rows are read, under the name that was called, and sends nothing', async () => {
    const write = 'insert into pet (id) values (1)';
    const first = (rows: AsyncIterable<unknown>) => rows[Symbol.asyncIterator]().next();
    const inside = (work: (held: Pick<typeof wh, 'stream' | 'batches'>) => Promise<unknown>) => [
      () => wh.transaction(work),
      () => wh.session(work),
    ];
    const calls: Readonly<Record<string, readonly (() => Promise<unknown>)[]>> = {
      stream: [() => first(wh.stream(write)), ...inside((tx) => first(tx.stream(write)))],
      batches: [() => first(wh.batches(write)), ...inside((tx) => first(tx.batches(write)))],
      batches$: [() => firstValueFrom(wh.batches$(write))],
      cursor: [() => wh.cursor(write)],
    };
    for (const [method, attempts] of Object.entries(calls))
      for (const attempt of attempts)
        expect(await errorOf(attempt())).toMatchObject({
          code: 'write_in_query',
          connection: 'wh',
          message: expect.stringContaining(`"wh": \`${method}\` only reads; this statement starts with "insert".`),
        });
    for (const sql of ['put file:///tmp/x @box', 'create table a (b int)', 'update a set b = 1', 'rm @box'])
      expect(await errorOf(wh.cursor(sql))).toMatchObject({ code: 'write_in_query' });
    expect(world.server.log.filter(({ sql }) => /insert|put|create|update|rm/.test(sql ?? ''))).toEqual([]);
  });

  it('caches for as long as it was told', async () => {
    await wh.query('select 1 as a', { ttl: '1m' });
    await wh.query('select 1 as a', { ttl: '1m' });
    expect(world.server.counters.statements).toBe(1);
    await wh.invalidate();
    await wh.query('select 1 as a', { ttl: '1m' });
    expect(world.server.counters.statements).toBe(2);
  });

  it('streams, in rows and in batches', async () => {
    const rows = [];
    for await (const row of wh.stream(many(5000))) rows.push(row['N']);
    expect(rows).toEqual(Array.from({ length: 5000 }, (_, n) => n));
    const sizes = [];
    for await (const batch of wh.batches(many(2500), { batchSize: 1000 })) sizes.push(batch.length);
    expect(sizes).toEqual([1000, 1000, 500]);
  });

  it('stops the downloads of a stream that is left, and serves on', async () => {
    for await (const row of wh.stream(many(50_000))) if (row['N'] === 1500) break;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(world.server.counters.chunks).toBeLessThan(8);
    expect(await wh.query('select 1 as a')).toEqual([{ A: 1 }]);
    expect(world.server.counters.logins).toBe(1);
  });

  it('stops reading after one row more than maxRows', async () => {
    expect(await errorOf(wh.query(many(50_000), { maxRows: 10 }))).toMatchObject({ code: 'too_many_rows' });
    expect(world.server.counters.chunks).toBeLessThan(8);
  });

  it('lives: asks again when told to', async () => {
    await wh.execute('create table pet (id int)');
    const counts = firstValueFrom(
      wh.live$<{ N: number }>('select count(*) as n from pet', { refresh: 50 }).pipe(take(2), toArray()),
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    await wh.execute('insert into pet values (1)');
    expect(await counts).toEqual([[{ N: 0 }], [{ N: 1 }]]);
  });

  it('pings, and describes itself without a secret', async () => {
    await wh.ping();
    expect(world.server.counters.heartbeats).toBeGreaterThan(0);
    expect(JSON.stringify(wh.describe())).toContain('"local"');
    expect(JSON.stringify(wh.describe())).not.toContain('"dev"');
  });

  it('gives the connection of the driver', async () => {
    expect(await wh.use((raw) => raw.isUp())).toBe(true);
  });

  it('keeps what one does to the session away from the others: parameters of the section are set everywhere', async () => {
    await world.close();
    world = await openSnowflake({ settings: { session_parameters: { QUERY_TAG: "O'Clock", WEEK_START: 3 } } });
    wh = await world.wh();
    await wh.session(() => undefined);
    const set = world.server.log.filter(({ sql }) => sql?.startsWith('alter session'));
    expect(set.map(({ sql }) => sql)).toEqual(
      Array(2).fill("alter session set QUERY_TAG = 'O''Clock', WEEK_START = 3"),
    );
  });

  it.each([
    ['ALL', 'ALL'],
    [['READER', 'my role'], 'READER, "my role"'],
    ['a, b', 'a, b'],
  ])('has the secondary roles %j in every session', async (secondary_roles, said) => {
    await world.close();
    world = await openSnowflake({ settings: { secondary_roles, session_parameters: { WEEK_START: 3 } } });
    wh = await world.wh();
    await wh.session(() => undefined);
    const set = world.server.log.filter(({ sql }) => sql?.startsWith('use secondary'));
    expect(set.map(({ sql }) => sql)).toEqual(Array(2).fill(`use secondary roles ${said}`));
  });

  it('gives one statement a tag and session parameters of its own, at every door', async () => {
    await world.close();
    world = await openSnowflake({ settings: { query_tag: 'usual' } });
    wh = await world.wh();
    const own = { queryTag: 'nightly', parameters: { timezone: 'UTC' } };
    const sql = 'select 1 as own';
    await wh.query(sql, { ...own, ttl: '1m' });
    await wh.execute(sql, own);
    for await (const _row of wh.stream(sql, own));
    await (await wh.cursor(sql, own)).close();
    await firstValueFrom(wh.query$(sql, own));
    await firstValueFrom(wh.live$(sql, own));
    await wh.transaction((tx) => tx.query(sql, { ...own } as object));
    const sent = world.server.log.filter((request) => request.sql === sql).map(({ parameters }) => parameters);
    expect(sent).toEqual(Array(7).fill({ TIMEZONE: 'UTC', MULTI_STATEMENT_COUNT: 1, QUERY_TAG: 'nightly' }));
    await wh.query('select 2 as other');
    expect(world.server.log.at(-1)?.parameters).toEqual({ MULTI_STATEMENT_COUNT: 1, QUERY_TAG: 'usual' });
    expect(await errorOf(wh.query(sql, { queryTag: 5 } as never))).toMatchObject({ code: 'invalid_argument' });
    expect(await errorOf(wh.query(sql, { parameters: { 'a b': 1 } }))).toMatchObject({ code: 'invalid_argument' });
    expect(await errorOf(wh.query(sql, { tag: 'x' } as never))).toMatchObject({ code: 'invalid_argument' });
  });

  it('keeps its tag away from other connections', async () => {
    const tagged = await openSnowflake({ settings: { query_tag: 'mine' } });
    await (await tagged.wh()).query('select 1');
    await tagged.close();
    await wh.query('select 3 as untagged');
    expect(world.server.log.at(-1)?.parameters).toEqual({ MULTI_STATEMENT_COUNT: 1 });
  });

  it('closes what it opened', async () => {
    await wh.transaction((tx) => tx.query('select 1'));
    await world.hot.close();
    const { sessionsOpened, sessionsClosed } = world.server.counters;
    expect([sessionsOpened, sessionsClosed]).toEqual([2, 2]);
  });

  it('closes a session that came too late', async () => {
    await world.close();
    world = await openSnowflake({ policies: { openTimeout: 100 } });
    world.server.inject({ path: 'login-request', delayMs: 300, times: Infinity });
    expect(await errorOf(world.wh())).toMatchObject({ code: 'open_timeout' });
    await world.hot.close();
    expect(world.server.counters.sessionsOpened).toBeGreaterThan(0);
    expect(world.server.counters.sessionsOpen).toBe(0);
  });

  it('closes when the server is gone', async () => {
    await world.server.kill();
    await world.hot.close();
    expect(world.events.filter(({ type }) => type === 'warning')).toEqual([]);
  });
});
