import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnections, SqlConnection, type ConnectionRegistry } from '../../../src/index.ts';
import { startPostgres, type Postgres } from '../../support/postgres.ts';

let server: Postgres;
let hot: ConnectionRegistry;
let pets: SqlConnection;
beforeAll(async () => {
  server = await startPostgres();
  hot = createConnections({ sources: [] });
  pets = await hot.connection('pets', { type: SqlConnection, url: server.url() });
}, 60_000);
afterAll(async () => {
  await hot?.close();
  await server?.close();
});

describe('a value that PostgreSQL gave', () => {
  it.each([
    ['interval', '1 day 02:03:00'],
    ['interval', '-1 years -2 mons +3 days -04:05:06.789'],
    ['interval', '00:00:00.001'],
    ['interval', '-00:00:00.5'],
    ['interval[]', '{"1 day 02:03:00","3 mons"}'],
    ['int4range', '[1,5)'],
    ['tstzrange', '["2020-01-01 00:00:00+00","2020-01-02 00:00:00+00")'],
    ['int4multirange', '{[1,3),[5,8)}'],
    ['numeric', '12345678901234567890.123456789'],
    ['bytea', '\\x00ff27'],
    ['jsonb', '{"a": [1, {"b": null}]}'],
    ['text[]', '{a,"b,c",NULL}'],
    ['uuid', '0b0c3f1e-6f0e-4a52-8b7e-0f8a4b7a3b10'],
    ['inet', '10.0.0.1/8'],
    ['time', '12:34:56.789'],
  ])('is written back as it was: %s %s', async (type, text) => {
    for (const ttl of [0, 60_000]) {
      const [row] = await pets.query(`select '${text}'::${type} as v`, { ttl });
      const back = `select v::text as written, ('${text}'::${type})::text as read from (select ?::${type} as v) t`;
      const [{ written, read }] = (await pets.query(back, { params: [row!['v']] })) as [Record<string, unknown>];
      expect(written).toBe(read);
      const tx = await pets.transaction((inside) => inside.query(back, { params: [row!['v']] }));
      expect(tx).toEqual([{ written: read, read }]);
    }
  });
});
