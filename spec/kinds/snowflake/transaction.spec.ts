import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SnowflakeConnection } from '../../../src/index.ts';
import { guardSession } from '../../../src/kinds/snowflake/scripts.ts';
import { errorOf, openSnowflake, sandbox, type SnowflakeWorld } from '../../support/snowflake-world.ts';

const driver = sandbox();
afterAll(() => driver.restore());

let world: SnowflakeWorld;
let wh: SnowflakeConnection;
beforeEach(async () => {
  world = await openSnowflake();
  wh = await world.wh();
  await wh.execute('create table pet (id int)');
});
afterEach(async () => {
  await world.hot.close();
  const { sessionsOpened, sessionsClosed } = world.server.counters;
  expect(sessionsClosed).toBe(sessionsOpened);
  await world.close();
});

const count = async (): Promise<unknown> => (await wh.query('select count(*) as n from pet'))[0]!['N'];

describe('a transaction', () => {
  it('is committed when its callback returns, and is alone in its session', async () => {
    const result = await wh.transaction(async (tx) => {
      await tx.execute('insert into pet values (1)');
      expect(await count()).toBe(0);
      return tx.query('select count(*) as n from pet');
    });
    expect(result).toEqual([{ N: 1 }]);
    expect(await count()).toBe(1);
  });

  it('has no savepoints; a session has transactions, and goes on after them', async () => {
    await expect(wh.transaction((tx) => tx.transaction(() => 1))).rejects.toMatchObject({ code: 'not_supported' });
    await wh.session(async (session) => {
      await session.transaction((tx) => tx.execute('insert into pet values (1)'));
      const failed = session.transaction(async (tx) => {
        await tx.execute('insert into pet values (2)');
        throw new Error('no');
      });
      expect(await errorOf(failed)).toMatchObject({ message: 'no' });
      await session.execute('insert into pet values (3)');
    });
    expect(await count()).toBe(2);
  });

  it('is rolled back when its callback throws', async () => {
    const fail = wh.transaction(async (tx) => {
      await tx.execute('insert into pet values (1)');
      throw new Error('no');
    });
    expect(await errorOf(fail)).toMatchObject({ message: 'no' });
    expect(await count()).toBe(0);
  });

  it('is stopped and rolled back when its signal fires while a statement runs', async () => {
    const stop = new AbortController();
    const slow = wh.transaction(
      async (tx) => {
        await tx.execute('insert into pet values (1)');
        await tx.execute('call system$wait(60)');
      },
      { signal: stop.signal },
    );
    slow.catch(() => undefined);
    while (world.server.counters.running === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    expect(await errorOf(slow)).toMatchObject({ code: 'cancelled' });
    while (world.server.counters.running > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await count()).toBe(0);
  });

  it('runs beside others: eight at once', async () => {
    await Promise.all(
      Array.from({ length: 8 }, (_, id) =>
        wh.transaction((tx) => tx.execute('insert into pet values (?)', { params: [id] })),
      ),
    );
    expect(await count()).toBe(8);
  });

  it('streams, and is refused after its end', async () => {
    let kept: { query(sql: string): Promise<unknown> } | undefined;
    await wh.transaction(async (tx) => {
      kept = tx;
      let rows = 0;
      for await (const _row of tx.stream('select seq4() from table(generator(rowcount => 100))')) rows++;
      expect(rows).toBe(100);
    });
    expect(await errorOf(kept!.query('select 1'))).toMatchObject({ code: 'transaction_ended' });
  });

  it('is lost with its session: one error, nothing is committed, and it is not run again', async () => {
    let runs = 0;
    const lost = wh.transaction(async (tx) => {
      runs++;
      await tx.execute('insert into pet values (1)');
      await world.server.forgetSessions();
      await tx.query('select 1 as second');
    });
    expect(await errorOf(lost)).toMatchObject({ code: 'connection_lost' });
    expect(runs).toBe(1);
    expect(await count()).toBe(0);
  });

  it('knows one isolation, and no reading only', async () => {
    await wh.transaction(() => 1, { isolation: 'read committed' });
    expect(await errorOf(wh.transaction(() => 1, { isolation: 'serializable' }))).toMatchObject({
      code: 'not_supported',
      connection: 'wh',
    });
    expect(await errorOf(wh.transaction(() => 1, { readOnly: true }))).toMatchObject({ code: 'not_supported' });
  });
});

describe('a session of its own', () => {
  it('may be changed, and changes nothing for the others', async () => {
    const where = await wh.session(async (session) => {
      await session.execute('create schema archive');
      await session.execute('use schema archive');
      await session.execute('create table box (id int)');
      return session.query('select count(*) as n from box');
    });
    expect(where).toEqual([{ N: 0 }]);
    expect(await errorOf(wh.query('select * from box'))).toMatchObject({ code: 'query_failed' });
  });

  it('rolls back what was begun and not committed', async () => {
    await wh.session(async (session) => {
      await session.execute('begin');
      await session.execute('insert into pet values (1)');
    });
    expect(await count()).toBe(0);
    await wh.session(async (session) => {
      await session.execute('begin');
      await session.execute('insert into pet values (1)');
      await session.execute('commit');
    });
    expect(await count()).toBe(1);
  });

  it('passes on what its callback throws', async () => {
    expect(await errorOf(wh.session(() => Promise.reject(new Error('no'))))).toMatchObject({ message: 'no' });
  });
});

describe('insertRows', () => {
  it('writes in bulk, and says how many', async () => {
    const rows = Array.from({ length: 2500 }, (_, id) => ({ id }));
    expect(await wh.insertRows('pet', rows)).toMatchObject({ rowCount: 2500 });
    expect(world.server.counters.logins).toBe(1);
    expect(await wh.insertRows('pet', rows, { batchSize: 1000 })).toEqual({ rowCount: 2500 });
    expect(await count()).toBe(5000);
    expect(world.server.log.filter(({ sql }) => sql?.startsWith('insert'))).toHaveLength(4);
  });

  it('names the connection in what it refuses', async () => {
    expect(await errorOf(wh.insertRows('pet', [null] as never))).toMatchObject({
      code: 'invalid_bind',
      connection: 'wh',
    });
  });

  it('writes all of them or none', async () => {
    const rows = function* (): Generator<{ id: unknown }> {
      yield* Array.from({ length: 25 }, (_, id) => ({ id }));
      yield { id: 'x' };
    };
    expect(await errorOf(wh.insertRows('pet', rows(), { batchSize: 10 }))).toMatchObject({ code: 'query_failed' });
    expect(await count()).toBe(0);
    expect(await wh.insertRows('pet', [])).toEqual({ rowCount: 0 });
  });
});

describe('a statement for the session that all share', () => {
  it.each([
    ['use schema x', 'session(fn)'],
    ['  USE DATABASE x', 'session(fn)'],
    ['-- a comment\n use role r', 'session(fn)'],
    ['/* a */ set x = 1', 'session(fn)'],
    ['unset x', 'session(fn)'],
    ['alter session set timezone = 1', 'session(fn)'],
    ['begin', 'transaction(fn)'],
    ['begin transaction', 'transaction(fn)'],
    ['start transaction', 'transaction(fn)'],
    ['commit', 'transaction(fn)'],
    ['rollback', 'transaction(fn)'],
  ])('%s is refused', (sql, cure) => {
    expect(() => guardSession(sql)).toThrow(expect.objectContaining({ code: 'not_supported' }));
    expect(() => guardSession(sql)).toThrow(cure);
  });

  it.each([
    'select 1',
    'alter table t add c int',
    'update t set a = 1',
    'begin let x := 1; return x; end',
    "insert into t values ('use x')",
    '',
  ])('%s is not', (sql) => {
    expect(() => guardSession(sql)).not.toThrow();
  });
});
