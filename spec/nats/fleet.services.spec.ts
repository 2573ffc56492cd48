import { fork, type ChildProcess } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { KV } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { startNats, writer, type NatsServer } from '../support/nats-server.ts';

/** One process of the fleet: says what it opens, and at its end how much it closed. */
const program = `
import { createConnections } from 'hotline';
import { natsKeyValue } from 'hotline/nats';
import { memoryKind } from 'hotline/testing';
const [url, instance] = process.argv.slice(2);
const memory = memoryKind();
const source = natsKeyValue({ bucket: 'fleet', key: 'secrets', connect: { servers: url }, poll: '2s' });
const hot = createConnections({ sources: [source], types: { memory: memory.Kind }, spread: '2s', instance });
hot.connection$('pets', { type: 'memory' }).subscribe();
hot.events$.subscribe(({ type, at }) => {
  if (type === 'instance.ready') process.send({ at, size: memory.opened.at(-1).config.size });
});
process.on('message', async () => {
  await hot.close();
  process.send({ opened: memory.opened.length, open: memory.open.length }, () => process.disconnect());
});
`;

interface Ready {
  readonly at: number;
  readonly size: number;
}

const count = 20;

describe('a fleet of 20 processes on one key', () => {
  const fleet: { child: ChildProcess; ready: Ready[]; end?: { opened: number; open: number } }[] = [];
  let server: NatsServer;
  let nats: NatsConnection;
  let kv: KV;

  beforeAll(async () => {
    server = await startNats();
    ({ nats, kv } = await writer({ servers: server.url }, 'fleet'));
    await put(1);
    const file = resolve('.cache/fleet/process.mjs');
    await mkdir(resolve('.cache/fleet'), { recursive: true });
    await writeFile(file, program);
    for (let n = 0; n < count; n++) {
      const child = fork(file, [server.url, `web-${n}`], { execArgv: [] });
      const one: (typeof fleet)[number] = { child, ready: [] };
      child.on('message', (said: Ready & { opened: number; open: number }) => {
        if ('opened' in said) one.end = said;
        else one.ready.push(said);
      });
      fleet.push(one);
    }
    await all(1);
  }, 120_000);

  afterAll(async () => {
    for (const { child } of fleet) child.kill('SIGKILL');
    await nats.close();
    await server.remove();
  });

  it('hears of a change everywhere, and spreads its new connections over the window', async () => {
    const began = Date.now();
    await put(2);
    await all(2);
    const after = fleet.map(({ ready }) => ready.at(-1)!.at - began).sort((a, b) => a - b);
    console.info('milliseconds from the change to each new connection', after.join(' '));
    const quarters = new Set(after.map((delay) => Math.min(3, Math.floor(delay / 500))));
    expect(quarters.size).toBeGreaterThanOrEqual(3);
    expect(after.at(-1)! - after[0]!).toBeGreaterThan(1000);
  });

  it('loses nothing by a restart of the server in the middle of 1,000 changes, as fast as one in ten milliseconds', async () => {
    const began = Date.now();
    for (let n = 1; n <= 1000; n++) {
      await patiently(() => put(1000 + n));
      if (n === 400) {
        await server.stop();
        await server.start();
        console.info('milliseconds until the server was back', Date.now() - began);
      }
      const ahead = began + n * 10 - Date.now();
      if (ahead > 0) await new Promise((done) => setTimeout(done, ahead));
    }
    console.info('milliseconds for 1,000 changes', Date.now() - began);
    await all(2000);
    for (const { child } of fleet) child.send('close');
    for (let left = 400; fleet.some(({ end }) => !end) && left > 0; left--) await pause();
    const ends = fleet.map(({ end }) => end);
    expect(ends.map((end) => end?.open)).toEqual(fleet.map(() => 0));
    console.info('instances opened, and closed, by each process', ends.map((end) => end?.opened).join(' '));
    for (let left = 100; fleet.some(({ child }) => child.exitCode === null) && left > 0; left--) await pause();
    expect(fleet.map(({ child }) => child.exitCode)).toEqual(fleet.map(() => 0));
  }, 150_000);

  async function put(size: number): Promise<void> {
    await kv.put('secrets', JSON.stringify({ connections: { pets: { size } } }));
  }

  /** Waits until every process serves from this revision. */
  async function all(size: number): Promise<void> {
    for (let left = 600; left > 0; left--) {
      if (fleet.every(({ ready }) => ready.at(-1)?.size === size)) return;
      await pause();
    }
    expect(fleet.map(({ ready }) => ready.at(-1)?.size)).toEqual(fleet.map(() => size));
  }
});

const pause = () => new Promise((resolve) => setTimeout(resolve, 50));

/** A server that has just started does not answer for its streams yet. */
async function patiently(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 10) throw error;
      await pause();
    }
  }
}
