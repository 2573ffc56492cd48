import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { startPostgres, type Postgres } from '../../support/postgres.ts';
import { describeScripts } from './scripts.ts';
import { sqliteDriver } from '../../support/sqlite-driver.ts';

let server: Postgres;
let folder: string;
beforeAll(async () => {
  server = await startPostgres();
  folder = await mkdtemp(join(tmpdir(), 'hotline-scripts-'));
}, 60_000);
afterAll(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

describeScripts('PostgreSQL', () => ({ url: server.url() }), {
  fire: 'insert into script values (10)',
  drop: 'drop trigger doubling on script',
  create: `create function doubling() returns trigger language plpgsql as $$ begin
     if new.a = 10 then insert into script values (11); insert into script values (12); end if; return new;
   end $$; create trigger doubling after insert on script for each row execute function doubling();`,
});
describeScripts(sqliteDriver, () => ({ url: `sqlite:///${join(folder, 'a.db')}`, driver: sqliteDriver }), {
  fire: 'insert into script values (10)',
  drop: 'drop trigger doubling',
  create: `create trigger doubling after insert on script when new.a = 10 begin
     insert into script values (case when 1 then 11 end); insert into script values (12);
   end; delete from script where a = -1;`,
});
