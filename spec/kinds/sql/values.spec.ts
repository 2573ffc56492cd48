import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createConnections, json, SqlConnection } from '../../../src/index.ts';
import { startPostgres, type Postgres } from '../../support/postgres.ts';
import { describeValues } from './values.ts';
import { sqliteDriver } from '../../support/sqlite-driver.ts';

let server: Postgres;
beforeAll(async () => void (server = await startPostgres()), 60_000);
afterAll(() => server?.close());

describeValues('PostgreSQL', () => server.url(), ["create type mood as enum ('calm', 'wild')"]);
describeValues('SQLite', () => 'sqlite://');

it('json() of what has no JSON is invalid_bind', async () => {
  const hot = createConnections({ sources: [] });
  const db = await hot.connection('values', { type: SqlConnection, url: 'sqlite://', driver: sqliteDriver });
  for (const value of [undefined, () => 1, 5n])
    await expect(db.execute('select ?', { params: [json(value)] })).rejects.toMatchObject({ code: 'invalid_bind' });
  await hot.close();
});
