import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startNats, writer, type NatsServer } from '../support/nats-server.ts';
import { startPostgres, type Postgres } from '../support/postgres.ts';

interface Member {
  readonly child: ChildProcess;
  /** What it said, in order. */
  readonly said: { user?: string; failed?: string }[];
  readonly ended: Promise<number | null>;
}

const count = 6;

describe(`a fleet of ${count} processes that starts from a copy on disk while NATS is away`, () => {
  const key = randomBytes(32).toString('base64');
  let fleet: Member[] = [];
  let nats: NatsServer;
  let postgres: Postgres;
  let folder: string;

  beforeAll(async () => {
    [nats, postgres] = await Promise.all([startNats(), startPostgres()]);
    folder = await mkdtemp(join(tmpdir(), 'hotline-copies-'));
    for (const user of ['old', 'new'])
      await postgres.sql(`create role ${user} login password 'planted-secret-${user}'`);
    await put('old');
  }, 120_000);
  afterEach(async () => {
    for (const { child } of fleet) if (child.connected) child.send('close');
    await Promise.all(fleet.map(({ ended }) => ended));
    fleet = [];
  });
  afterAll(async () => {
    await nats?.remove();
    await postgres?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const put = async (user: string): Promise<void> => {
    const { nats: connection, kv } = await writer({ servers: nats.url }, 'fleet');
    const url = postgres.url({ user, password: `planted-secret-${user}` });
    await kv.put('secrets', JSON.stringify({ connections: { pets: { type: 'sql', url } } }));
    await connection.close();
  };
  const copyOf = (n: number): string => join(folder, `${n}.copy`);
  const start = (withCopy: boolean): void => {
    fleet = Array.from({ length: count }, (_, n) => {
      const env = { ...process.env, NODE_OPTIONS: '', HOTLINE_COPY_KEY: key };
      const copy = withCopy ? [copyOf(n)] : [];
      const child = fork('spec/nats/start-without.js', [nats.url, ...copy], { execArgv: [], env });
      const said: Member['said'] = [];
      child.on('message', (message) => said.push(message as object));
      return { child, said, ended: new Promise((done) => child.once('exit', done)) };
    });
  };
  const last = () => fleet.map(({ said }) => said.at(-1));
  const all = async (message: object): Promise<void> => {
    const met = (): boolean => last().every((one) => JSON.stringify(one) === JSON.stringify(message));
    for (const end = Date.now() + 40_000; !met() && Date.now() < end;)
      await new Promise((done) => setTimeout(done, 20));
    expect(last()).toEqual(fleet.map(() => message));
  };

  it('serves by what NATS said last, and moves on when it is back', async () => {
    start(true);
    await all({ user: 'old' });
    const copies = await Promise.all(fleet.map((_, n) => readFile(copyOf(n), 'latin1')));
    expect(copies.join('')).not.toContain('planted');
    for (const { child } of fleet) child.kill('SIGKILL');
    await Promise.all(fleet.map(({ ended }) => ended));

    await nats.stop('SIGKILL');
    start(true);
    await all({ user: 'old' });
    await nats.start();
    await put('new');
    await all({ user: 'new' });
    expect(fleet.map(({ said }) => said.map(({ user }) => user))).toEqual(fleet.map(() => ['old', 'new']));
  }, 120_000);

  it('does not start without a copy', async () => {
    await nats.stop('SIGKILL');
    start(false);
    await all({ failed: 'source_unreadable' });
  }, 120_000);
});
