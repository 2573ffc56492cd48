// A million rows in chunks from a Snowflake in another process: ours over the driver's own streamRows, and what it costs
// the rest of the program. The server is local, its database is DuckDB; a real account has other figures.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createConnections, inline } from 'hotline';
import { forkSnowflakeServer } from '../support/snowflake-server/fork.js';

export const about = {
  question:
    'What does reading a million rows cost beside the driver alone? The server is local, its database is DuckDB; a real account has other figures.',
  peers: ['snowflake-sdk', '@duckdb/node-api'],
};

const rows = 1_000_000;
const sql = `select seq4() as id, 'name ' || seq4() as name, seq4() * 1.5 as price, seq4() % 2 = 0 as even from table(generator(rowcount => ${rows}))`;

const ours = 'hotline stream';
const inBatches = 'hotline batches';
const theirs = "the driver's streamRows";

export default async function (lab) {
  const server = await forkSnowflakeServer({ chunkRows: 10_000 });
  const settings = { account: 'local', accessUrl: server.accessUrl, username: 'dev', password: 'dev' };
  const hot = createConnections({ sources: [inline({ connections: { wh: { type: 'snowflake', ...settings } } })] });
  const wh = await hot.connection('wh');
  // The same driver, as hotline has tamed it.
  const { default: driver } = await import('snowflake-sdk');
  const plain = driver.createConnection(settings);
  await new Promise((resolve, reject) => plain.connect((error) => (error ? reject(error) : resolve())));

  // A collector with room to spare lets garbage lie; in a small heap only what is held counts.
  const free = await readInChild(server.accessUrl, []);
  const tight = await readInChild(server.accessUrl, ['--max-old-space-size=128']);
  lab.table('One pass of hotline in a fresh process', [
    { heap: "Node's own", ...shown(free) },
    { heap: '128 MB', ...shown(tight) },
  ]);
  lab.holds('every row was read', free.rows === rows && tight.rows === rows);
  lab.atMost('RSS growth while a million rows are read, with a heap of 128 MB', tight.growth, 150, 'MB');
  lab.atMost('milliseconds for each tick of a 10 ms interval, on average', free.elapsed / free.ticks, 50, 'ms');

  const times = await lab.compare({
    title: `${rows} rows of four columns, 100 chunks`,
    unit: 'ms',
    rounds: 5,
    warmup: 0,
    baseline: theirs,
    variants: {
      [ours]: () => timed(() => count(wh.stream(sql))),
      [inBatches]: () => timed(() => countBatches(wh.batches(sql))),
      [theirs]: () => timed(() => countDriver(plain)),
    },
  });
  lab.atMost("time of hotline stream over the driver's streamRows", times.ratio(ours, theirs), 1 / 0.9, '×');

  const chunksBefore = (await server.call('counters')).chunks;
  for await (const batch of wh.batches(sql)) if (batch.length > 0) break;
  await new Promise((resolve) => setTimeout(resolve, 500));
  const fetched = (await server.call('counters')).chunks - chunksBefore;
  lab.atMost('chunks fetched when a stream is left after its first batch, of 99', fetched, 8);

  await new Promise((resolve) => plain.destroy(resolve));
  await hot.close();
  lab.atMost('sessions left open', (await server.call('counters')).sessionsOpen, 0);
  await server.close();
}

async function readInChild(accessUrl, flags) {
  const reader = fileURLToPath(new URL('./support/snowflake-reader.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', ...flags, reader, accessUrl, sql]);
  return JSON.parse(stdout);
}

function shown({ rows, elapsed, ticks, longest, growth }) {
  const seconds = (elapsed / 1000).toFixed(1);
  return { rows, seconds, 'RSS growth MB': Math.round(growth), ticks, 'longest pause ms': Math.round(longest) };
}

async function timed(work) {
  global.gc();
  const began = performance.now();
  const read = await work();
  if (read !== rows) throw new Error(`${read} rows were read.`);
  return performance.now() - began;
}

async function count(stream) {
  let read = 0;
  for await (const row of stream) if (row.ID !== undefined) read++;
  return read;
}

async function countBatches(batches) {
  let read = 0;
  for await (const batch of batches) read += batch.length;
  return read;
}

function countDriver(connection) {
  return new Promise((resolve, reject) => {
    connection.execute({
      sqlText: sql,
      streamResult: true,
      complete: async (error, statement) => {
        if (error) return reject(error);
        try {
          resolve(await count(statement.streamRows()));
        } catch (failed) {
          reject(failed);
        }
      },
    });
  });
}
