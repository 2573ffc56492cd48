import { afterAll, beforeAll } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres, type Postgres } from '../../support/postgres.ts';
import { describeNestedTransactions } from './nested-transactions.ts';
import { sqliteDriver } from '../../support/sqlite-driver.ts';

let server: Postgres;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hotline-nested-'));
  server = await startPostgres();
}, 60_000);
afterAll(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

describeNestedTransactions('PostgreSQL', { family: 'postgresql', settings: () => ({ url: server.url() }) });
describeNestedTransactions('SQLite in memory', {
  family: 'sqlite',
  alone: true,
  settings: () => ({ url: 'sqlite://', driver: sqliteDriver }),
});
describeNestedTransactions('SQLite in a file', {
  family: 'sqlite',
  settings: () => ({ dialect: 'sqlite', filename: join(folder, 'nested.db') }),
});
