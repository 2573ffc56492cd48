import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SnowflakeConnection } from '../../../src/index.ts';
import { statementsIn } from '../../../src/kinds/snowflake/scripts.ts';
import { errorOf, openSnowflake, sandbox, type SnowflakeWorld } from '../../support/snowflake-world.ts';
import { deepIt } from '../../support/depth.ts';

const driver = sandbox();
afterAll(() => driver.restore());
let world: SnowflakeWorld;
afterEach(() => world?.close());

const anyNumber = { session_parameters: { MULTI_STATEMENT_COUNT: 0 } };

deepIt('one statement is one, whatever the session says of several, and closing takes no time', async () => {
  world = await openSnowflake({ settings: anyNumber });
  const wh = await world.wh();
  expect(await wh.query('select 1 as n')).toEqual([{ N: 1 }]);
  await wh.execute('create table pets (id integer)');
  expect(await wh.execute('insert into pets values (1), (2)')).toMatchObject({ rowCount: 2 });
  for await (const batch of wh.batches('select count(*) as n from pets')) expect(batch).toEqual([{ N: 2 }]);
  const cursor = await wh.cursor('select * from pets');
  expect(await cursor.fetchMany(5)).toHaveLength(2);
  await cursor.close();
  await wh.transaction(async (tx) => tx.execute('insert into pets values (3)'));
  await wh.session(async (session) => session.execute('insert into pets values (4)'));
  await wh.ping();
  const began = performance.now();
  await world.hot.close();
  expect(performance.now() - began).toBeLessThan(2000);
});

describe.each([
  ['one', {}],
  ['any number', anyNumber],
])('several statements in one text, where the session says %s', (_what, settings) => {
  let wh: SnowflakeConnection;
  beforeEach(async () => {
    world = await openSnowflake({ settings, server: { chunkRows: 100 } });
    wh = await world.wh();
    await wh.execute('create table pets (id integer, name varchar)');
    world.server.clearLog();
  });

  it('are one request; the result is that of the last one, and each is in `results`', async () => {
    const result = await wh.execute(
      "insert into pets values (1, 'a;b'), (2, null); -- ;\n update pets set id = id + 1; select id from pets order by id;",
      { queryTag: 'nightly', parameters: { STATEMENT_TIMEOUT_IN_SECONDS: 60 } },
    );
    const rows = [{ ID: 2 }, { ID: 3 }];
    expect(result).toEqual({
      rows,
      rowCount: 2,
      results: [
        { rows: [], rowCount: 2 },
        { rows: [], rowCount: 2 },
        { rows, rowCount: 2 },
      ],
    });
    expect(world.server.log.filter(({ sql }) => sql !== undefined)).toMatchObject([
      { parameters: { MULTI_STATEMENT_COUNT: 3, QUERY_TAG: 'nightly', STATEMENT_TIMEOUT_IN_SECONDS: 60 } },
    ]);
    expect(await wh.query('select 1 as a; select 2 as a')).toEqual([{ A: 2 }]);
    expect(await wh.execute('select 1 as a; ;')).toEqual({ rows: [{ A: 1 }], rowCount: 1 });
  });

  it('each have their own of the values, in the order of the text', async () => {
    const sql = 'insert into pets values (?, ?); select name from pets where id = ?';
    expect((await wh.execute(sql, { params: [7, 'Rex', 7] })).rows).toEqual([{ NAME: 'Rex' }]);
    const named = 'insert into pets values (:id, :name); select name from pets where id = :id';
    expect((await wh.execute(named, { params: { id: 8, name: 'Tom' } })).rows).toEqual([{ NAME: 'Tom' }]);
  });

  it('end at the first that fails; what ran before stays, and a transaction takes it back', async () => {
    const failing =
      "insert into pets values (1, 'a'); insert into nowhere values (1); insert into pets values (2, 'b')";
    expect(await errorOf(wh.execute(failing))).toMatchObject({
      code: 'query_failed',
      connection: 'wh',
      message: expect.stringContaining('query id'),
    });
    expect(await wh.query('select id from pets')).toEqual([{ ID: 1 }]);
    const taken = wh.transaction(async (tx) => {
      await tx.execute('delete from pets; create temporary table t as select 1 as a');
      throw new Error('no');
    });
    await errorOf(taken);
    expect(await wh.query('select id from pets')).toEqual([{ ID: 1 }]);
  });

  it('give rows of any number, and maxRows holds for each of them', async () => {
    const many = 'select seq4() as n from table(generator(rowcount => 350))';
    const { results } = await wh.execute(`${many}; select 1 as a; ${many}`);
    expect(results?.map(({ rowCount }) => rowCount)).toEqual([350, 1, 350]);
    expect(await errorOf(wh.query(`${many}; select 1`, { maxRows: 10 }))).toMatchObject({ code: 'too_many_rows' });
    await expect(wh.query('select 1 as a')).resolves.toEqual([{ A: 1 }]);
  });

  it('are refused where one is read in pieces, change the session, or move a file', async () => {
    const two = 'select 1; select 2';
    const refused = [
      () => wh.stream(two)[Symbol.asyncIterator]().next(),
      () => wh.cursor(two),
      () => wh.session((session) => session.stream(two)[Symbol.asyncIterator]().next()),
      () => wh.execute('select 1; use schema x'),
      () => wh.execute('select 1; begin; delete from pets; commit'),
      () => wh.execute("select 1; alter session set TIMEZONE = 'UTC'"),
      () => wh.execute('select 1; put file:///tmp/a @box'),
      () => wh.execute("get @box 'file:///tmp/a'; select 1"),
    ];
    for (const call of refused)
      expect(await errorOf(call())).toMatchObject({ code: 'not_supported', connection: 'wh' });
    expect(await errorOf(wh.query('select 1; delete from pets'))).toMatchObject({ code: 'write_in_query' });
    expect(world.server.log.filter(({ sql }) => /select|delete|put|get|begin/.test(sql ?? ''))).toEqual([]);
    await wh.session(async (session) => {
      await session.execute('create schema x; use schema x; create table only_here (a int)');
      expect(await session.query('select count(*) as n from only_here')).toEqual([{ N: 0 }]);
    });
  });

  it('stop on the server with the call', async () => {
    const asked = wh.execute('select 1; call system$wait(60); delete from pets', { timeout: 300 });
    expect(await errorOf(asked)).toMatchObject({ code: 'timeout' });
    while (world.server.counters.running > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });
});

it.each([
  ['select 1', 1],
  ["select ';'; -- ; \n", 1],
  ['select 1; select 2', 2],
  ['create procedure p() returns int language sql as $$ begin return 1; end $$; call p()', 2],
  ['create procedure p() returns int language sql as begin let x := 1; return x; end;', 1],
  ["begin let x := 'a'; if (true) then return 1; end if; end;", 1],
  ['declare x int; begin return 1; end', 1],
  ['create task t schedule = quoted as begin insert into a values (1); delete from b; end;', 1],
  ['begin; insert into a values (1); commit;', 3],
])('%s: so many statements', (sql, count) => {
  expect(statementsIn(sql)).toHaveLength(count);
});
