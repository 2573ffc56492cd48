import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { startPostgres, type Postgres } from '../../support/postgres.ts';
import { describeKnexInside } from './knex-inside.ts';
import { describeOpenTransactions } from './open-transactions.ts';

let server: Postgres;
let folder: string;
beforeAll(async () => {
  server = await startPostgres();
  folder = await mkdtemp(join(tmpdir(), 'hotline-open-'));
}, 60_000);
afterAll(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

describeOpenTransactions('PostgreSQL', { family: 'postgresql', settings: () => ({ url: server.url() }) });
describeOpenTransactions('libsql', {
  family: 'sqlite',
  settings: () => ({ url: `sqlite:///${join(folder, 'a.db')}`, driver: 'libsql' }),
});

describeKnexInside('tx.raw on PostgreSQL', () => server.url());
