import { afterAll, beforeAll } from '@jest/globals';
import { startPostgres, type Postgres } from '../../support/postgres.ts';
import { describeFiveMillion, rows } from './five-million.ts';

let server: Postgres;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server?.close());

describeFiveMillion('PostgreSQL', {
  url: () => server.url(),
  sql: `select n from generate_series(1, ${rows}) n`,
  running: `select count(*)::int as n from pg_stat_activity
    where state = 'active' and query like '/* five million */%' and pid <> pg_backend_pid()`,
});

describeFiveMillion('SQLite', {
  url: () => 'sqlite://',
  sql: `with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${rows}) select n from numbers`,
});
