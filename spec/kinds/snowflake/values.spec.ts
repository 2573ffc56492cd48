import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { conversion, printed } from '../../../src/kinds/snowflake/values.ts';
import type { SnowflakeConnection } from '../../../src/index.ts';
import { errorOf, openSnowflake, sandbox, type SnowflakeWorld } from '../../support/snowflake-world.ts';
import { deepIt } from '../../support/depth.ts';

const driver = sandbox();
afterAll(() => driver.restore());
let world: SnowflakeWorld;
afterEach(() => world?.close());

const wide = '9007199254740993';

deepIt('integers are exact at any size when that is asked for', async () => {
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

describe('what Snowflake prints', () => {
  it.each<[string, unknown]>([
    ['[\n  1,\n  undefined,\n  null\n]', [1, null, null]],
    ['[\n  NaN,\n  Infinity,\n  -Infinity,\n  inf,\n  -inf\n]', [NaN, Infinity, -Infinity, Infinity, -Infinity]],
    ['{\n  "a": undefined,\n  "undefined": "NaN \\" undefined"\n}', { a: null, undefined: 'NaN " undefined' }],
    ['undefined', null],
    ['NaN', NaN],
    ['"undefined"', 'undefined'],
    ['<xml a="undefined">1</xml>', '<xml a="undefined">1</xml>'],
    ['process.exit(1)', 'process.exit(1)'],
    ['', ''],
  ])('as %j is read', (text, value) => {
    expect(printed(text)).toEqual(value);
  });

  it('is read in results: arrays, objects, REAL, bytes', async () => {
    world = await openSnowflake();
    const wh = await world.wh();
    const [row] = await wh.query(
      `select [1, null, 'NaN'::double, '-Infinity'::double] as l, {'a': [null]} as o, parse_json('{"a":null}') as v,
        'inf'::float as i, '-inf'::float as m, 'nan'::float as n, to_binary('FF00') as b`,
    );
    expect(row).toEqual({
      L: [1, null, NaN, -Infinity],
      O: { a: [null] },
      V: { a: null },
      I: Infinity,
      M: -Infinity,
      N: NaN,
      B: Buffer.from([255, 0]),
    });
    expect(Object.keys(row!['B'] as object)).toEqual(['0', '1']);
  });

  it('of a VECTOR are numbers', async () => {
    world = await openSnowflake();
    world.server.inject({
      path: 'query-request',
      edit: ({ data }) => {
        data['rowtype'] = [{ ...(data['rowtype'] as object[])[0], type: 'vector' }];
        data['rowset'] = [['[1.5,-2,NaN]'], [null]];
        data['returned'] = data['total'] = 2;
      },
    });
    expect(await (await world.wh()).query('select 1 as v')).toEqual([{ V: [1.5, -2, NaN] }, { V: null }]);
  });
});

it('columns that have one name in common are all there', async () => {
  world = await openSnowflake({ settings: { js_treat_integer_as_bigint: true } });
  const wh = await world.wh();
  const sql = `select 1 as a, 2 as a, 3 as a, 4 as a_2`;
  expect(await wh.query(sql)).toEqual([{ A: 1n, A_3: 2n, A_4: 3n, A_2: 4n }]);
  const cursor = await wh.cursor(sql);
  expect(await cursor.fetchMany(1)).toHaveLength(1);
  await cursor.close();
});

it('dates that are fetched as text keep their nanoseconds', async () => {
  world = await openSnowflake({ settings: { fetch_as_string: ['Date'] } });
  const sql = `select '2026-01-02 03:04:05.678901234'::timestamp_ns as t, '03:04:05.678901'::time as c`;
  const expected = [{ T: '2026-01-02 03:04:05.678901234', C: '03:04:05.678901000' }];
  const wh = await world.wh();
  expect(await wh.query(sql)).toEqual(expected);
  expect(await wh.transaction((tx) => tx.query(sql))).toEqual(expected);
});

describe('insertRows', () => {
  it('fills columns of JSON and of bytes, by one statement and by several', async () => {
    world = await openSnowflake();
    const wh = await world.wh();
    await wh.execute('create table t (id int, v variant, l array, b binary)');
    const rows = [
      { id: 1, v: { a: [1, null] }, l: [1, 'x'], b: new Uint8Array([1, 255]) },
      { id: 2, v: 'text', l: [], b: null },
      { id: 3, v: null, l: null, b: Buffer.from('x') },
    ];
    for (const batchSize of [10, 2]) {
      expect(await wh.insertRows('t', rows, { batchSize })).toEqual({ rowCount: 3 });
      expect(await wh.query('select * from t order by id')).toEqual([
        { ID: 1, V: { a: [1, null] }, L: [1, 'x'], B: Buffer.from([1, 255]) },
        { ID: 2, V: 'text', L: [], B: null },
        { ID: 3, V: null, L: null, B: Buffer.from('x') },
      ]);
      await wh.execute('delete from t');
    }
  });

  it('has no onConflict', async () => {
    world = await openSnowflake();
    const refused = (await world.wh()).insertRows('t', [{ a: 1 }], { onConflict: 'ignore' });
    expect(await errorOf(refused)).toMatchObject({ code: 'not_supported', connection: 'wh' });
    expect(world.server.counters.statements).toBe(0);
  });
});

it('a result without such columns is not looked at', () => {
  expect(conversion([])).toBeUndefined();
  expect(conversion(undefined)).toBeUndefined();
});

const field = (type: string, more: object = {}): object => ({ name: 'f', type, nullable: true, scale: 0, ...more });

/** What the server may answer, and the driver cannot convert: the type of the column and its cells. */
const cells: readonly (readonly [string, object, readonly string[]])[] = [
  [
    'structured OBJECT, from the second row on',
    { type: 'object', fields: [field('text')] },
    ['{"f":"a"}', '{"f":"b"}'],
  ],
  ['ARRAY(BOOLEAN) with NULL', { type: 'array', fields: [field('boolean')] }, ['["true",null]']],
  ['ARRAY(DATE)', { type: 'array', fields: [field('date')] }, ['["2026-01-02"]']],
  ['MAP with a type that nobody knows', { type: 'map', fields: [field('text'), field('vector')] }, ['{"a":1}']],
  ['an OBJECT that is no JSON', { type: 'object', fields: [field('text')] }, ['{"planted-secret']],
  ['an ARRAY that is empty text', { type: 'array', fields: [field('text')] }, ['']],
  ['a BOOLEAN that is none', { type: 'boolean' }, ['planted-secret']],
];

describe.each(cells)('a value that the driver cannot convert: %s', (_, column, values) => {
  let wh: SnowflakeConnection;
  beforeEach(async () => {
    world = await openSnowflake({ policies: { drainTimeout: 500 } });
    wh = await world.wh();
    world.server.inject({
      path: '/queries/v1/query-request',
      sql: /odd/,
      times: Infinity,
      edit: ({ data }) => {
        const [good] = data['rowtype'] as object[];
        data['rowtype'] = [good, { ...good, name: 'ODD', ...column }];
        data['rowset'] = values.map((value, index) => [String(index), value]);
        data['returned'] = data['total'] = values.length;
      },
    });
  });

  const sql = 'select 1 as n -- odd';
  const refused = { code: 'query_failed', connection: 'wh', message: expect.stringContaining('"ODD"') };
  const first = async (rows: AsyncIterable<unknown>): Promise<unknown> => {
    for await (const row of rows) if (row === undefined) return row;
    return undefined;
  };

  it('is one query_failed that names the column, at every door', async () => {
    const cursor = await wh.cursor(sql);
    const doors: readonly Promise<unknown>[] = [
      wh.query(sql),
      wh.execute(sql),
      first(wh.stream(sql)),
      first(wh.batches(sql)),
      first(wh.batches(sql, { batchSize: 1 })),
      cursor.fetchMany(10),
      wh.transaction(async (tx) => tx.query(sql)),
      wh.session(async (session) => session.query(sql)),
    ];
    for (const error of await Promise.all(doors.map(errorOf))) {
      expect(error).toMatchObject(refused);
      expect(JSON.stringify([error, error.message, String(error['cause'])])).not.toContain('planted-secret');
    }
    expect(await wh.query('select 2 as n')).toEqual([{ N: 2 }]);
    expect(world.hot.stats('wh').leases).toBe(0);
  });
});
