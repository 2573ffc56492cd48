import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnections, inline, SqlConnection, type ConnectionRegistry } from 'hotline';
// @ts-expect-error -- an example is plain JavaScript
import { sendRows as untyped } from '../../docs/examples/pipelines/http.js';
import { startPostgres, type Postgres } from '../support/postgres.ts';

const sendRows = untyped as (db: SqlConnection, sql: string, response: object) => Promise<void>;

const total = 200_000;
/** Each row is 1 kB, and says on the server that it was fetched. */
const rows = `select nextval('fetched')::int as id, repeat('x', 1000) as text from generate_series(1, ${total})`;

let postgres: Postgres;
let hot: ConnectionRegistry;
let db: SqlConnection;
beforeAll(async () => {
  postgres = await startPostgres();
  hot = createConnections({ sources: [inline({ connections: { pets: { url: postgres.url() } } })] });
  db = await hot.connection('pets', { type: SqlConnection });
}, 60_000);
afterAll(async () => {
  await hot?.close();
  await postgres?.close();
});

async function fetched(): Promise<number> {
  const [row] = await postgres.sql<{ rows: number }>('select last_value::int as rows from fetched');
  return row!.rows;
}

/** How many rows the server was asked for, once it is asked for no more. */
async function settled(): Promise<number> {
  for (let last = -1; ;) {
    const now = await fetched();
    if (now === last) return now;
    last = now;
    await wait(250);
  }
}

describe('docs/examples/pipelines/http.js', () => {
  it('fetches no more rows than a slow client takes, but for the buffers of the connection', async () => {
    await postgres.sql('create sequence fetched');
    let ended!: Promise<void>;
    const server = createServer((_request, response) => void (ended = sendRows(db, rows, response)));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    const response = await new Promise<IncomingMessage>((done) => get(url, { agent: false }, done));
    const chunks = response[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const ahead: number[] = [];
    let read = 0;
    for (const upTo of [0, 20e6, 60e6]) {
      while (read < upTo) read += (await chunks.next()).value.length as number;
      ahead.push((await settled()) - Math.floor(read / 1020));
    }
    // Buffers of the system and of Node, and a batch on either side; all together are 200 MB.
    for (const rowsAhead of ahead) expect(rowsAhead).toBeLessThan(48_000);
    response.destroy();
    await ended;
    server.close();
    expect(await settled()).toBeLessThan(60_000 + 48_000);
    expect(db.stats().pool?.used).toBe(0);
  });
});

it('a library of AsyncIterables reads at its own pace, and ends the query where it leaves', async () => {
  await postgres.sql('create sequence if not exists fetched');
  await postgres.sql('alter sequence fetched restart');
  const sums = await Readable.from(db.batches<{ id: number }>(rows, { batchSize: 100 }), { highWaterMark: 1 })
    .map((batch: { id: number }[]) => batch.reduce((sum, { id }) => sum + id, 0), { concurrency: 2 })
    .take(4)
    .toArray();
  expect(sums).toEqual([5050, 15_050, 25_050, 35_050]);
  expect(await settled()).toBeLessThan(1500);
  expect(db.stats().pool?.used).toBe(0);
});
