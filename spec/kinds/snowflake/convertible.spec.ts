import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SnowflakeConnection } from '../../../src/index.ts';
import { errorOf, openSnowflake, sandbox, type SnowflakeWorld } from '../../support/snowflake-world.ts';

const driver = sandbox();
afterAll(() => driver.restore());

let world: SnowflakeWorld;
let wh: SnowflakeConnection;
beforeEach(async () => {
  world = await openSnowflake({ policies: { drainTimeout: 500 } });
  wh = await world.wh();
});
afterEach(() => world.close());

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
  beforeEach(() => {
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
