// A million rows in chunks from a Snowflake in another process: ours over the driver's own streamRows, and what it costs
// the rest of the program. The server is local, its database is DuckDB; a real account has other figures.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createConnections, inline } from 'hotline';
import { forkSnowflakeServer } from '../support/snowflake-server/fork.js';
import { driverRows } from './support/snowflake-driver.js';

export const about = {
  question:
    'What does reading a million rows cost beside the driver alone? The server is local, its database is DuckDB; a real account has other figures.',
  peers: ['snowflake-sdk', '@duckdb/node-api'],
};

const rows = 1_000_000;
const collectEvery = 50_000;
const sql = `select seq4() as id, 'name ' || seq4() as name, seq4() * 1.5 as price, seq4() % 2 = 0 as even from table(generator(rowcount => ${rows}))`;

const ours = 'hotline stream';
const inBatches = 'hotline batches';
const theirs = "the driver's streamRows";

export default async function (lab) {
  const server = await forkSnowflakeServer({ chunkRows: 10_000 });
  const settings = { account: 'local', accessUrl: server.accessUrl, username: 'dev', password: 'dev' };
  const hot = createConnections({ sources: [inline({ connections: { wh: { type: 'snowflake', ...settings } } })] });
  const wh = await hot.connection('wh');
  const plain = await driverRows(settings);

  // V8 lets garbage lie where there is room: the driver parses each chunk at once, and V8 puts what it parses from more
  // than 100,000 characters among the old objects, which it collects when the heap has grown to some times what is
  // held. So three measures: the raw peak beside the driver's own, what is held, and the peak in a heap with little room.
  const passes = [
    { reader: 'hotline', heap: "Node's own", ...(await readInChild(server.accessUrl, 'hotline')) },
    { reader: 'driver', heap: "Node's own", ...(await readInChild(server.accessUrl, 'driver')) },
    { reader: 'hotline', heap: '128 MB', ...(await readInChild(server.accessUrl, 'hotline', { heap: 128 })) },
    { reader: 'driver', heap: '128 MB', ...(await readInChild(server.accessUrl, 'driver', { heap: 128 })) },
    { reader: 'hotline', heap: 'collected', ...(await readInChild(server.accessUrl, 'hotline', { collectEvery })) },
    { reader: 'driver', heap: 'collected', ...(await readInChild(server.accessUrl, 'driver', { collectEvery })) },
  ];
  lab.table('One pass in a fresh process', passes.map(shown));
  const [free, alone, tight, , collected] = passes;
  lab.holds(
    'every row was read',
    passes.every((pass) => pass.rows === rows),
  );
  lab.atMost(
    `memory held while a million rows are read (a collection each ${collectEvery} rows)`,
    collected.held,
    50,
    'MB',
  );
  lab.atMost('RSS growth while a million rows are read, with a heap of 128 MB', tight.growth, 150, 'MB');
  lab.atMost("RSS growth with Node's own heap, over the driver's", free.growth / alone.growth, 1.25, '×');
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
      [theirs]: () => timed(async () => count(await plain.stream(sql))),
    },
  });
  lab.atMost("time of hotline stream over the driver's streamRows", times.ratio(ours, theirs), 1 / 0.9, '×');

  const chunksBefore = (await server.call('counters')).chunks;
  for await (const batch of wh.batches(sql)) if (batch.length > 0) break;
  await new Promise((resolve) => setTimeout(resolve, 500));
  const fetched = (await server.call('counters')).chunks - chunksBefore;
  lab.atMost('chunks fetched when a stream is left after its first batch, of 99', fetched, 8);

  await plain.close();
  await hot.close();
  lab.atMost('sessions left open', (await server.call('counters')).sessionsOpen, 0);
  await server.close();
}

async function readInChild(accessUrl, which, { heap, collectEvery: every = Infinity } = {}) {
  const reader = fileURLToPath(new URL('./support/snowflake-reader.js', import.meta.url));
  const flags = ['--expose-gc', ...(heap ? [`--max-old-space-size=${heap}`] : [])];
  const given = [...flags, reader, accessUrl, sql, which, String(every)];
  const { stdout } = await promisify(execFile)(process.execPath, given);
  return JSON.parse(stdout);
}

function shown({ reader, heap, elapsed, ticks, longest, growth, held }) {
  const seconds = (elapsed / 1000).toFixed(1);
  const memory = { 'RSS growth MB': Math.round(growth), 'held MB': heap === 'collected' ? Math.round(held) : '' };
  return { reader, heap, seconds, ...memory, ticks, 'longest pause ms': Math.round(longest) };
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
