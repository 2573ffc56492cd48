import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { classify, snowflakeErrors } from '../../../src/kinds/snowflake/classification.ts';
import { depth } from '../../support/depth.ts';
import { snowflakeErrorsPage } from '../../support/snowflake-errors-page.ts';
import type { Fault } from '../../support/snowflake-server/index.ts';
import { errorOf, openSnowflake, sandbox, type SnowflakeWorld } from '../../support/snowflake-world.ts';

const driver = sandbox();
afterAll(() => driver.restore());

let world: SnowflakeWorld;
beforeEach(async () => {
  world = await openSnowflake();
});
afterEach(() => world.close());

const query = '/queries/v1/query-request';

/** What a query comes to that meets a fault once, and what became of the instance. */
async function met(
  fault: Fault,
  options = {},
): Promise<{ rows?: unknown; code?: string; generation: number; sent: number }> {
  const wh = await world.wh();
  await wh.query('select 0');
  world.server.clearLog();
  const found = world.server.inject({ path: query, sql: /as told/, ...fault });
  const answer = await wh.query('select 1 as told', options).then(
    (rows) => ({ rows }),
    (error: { code: string }) => ({ code: error.code }),
  );
  found.remove();
  const generation = await new Promise<number>((resolve) => {
    world.hot.connections$
      .subscribe((all) => resolve(Math.max(...all.map(({ status }) => status.generation))))
      .unsubscribe();
  });
  const sent = world.server.log.filter(({ sql }) => sql?.includes('as told')).length;
  return { ...answer, generation, sent };
}

const told = [{ TOLD: 1 }];

describe('an error of the server or the driver', () => {
  const rows: [meaning: string, fault: Fault, expected: Awaited<ReturnType<typeof met>>][] = [
    [
      'SQL error: no retry, no reset',
      { code: '002003', sqlState: '42S02' },
      { code: 'query_failed', generation: 1, sent: 1 },
    ],
    ['cancelled: no retry', { code: '000604', sqlState: '57014' }, { code: 'cancelled', generation: 1, sent: 1 }],
    [
      '390112: the driver renews and sends it again by itself',
      { code: '390112' },
      { rows: told, generation: 1, sent: 2 },
    ],
    ['390104: reset, and once more', { code: '390104' }, { rows: told, generation: 2, sent: 2 }],
    ['390111: reset, and once more', { code: '390111' }, { rows: told, generation: 2, sent: 2 }],
    [
      'HTTP 401 with 390104: reset, and once more',
      { status: 401, code: '390104' },
      { rows: told, generation: 2, sent: 2 },
    ],
    ['390114: reset, and once more', { code: '390114' }, { rows: told, generation: 2, sent: 2 }],
    [
      '390318 without credentials to be renewed: fails',
      { code: '390318' },
      { code: 'auth_failed', generation: 1, sent: 1 },
    ],
    [
      '390303 without credentials to be renewed: fails',
      { code: '390303' },
      { code: 'auth_failed', generation: 1, sent: 1 },
    ],
    ['a reset socket: the driver sends it again by itself', { drop: 'before' }, { rows: told, generation: 1, sent: 2 }],
    [
      'a reset socket, some times: the driver sends it again by itself',
      { drop: 'before', times: depth(2, 3) },
      { rows: told, generation: 1, sent: depth(3, 4) },
    ],
    [
      'an answer that is not JSON: the driver sends it again',
      { body: '<html>' },
      { rows: told, generation: 1, sent: 2 },
    ],
    ['503 once: the driver sends it again by itself', { status: 503 }, { rows: told, generation: 1, sent: 2 }],
    ['403: no retry', { status: 403 }, { code: 'query_failed', generation: 1, sent: 1 }],
    ['class 08: reset, and once more', { code: '999999', sqlState: '08001' }, { rows: told, generation: 2, sent: 2 }],
  ];

  const longer: typeof rows = [
    [
      '503 for longer than that: reset, and once more',
      { status: 503, times: 8 },
      { rows: told, generation: 2, sent: 9 },
    ],
  ];

  it.each([...rows, ...depth([], longer)])('%s', async (_meaning, fault, expected) => {
    expect(await met(fault, { retry: { minDelay: 1 } })).toEqual(expected);
  });

  it('a session whose master token is gone too is replaced', async () => {
    const wh = await world.wh();
    await wh.query('select 0');
    world.server.expireSessions({ master: true });
    await expect(wh.query('select 1 as a', { retry: { minDelay: 1 } })).resolves.toEqual([{ A: 1 }]);
    expect(world.server.counters.logins).toBe(2);
  });

  it('a session that cannot be renewed is replaced: the driver would ask for ever', async () => {
    const wh = await world.wh();
    await wh.query('select 0');
    world.server.inject({ path: '/session/token-request', drop: 'before', times: Infinity });
    world.server.expireSessions();
    await expect(wh.query('select 1 as a', { retry: { minDelay: 1 } })).resolves.toEqual([{ A: 1 }]);
    expect(world.server.counters.logins).toBe(2);
    expect(world.server.log.filter(({ path }) => path.includes('token-request')).length).toBeLessThan(20);
  });

  it.each<[string, Fault]>([
    ['390111', { code: '390111' }],
    ['390114', { code: '390114' }],
    ['390104 with HTTP 401', { code: '390104', status: 401 }],
  ])('a statement that was rejected with %s did not run, so it is sent once more', async (_code, fault) => {
    const wh = await world.wh();
    await wh.execute('create table pet (id int)');
    world.server.inject({ path: query, sql: /insert/, ...fault });
    await expect(wh.execute('insert into pet values (1)')).resolves.toMatchObject({ rowCount: 1 });
    await world.server.forgetSessions();
    const rows = [];
    for await (const row of wh.stream('select count(*) as n from pet')) rows.push(row);
    expect(rows).toEqual([{ N: 1 }]);
    await world.server.forgetSessions();
    const cursor = await wh.cursor('select count(*) as n from pet');
    expect(await cursor.fetchMany(5)).toEqual([{ N: 1 }]);
    await cursor.close();
    expect(world.server.counters.logins).toBe(4);
  });

  it('a statement that is rejected twice is not sent a third time', async () => {
    const wh = await world.wh();
    const found = world.server.inject({ path: query, sql: /insert/, code: '390111', times: Infinity });
    expect(await errorOf(wh.execute('insert into pet values (1)'))).toMatchObject({ code: 'connection_lost' });
    expect(found.hits).toBe(2);
  });

  it('a statement whose answer was lost is sent by the driver under its own number, and runs once', async () => {
    const wh = await world.wh();
    await wh.execute('create table pet (id int)');
    world.server.inject({ path: query, sql: /insert/, drop: 'after' });
    await expect(wh.execute('insert into pet values (1)')).resolves.toMatchObject({ rowCount: 1 });
    await expect(wh.query('select count(*) as n from pet')).resolves.toEqual([{ N: 1 }]);
  });

  it.each(
    '390100 390120 390128 390144 390189 390190 390197 390201 390202 390302 390317 390422 390432 394400 394507 394508'.split(
      ' ',
    ),
  )('a login that is refused with %s is not tried again', async (code) => {
    world.server.inject({ path: 'login-request', code, message: 'No.', times: Infinity });
    expect(await errorOf(world.wh())).toMatchObject({ code: 'auth_failed', category: 'auth', connection: 'wh' });
    expect(world.server.log.filter(({ path }) => path.includes('login-request'))).toHaveLength(1);
  });

  if (depth(false, true))
    it('a part of the result that cannot be downloaded ends a stream after its first row, and a query is sent again before it', async () => {
      await world.close();
      world = await openSnowflake({ server: { chunkRows: 2000 } });
      const wh = await world.wh();
      const sql = 'select seq4() as n from table(generator(rowcount => 10000))';
      world.server.inject({ path: '/chunks/', status: 503, times: Infinity });
      let rows = 0;
      const streamed = (async () => {
        for await (const _row of wh.stream(sql)) rows++;
      })();
      expect(await errorOf(streamed)).toMatchObject({ code: 'connection_lost' });
      expect(rows).toBe(2000);
    });
});

