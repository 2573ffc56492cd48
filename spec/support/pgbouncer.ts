import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './postgres.ts';

/** The user `nobody`: PgBouncer refuses to run as root. */
const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

export interface PgBouncer {
  readonly port: number;
  close(): Promise<void>;
}

export interface PgBouncerOptions {
  readonly mode: 'transaction' | 'session';
  /** The port of the server behind it. */
  readonly to: number;
  /** Who may log in, with the password for both sides. */
  readonly users: Readonly<Record<string, string>>;
  /** The sessions of the server for each pair of user and database. */
  readonly size?: number;
}

/** A real PgBouncer of its own on loopback, in front of a server on loopback. */
export async function startPgBouncer({ mode, to, users, size = 5 }: PgBouncerOptions): Promise<PgBouncer> {
  const program = process.env['HOTLINE_TEST_PGBOUNCER'] ?? '/usr/sbin/pgbouncer';
  if (!existsSync(program))
    throw new Error(`PgBouncer is not at ${program}: apt-get install pgbouncer, or set HOTLINE_TEST_PGBOUNCER.`);
  const home = await mkdtemp(join(tmpdir(), 'hotline-pgbouncer-'));
  const port = await freePort();
  const list = join(home, 'users.txt');
  await writeFile(
    list,
    Object.entries(users)
      .map(([user, password]) => `"${user}" "${password}"\n`)
      .join(''),
  );
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'scram-sha-256',
    auth_file: list,
    pool_mode: mode,
    default_pool_size: size,
    max_client_conn: 200,
  };
  const text = Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');
  const file = join(home, 'pgbouncer.ini');
  await writeFile(file, `[databases]\n* = host=127.0.0.1 port=${to}\n\n[pgbouncer]\n${text}`);
  await chmod(home, 0o755);
  if (nobody.uid !== undefined) for (const path of [home, list, file]) await chown(path, nobody.uid, nobody.gid);

  const server = spawn(program, [file], { cwd: home, ...nobody });
  const ended = new Promise((resolve) => server.once('close', resolve));
  const reap = (): unknown => server.kill('SIGKILL');
  process.once('exit', reap);
  let said = '';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`pgbouncer ended with ${code}: ${said}`)));
    server.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
      if (said.includes('process up')) resolve();
    });
  });
  return {
    port,
    async close() {
      server.kill('SIGKILL');
      await ended;
      process.off('exit', reap);
      await rm(home, { recursive: true, force: true });
    },
  };
}
