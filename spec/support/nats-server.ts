import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect as connectSocket, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kvm, type KV } from '@nats-io/kv';
import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';

/** A NATS server of the spec's own, with JetStream, that can be stopped and started. */
export interface NatsServer {
  readonly port: number;
  readonly url: string;
  /** Starts it on the store that it had, or on an empty one; `token` is what clients must know from now on. */
  start(options?: { token?: string | undefined; empty?: boolean }): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Stops it and takes its store away. */
  remove(): Promise<void>;
}

/** The server of the machine, which the specs share. */
export const sharedNats = process.env['HOTLINE_TEST_NATS_URL'] ?? 'nats://127.0.0.1:4222';

/** A server that nobody else uses. Fails when there is no nats-server to be started. */
export async function startNats(options: { token?: string } = {}): Promise<NatsServer> {
  const port = await freePort();
  const root = await mkdtemp(join(tmpdir(), 'hotline-nats-'));
  let child: ChildProcess | undefined;
  let store = 0;
  const server: NatsServer = {
    port,
    url: `nats://127.0.0.1:${port}`,
    async start({ token, empty = false } = {}) {
      if (empty) store += 1;
      const auth = token === undefined ? [] : ['--auth', token];
      const args = ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', join(root, String(store)), ...auth];
      const path = `${process.env['PATH']}:/usr/sbin:/usr/local/sbin`;
      const started = spawn('nats-server', args, { stdio: 'ignore', env: { ...process.env, PATH: path } });
      child = started;
      await Promise.race([
        listening(port),
        new Promise((_, reject) => started.once('error', (cause) => reject(new Error('no nats-server', { cause })))),
      ]);
    },
    async stop(signal = 'SIGTERM') {
      const running = child;
      child = undefined;
      if (!running || running.exitCode !== null) return;
      const ended = new Promise((resolve) => running.once('exit', resolve));
      running.kill(signal);
      await ended;
    },
    async remove() {
      await server.stop('SIGKILL');
      await rm(root, { recursive: true, force: true });
    },
  };
  await server.start(options);
  return server;
}

/** A writer with a bucket, made when it is not there. */
export async function writer(
  connection: NodeConnectionOptions,
  bucket: string,
): Promise<{ nats: NatsConnection; kvm: Kvm; kv: KV }> {
  const nats = await connect({ ...connection, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
  const kvm = new Kvm(nats);
  return { nats, kvm, kv: await kvm.create(bucket) };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connectSocket(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on port ${port}`);
}
