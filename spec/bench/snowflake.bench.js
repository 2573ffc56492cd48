// A million rows in chunks from a Snowflake in another process: ours over the driver's own streamRows, and what it costs
// the rest of the program. The server is local, its database is DuckDB; a real account has other figures.
import { createConnections, inline } from 'hotline';
import { forkSnowflakeServer } from '../support/snowflake-server/fork.js';
import { cpuGuard } from './support/event-loop.js';

const rows = 1_000_000;
const sql = `select seq4() as id, 'name ' || seq4() as name, seq4() * 1.5 as price, seq4() % 2 = 0 as even from table(generator(rowcount => ${rows}))`;

const ours = 'hotline batches';
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

  global.gc();
  const before = process.memoryUsage.rss();
  const loop = cpuGuard(10);
  let peak = 0;
  let read = 0;
  for await (const batch of wh.batches(sql)) {
    read += batch.length;
    peak = Math.max(peak, process.memoryUsage.rss());
  }
  const { ticks, longest, elapsed } = loop.stop();
  const growth = (peak - before) / 2 ** 20;
  lab.table('One pass of hotline in a fresh process', [
    {
      rows: read,
      seconds: (elapsed / 1000).toFixed(1),
      'RSS growth MB': Math.round(growth),
      'longest pause ms': Math.round(longest),
      'ticks of 10 ms': ticks,
    },
  ]);
  lab.holds('every row was read', read === rows);
  lab.atMost('RSS growth while a million rows are read', growth, 150, 'MB');
  lab.atMost('longest pause of a 10 ms interval', longest, 250, 'ms');
  lab.holds('the interval keeps ticking: at least one tick in each 50 ms', ticks >= elapsed / 50);

  const times = await lab.compare({
    title: `${rows} rows of four columns, 100 chunks`,
    unit: 'ms',
    rounds: 3,
    warmup: 0,
    baseline: theirs,
    variants: {
      [ours]: () => timed(() => count(wh.stream(sql))),
      'hotline batches of 1000': () => timed(() => countBatches(wh.batches(sql))),
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
