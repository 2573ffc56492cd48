import { fork, type ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { KV } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { spreadOffset } from '../../src/registry/registry.ts';
import { startNats, writer, type NatsServer } from '../support/nats-server.ts';

/** What a process says of each instance that it opens. */
interface Ready {
  readonly id: string;
  /** Milliseconds from when it heard of the change. */
  readonly waited: number;
  readonly size: number;
  /** Of the key, as the origin of the value says it. */
  readonly revision: number;
}

interface End {
  readonly opened: number;
  readonly closed: number;
  readonly uses: number;
  readonly failed: number;
  /** Milliseconds of processor. */
  readonly cpu: number;
}

interface Member {
  readonly name: string;
  readonly child: ChildProcess;
  ready: Ready | undefined;
  end: End | undefined;
}

const count = 20;
const spread = 2000;

describe(`a fleet of ${count} processes on one key, each under load`, () => {
  const fleet: Member[] = [];
  let server: NatsServer;
  const writers: { nats: NatsConnection; kv: KV }[] = [];

  beforeAll(async () => {
    server = await startNats();
    for (let n = 0; n < 2; n++) writers.push(await writer({ servers: server.url }, 'fleet'));
    await put(1);
    for (let n = 0; n < count; n++) join(`web-${n}`);
    await all(1);
  }, 120_000);

  afterAll(async () => {
    for (const { child } of fleet) child.kill('SIGKILL');
    for (const { nats } of writers) await nats.close();
    await server.remove();
  });

  it('hears of a change everywhere, and spreads its new connections over the window, each at its own place', async () => {
    await put(2);
    await all(2);
    const late = fleet.map(({ name, ready }) => ready!.waited - spreadOffset(name, ready!.id) * spread);
    const waited = fleet.map(({ ready }) => ready!.waited).sort((a, b) => a - b);
    console.info(
      'milliseconds until each new connection',
      waited.join(' '),
      'latest after its turn',
      Math.max(...late),
    );
    // A timer may be a millisecond early by the clock of the day, and as late as the machine is busy.
    expect(Math.min(...late)).toBeGreaterThan(-2);
    expect(Math.max(...late)).toBeLessThan(spread / 4);
    const quarters = waited.map((wait) => Math.min(3, Math.floor((wait / spread) * 4)));
    expect(new Set(quarters).size).toBe(4);
  });

  it('ends on the last of 1,000 changes by two writers in ten seconds', async () => {
    const took = await change(1000, 10_000, 1000);
    console.info('milliseconds for 1,000 changes', took);
    expect(took).toBeLessThan(12_000);
    await all(2000);
  }, 60_000);

  it('loses nothing by a restart of the server in the midst of changes, nor by processes that are killed and started', async () => {
    const changes = change(500, 10_000, 3000);
    await pause(3000);
    const killed = fleet.splice(0, 5);
    for (const { child } of killed) child.kill('SIGKILL');
    await server.stop('SIGKILL');
    await pause(1000);
    await server.start();
    for (const { name } of killed) join(name);
    await changes;
    await all(3500);
  }, 120_000);

  it('has closed what it opened, lost no call, and ends', async () => {
    for (const { child } of fleet) child.send('close');
    await until(() => fleet.every(({ child, end }) => end && child.exitCode !== null));
    const ends = fleet.map(({ end }) => end!);
    console.info('opened by each process', ends.map(({ opened }) => opened).join(' '));
    const total = (of: (end: End) => number): number => ends.reduce((sum, end) => sum + of(end), 0);
    console.info(
      'calls',
      total(({ uses }) => uses),
      'milliseconds of processor',
      total(({ cpu }) => cpu) / count,
    );
    expect(ends.map(({ closed }) => closed)).toEqual(ends.map(({ opened }) => opened));
    expect(ends.map(({ failed }) => failed)).toEqual(ends.map(() => 0));
    expect(fleet.map(({ child }) => child.exitCode)).toEqual(fleet.map(() => 0));
  }, 60_000);

  function join(name: string): void {
    const child = fork('spec/nats/fleet-process.js', [server.url, name, `${spread}ms`], { execArgv: [] });
    const member: Member = { name, child, ready: undefined, end: undefined };
    child.on('message', (said: Ready | End) => {
      if ('opened' in said) member.end = said;
      else member.ready = said;
    });
    fleet.push(member);
  }

  function put(size: number): Promise<number> {
    const { kv } = writers[size % writers.length]!;
    return kv.put('secrets', JSON.stringify({ connections: { pets: { size } } }));
  }

  /** So many changes, evenly over a time; the last one is `from` and their number. Resolves with how long it took. */
  async function change(times: number, over: number, from: number): Promise<number> {
    const began = Date.now();
    const written: Promise<void>[] = [];
    for (let n = 1; n < times; n++) {
      written.push(patiently(() => put(from + n)));
      const ahead = began + (n * over) / times - Date.now();
      if (ahead > 0) await pause(ahead);
    }
    await Promise.all(written);
    await patiently(() => put(from + times));
    return Date.now() - began;
  }

  /** Waits until every process serves from this value, and says that it is of the last revision there is. */
  async function all(size: number): Promise<void> {
    await until(() => fleet.every(({ ready }) => ready?.size === size));
    const { revision } = (await writers[0]!.kv.get('secrets'))!;
    expect(fleet.map(({ ready }) => [ready?.size, ready?.revision])).toEqual(fleet.map(() => [size, revision]));
  }
});

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Gives up after half a minute; what is expected says what was wrong. */
async function until(met: () => boolean): Promise<void> {
  for (const end = Date.now() + 30_000; !met() && Date.now() < end;) await pause(20);
}

/** A server that is away, or has just started, does not answer for its streams. */
async function patiently(work: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return void (await work());
    } catch (error) {
      if (attempt === 50) throw error;
      await pause(100);
    }
  }
}
