import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createConnections, SqlConnection } from '../../../src/index.ts';
import { startPostgres, type Postgres } from '../../support/postgres.ts';
import { describeIntegers } from './exact-integers.ts';
import { sqliteDriver } from '../../support/sqlite-driver.ts';

let server: Postgres;
let folder: string;
beforeAll(async () => {
  server = await startPostgres();
  folder = await mkdtemp(join(tmpdir(), 'hotline-integers-'));
}, 60_000);
afterAll(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

describeIntegers('PostgreSQL', () => ({ url: server.url() }));
describeIntegers(sqliteDriver, () => ({ url: `sqlite:///${join(folder, 'a.db')}`, driver: sqliteDriver }));

it('arrays of PostgreSQL follow the same rule', async () => {
  const hot = createConnections({ sources: [] });
  const pets = await hot.connection('pets', { type: SqlConnection, url: server.url() });
  const sql = `select '{1,NULL,9007199254740993}'::bigint[] as a, '{{1},{2}}'::bigint[] as b`;
  const [row] = await pets.query(sql);
  expect(row).toEqual({ a: [1, null, '9007199254740993'], b: [[1], [2]] });
  expect(await pets.query('select ?::bigint[] as a', { params: [row!['a']] })).toEqual([{ a: row!['a'] }]);
  await hot.close();
});
