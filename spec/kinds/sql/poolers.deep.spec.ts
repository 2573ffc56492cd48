import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createConnections, SqlConnection, type ConnectionRegistry } from '../../../src/index.ts';
import { startPostgres, type Postgres } from '../../support/postgres.ts';

/** A server in front of PostgreSQL that answers as a pooler does: it announces a number of its own, and loses notifications if told so. */
async function startPooler(to: number, deaf: { now: boolean }): Promise<Server> {
  const server = createServer((client: Socket) => {
    const upstream = connect(to, '127.0.0.1');
    let held = Buffer.alloc(0);
    client.pipe(upstream);
    upstream.on('data', (chunk: Buffer) => {
      held = Buffer.concat([held, chunk]);
      while (held.length >= 5 && held.length > held.readUInt32BE(1)) {
        const message = held.subarray(0, held.readUInt32BE(1) + 1);
        held = held.subarray(message.length);
        const kind = String.fromCharCode(message[0]!);
        if (kind === 'K') message.writeUInt32BE(message.readUInt32BE(5) ^ 0x40000000, 5);
        if (kind !== 'A' || !deaf.now) client.write(message);
      }
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const)
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

describe('behind a pooler', () => {
  const deaf = { now: false };
  let server: Postgres;
  let pooler: Server;
  let hot: ConnectionRegistry;
  let pooled: SqlConnection;
  let direct: SqlConnection;
  beforeAll(async () => {
    server = await startPostgres();
    pooler = await startPooler(server.port, deaf);
    hot = createConnections({ sources: [] });
    const url = server.url().replace(`:${server.port}/`, `:${(pooler.address() as AddressInfo).port}/`);
    pooled = await hot.connection('pooled', { type: SqlConnection, url });
    direct = await hot.connection('direct', { type: SqlConnection, url: server.url() });
  }, 60_000);
  afterAll(async () => {
    await hot?.close();
    pooler?.close();
    await server?.close();
  });

  it('a connection says so, and one without does not', () => {
    expect(pooled.stats().pool).toMatchObject({ pooler: true });
    expect(pooled.describe()).toMatchObject({ name: 'pooled', pooler: true });
    expect(direct.stats().pool).not.toHaveProperty('pooler');
    expect(direct.describe()).not.toHaveProperty('pooler');
  });

  it('a channel that carries notifications is listened to', async () => {
    deaf.now = false;
    const seen: unknown[] = [];
    const listening = pooled
      .live$('select 1 as one', { refresh: { channel: 'pets' } })
      .subscribe((rows) => seen.push(rows));
    for (let turn = 0; seen.length === 0 && turn < 100; turn++) await new Promise((resolve) => setTimeout(resolve, 20));
    listening.unsubscribe();
    expect(seen).toEqual([[{ one: 1 }]]);
  });

  it('live$ on a channel that carries none ends with what to do', async () => {
    deaf.now = true;
    const failed = new Promise((resolve) =>
      pooled.live$('select 1', { refresh: { channel: 'pets' } }).subscribe({ error: resolve }),
    );
    expect(await failed).toMatchObject({
      code: 'not_supported',
      connection: 'pooled',
      message: expect.stringMatching(/"pets" cannot be heard.*transaction mode.*session mode/),
    });
  }, 15_000);
});
