// Takes one client through a rotation under load, as a program of its own: 24 workers; the password is altered on the
// server, 300 ms later the secret is changed, the database is moved, and moved back. Prints what came of it.
//   node run.js <family> <client> <URL of an administrator>
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mysql } from './mysql.js';
import { postgres } from './postgres.js';

const [family, name, admin] = process.argv.slice(2);
process.chdir('.cache/clients');
const load = createRequire(resolve('package.json'));
const { BehaviorSubject } = load('rxjs');
const { createConnections, inline, SqlConnection } = load('hotline');
const tag = `c${process.pid}`;
const [one, two] = [`${tag}_one`, `${tag}_two`];
const places = {
  postgres: async () => {
    const { Client } = load('pg');
    const sql = async (database, text, values) => {
      const client = new Client({ connectionString: urlOf(database, admin) });
      await client.connect();
      try {
        return (await client.query(text, values)).rows;
      } finally {
        await client.end();
      }
    };
    return {
      open: async () => {
        await sql(undefined, `create role ${tag} login password 'first'`);
        for (const database of [one, two]) {
          await sql(undefined, `create database ${database}`);
          await sql(database, `grant all on schema public to ${tag}; grant create on database ${database} to ${tag}`);
        }
      },
      sql,
      grant: async (schema) => {
        for (const database of [one, two])
          await sql(
            database,
            `grant usage on schema ${schema} to ${tag}; grant all on all tables in schema ${schema} to ${tag};
             grant all on all sequences in schema ${schema} to ${tag}; grant all on all functions in schema ${schema} to ${tag};
             alter role ${tag} superuser`,
          );
      },
      password: (password) => sql(undefined, `alter role ${tag} password '${password}'`),
      sessions: async () => (await sql(undefined, 'select 1 from pg_stat_activity where usename = $1', [tag])).length,
      close: async () => {
        for (const database of [one, two]) await sql(undefined, `drop database if exists ${database} with (force)`);
        await sql(undefined, `drop role if exists ${tag}`);
      },
    };
  },
  mysql: async () => {
    const connection = await load('mysql2/promise').createConnection(admin);
    const sql = async (text) => (await connection.query(text))[0];
    return {
      open: async () => {
        await sql(`create user ${tag}@'%' identified by 'first'`);
        for (const database of [one, two]) {
          await sql(`create database ${database}`);
          await sql(`grant all on ${database}.* to ${tag}@'%'`);
        }
      },
      password: (password) => sql(`set password for ${tag}@'%' = password('${password}')`),
      sessions: async () => (await sql(`select 1 from information_schema.processlist where user = '${tag}'`)).length,
      close: async () => {
        for (const database of [one, two]) await sql(`drop database if exists ${database}`);
        await sql(`drop user if exists ${tag}@'%'`);
        await connection.end();
      },
    };
  },
};

function urlOf(database, base, user) {
  const url = new URL(base);
  if (database) url.pathname = `/${database}`;
  if (user) [url.username, url.password] = user;
  return url.href;
}
const section = (password, database) => ({
  connections: { pets: { type: 'sql', url: urlOf(database, admin, [tag, password]), knex: { pool: { max: 8 } } } },
});

const place = await places[family]();
const outcome = { client: name, calls: 0, failed: 0, misplaced: 0, unpinned: 0, leaked: 0, sessions: 0, worst: 0 };
try {
  await place.open();
  const secrets$ = new BehaviorSubject(section('first', one));
  const hot = createConnections({ sources: [inline(secrets$)], drainTimeout: '5s' });
  const pets = await hot.connection('pets', { type: SqlConnection });
  const pool =
    family === 'postgres'
      ? load('hotline/pg').pgPool(pets, { maxUses: 50 })
      : load('hotline/mysql2').mysqlPool(() => hot.connection('pets', { type: SqlConnection }));
  const prepare = {
    databases: [one, two],
    url: (database) => urlOf(database, admin),
    grant: place.grant,
    sql: place.sql,
  };
  const client = await { postgres, mysql }[family][name]({ pool, load, prepare, handle: pets });

  // Where a call that begins now has to go.
  let target = one;
  hot.events$.subscribe(({ type }) => {
    if (type === 'instance.ready') target = aimed;
  });
  let aimed = one;
  let over = false;
  const failed = (error) => {
    outcome.failed++;
    outcome.firstError ??= `${error?.code ?? ''} ${String(error?.stack ?? error)}`;
  };
  const worker = async (number) => {
    for (let turn = number; !over; turn++) {
      const [begun, expected] = [performance.now(), target];
      try {
        if (turn % 3 === 0) {
          const [db, first, second] = await client.transaction();
          if (first !== second) outcome.unpinned++;
          if (db !== expected && db !== target) outcome.misplaced++;
        } else {
          const db = await client.read();
          if (db !== expected && db !== target) outcome.misplaced++;
        }
        outcome.calls++;
      } catch (error) {
        failed(error);
      }
      outcome.worst = Math.max(outcome.worst, Math.round(performance.now() - begun));
    }
  };
  const work = Promise.all(Array.from({ length: 24 }, (_, number) => worker(number)));
  const change = async (password, database) => {
    aimed = database;
    secrets$.next(section(password, database));
    await sleep(700);
  };
  await sleep(500);
  await place.password('second');
  await sleep(300);
  await change('second', one);
  await change('second', two);
  await change('second', one);
  over = true;
  await work;
  await client.close?.();
  if (client.jobs) outcome.jobs = client.jobs();
  Object.assign(outcome, client.after);
  await sleep(50);
  const { leases, draining, pool: gauge } = pets.stats();
  outcome.leaked = leases + (draining?.reduce((sum, old) => sum + old.leases, 0) ?? 0) + (gauge?.used ?? 0);
  await hot.close({ timeout: 3000 });
  await sleep(100);
  outcome.sessions = await place.sessions();
} catch (error) {
  outcome.failed++;
  outcome.firstError ??= String(error?.stack ?? error);
} finally {
  await place.close();
}
process.stdout.write(`${JSON.stringify(outcome)}\n`);
process.exit();
