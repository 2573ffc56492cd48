import { spawn, type ChildProcess } from 'node:child_process';
import { connect, createServer, type AddressInfo } from 'node:net';

/** A Redis server of the spec's own, without a disk, that can be stopped, held and started. */
export interface RedisServer {
  readonly url: string;
  start(): Promise<void>;
  /** SIGSTOP makes it a server that accepts and never answers. */
  signal(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

/** The server of the machine, which the specs share. */
export const sharedRedis = process.env['HOTLINE_TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379';

/** Fails when there is no redis-server to be started. */
export async function startRedis(): Promise<RedisServer> {
  const port = await freePort();
  let child: ChildProcess | undefined;
  const server: RedisServer = {
    url: `redis://127.0.0.1:${port}`,
    async start() {
      const args = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'];
      const started = (child = spawn('redis-server', args, { stdio: 'ignore' }));
      const refused = new Promise<never>((_, reject) =>
        started.once('error', (cause) => reject(new Error('no redis-server', { cause }))),
      );
      await Promise.race([listening(port), refused]);
    },
    signal: (signal) => void child?.kill(signal),
    async stop() {
      const running = child;
      child = undefined;
      if (!running || running.exitCode !== null) return;
      const ended = new Promise((resolve) => running.once('exit', resolve));
      running.kill('SIGKILL');
      await ended;
    },
  };
  await server.start();
  return server;
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
      const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on port ${port}`);
}
