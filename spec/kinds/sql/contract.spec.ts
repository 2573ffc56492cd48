import { afterAll, beforeAll } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres, type Postgres } from '../../support/postgres.ts';
import { sqliteDriver } from '../../support/sqlite-driver.ts';
import { describeSql, type Place } from './contract.ts';
import { describePipelines } from './pipelines.ts';

let server: Postgres;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hotline-sql-'));
  server = await startPostgres();
}, 60_000);
afterAll(async () => {
  await server?.close();
  await rm(directory, { recursive: true, force: true });
});

const places: Record<string, Place> = {
  'SQLite in a file': {
    family: 'sqlite',
    config: async () => ({ url: `sqlite:///${directory}/pets.db`, driver: sqliteDriver }),
  },
  'SQLite in memory': { family: 'sqlite', own: true, config: async () => ({ url: 'sqlite://', driver: sqliteDriver }) },
  PostgreSQL: {
    family: 'postgresql',
    config: async () => ({ url: server.url() }),
    slow: (seconds) => `select pg_sleep(${seconds})`,
    async running(text) {
      const found = await server.sql<{ n: number }>(
        `select count(*)::int as n from pg_stat_activity where query like '%' || $1 || '%' and state = 'active' and pid <> pg_backend_pid()`,
        [text],
      );
      return found[0]!.n;
    },
  },
};
for (const [title, place] of Object.entries(places)) {
  describeSql(title, place);
  describePipelines(title, place);
}