// 2.J of the cases: which errors are worth three attempts.
it.each([
  ['166: 390114 is tried three times', { code: '390114' }, 3],
  ['166: class 08001 is tried three times', { code: '999999', sqlState: '08001' }, 3],
  ['166: 000904 is tried once', { code: '000904', sqlState: '42000' }, 1],
  ['166: any other error is tried once', { code: '000042' }, 1],
])('2.J %s', async (_case, fault, attempts) => {
  const wh = await world.wh();
  const found = world.server.inject({ path: query, sql: /as told/, times: Infinity, ...fault });
  await errorOf(wh.query('select 1 as told', { retry: { minDelay: 1 } }));
  expect(found.hits).toBe(attempts);
});

describe('a failed call of the driver', () => {
  it.each([
    [{ code: 407001 }, 'transient'],
    [{ code: 405503 }, 'transient'],
    [{ code: 404001 }, 'config'],
    [{ code: 409008 }, 'config'],
    [{ code: 'ENOENT' }, 'config'],
    [{ code: 'ERR_OSSL_BAD_DECRYPT' }, 'config'],
    [{ code: 401001, cause: { code: 'ECONNREFUSED' } }, 'transient'],
    [{ code: 401001, cause: { code: 'ENOTFOUND' } }, 'transient'],
    [{ code: 401001, cause: { code: 'EAI_AGAIN' } }, 'transient'],
    [{ code: 401001, cause: { code: 'ETIMEDOUT' } }, 'transient'],
    [{ code: 401001, cause: { code: 'ERR_CANCELED' } }, 'cancelled'],
    [{ code: 401001, cause: new SyntaxError('x') }, 'query'],
    [{ code: 401001, cause: { code: 'HPE_INVALID_CONSTANT' } }, 'transient'],
    [{ code: 401001, cause: { code: 'GARBLED' } }, 'transient'],
    [{ code: 401002, response: { statusCode: 429 } }, 'transient'],
    [{ code: 401002, response: { statusCode: 400 } }, 'config'],
    [{ code: 402001 }, 'transient'],
    [{ code: '000630', sqlState: '57014' }, 'timeout'],
    [{ code: '100038', sqlState: '22018' }, 'query'],
  ])('%j counts as %s', (error, category) => {
    expect(classify(error)?.category).toBe(category);
  });

  it('that nobody knows counts as nothing', () => {
    expect(classify(new TypeError("Cannot read properties of undefined (reading 'length')"))).toBeUndefined();
    expect(classify(undefined)).toBeUndefined();
  });

  it('of an expired token is worth another attempt only where there are credentials to ask for anew', () => {
    expect(classify({ code: '390318' })).toEqual({ category: 'auth', lost: false });
    expect(classify({ code: '390318' }, true)).toEqual({ category: 'transient', lost: true });
    expect(classify({ code: '390100' }, true)).toEqual({ category: 'auth', lost: false });
  });
});

it('the page in docs is printed from the table; npm run docs:errors prints it', () => {
  expect(readFileSync('docs/snowflake-errors.md', 'utf8')).toBe(snowflakeErrorsPage());
});

it('every rule says what it means', () => {
  expect(snowflakeErrors.filter(({ meaning }) => meaning.length < 10)).toEqual([]);
});
