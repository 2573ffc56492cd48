import { afterAll, beforeAll } from '@jest/globals';
import { startPostgres, type Postgres } from '../../support/postgres.ts';
import { describeCuts } from './cut-leases.ts';

let server: Postgres;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server?.close());

describeCuts('PostgreSQL', {
  code: '57P01',
  url: () => server.url(),
  slow: (seconds) => `select pg_sleep(${seconds})`,
  sessions: async (text) =>
    Number(
      (
        await server.sql(
          `select count(*)::int as n from pg_stat_activity where query like '%' || $1 || '%' and pid <> pg_backend_pid()`,
          [text],
        )
      )[0]!['n'],
    ),
});
