import { afterAll, afterEach, expect, it } from '@jest/globals';
import { conversion } from '../../../src/kinds/snowflake/values.ts';
import { openSnowflake, sandbox, type SnowflakeWorld } from '../../support/snowflake-world.ts';

const driver = sandbox();
afterAll(() => driver.restore());
let world: SnowflakeWorld;
afterEach(() => world?.close());

const wide = '9007199254740993';

it('integers are exact at any size when that is asked for', async () => {
  world = await openSnowflake({ settings: { js_treat_integer_as_bigint: true } });
  const wh = await world.wh();
  expect(
    await wh.query(`select ${wide}::number(38,0) as n, 1 as one, 1.5::number(5,2) as d, null::number as z`),
  ).toEqual([{ N: 9007199254740993n, ONE: 1n, D: 1.5, Z: null }]);
});

it('integers are numbers when nothing is said', async () => {
  world = await openSnowflake();
  expect(await (await world.wh()).query(`select ${wide}::number(38,0) as n`)).toEqual([{ N: Number(wide) }]);
});

it('NULL is null, also where a type is fetched as text', async () => {
  world = await openSnowflake({ settings: { fetch_as_string: ['Number'] } });
  expect(await (await world.wh()).query(`select ${wide}::number(38,0) as n, null::number as z`)).toEqual([
    { N: wide, Z: null },
  ]);
});

it('dates are dates like any other', async () => {
  world = await openSnowflake();
  const [row] = await (
    await world.wh()
  ).query<{ T: Date; D: Date }>(`select '2026-01-02 03:04:05.678'::timestamp_ntz as t, '2026-01-02'::date as d`);
  expect(JSON.stringify(row)).toBe('{"T":"2026-01-02T03:04:05.678Z","D":"2026-01-02T00:00:00.000Z"}');
  expect(Object.keys(row!.T)).toEqual([]);
});

it('a result without such columns is not looked at', () => {
  expect(conversion([])).toBeUndefined();
  expect(conversion(undefined)).toBeUndefined();
});
