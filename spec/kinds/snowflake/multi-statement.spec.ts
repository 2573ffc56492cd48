import { afterAll, afterEach, expect, it } from '@jest/globals';
import { errorOf, openSnowflake, sandbox, type SnowflakeWorld } from '../../support/snowflake-world.ts';
import { deepIt } from '../../support/depth.ts';

const driver = sandbox();
afterAll(() => driver.restore());
let world: SnowflakeWorld;
afterEach(() => world.close());

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

it('several are refused by the server, at every door', async () => {
  world = await openSnowflake({ settings: anyNumber });
  const wh = await world.wh();
  const two = 'select 1; select 2';
  const doors = [
    () => wh.query(two),
    () => wh.execute(two),
    () => wh.stream(two)[Symbol.asyncIterator]().next(),
    () => wh.cursor(two),
  ];
  for (const door of doors) expect(await errorOf(door())).toMatchObject({ code: 'query_failed', connection: 'wh' });
});
