import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createConnection, type Connection } from 'mysql2/promise';
import { freePort } from './postgres.ts';

export interface Mariadb {
  readonly port: number;
  /** A connection of its administrator. */
  readonly admin: Connection;
  close(): Promise<void>;
}

/** A MariaDB server of its own on loopback, for what would disturb the others: its administrator has no password. */
export async function startMariadb(): Promise<Mariadb> {
  const home = await mkdtemp(join(tmpdir(), 'hotline-mariadb-'));
  const port = await freePort();
  const user = process.getuid?.() === 0 ? ['--user=root'] : [];
  const data = ['--no-defaults', `--datadir=${join(home, 'data')}`, ...user];
  await promisify(execFile)('mariadb-install-db', [...data, '--auth-root-authentication-method=normal']);
  const place = [`--port=${port}`, '--bind-address=127.0.0.1', `--socket=${join(home, 'socket')}`];
  const server = spawn('mariadbd', [...data, ...place], { stdio: 'ignore' });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const reap = (): unknown => server.kill('SIGKILL');
  process.once('exit', reap);
  const connect = async (): Promise<Connection> => {
    for (;;) {
      try {
        return await createConnection({ host: '127.0.0.1', port, user: 'root' });
      } catch (error) {
        if (server.exitCode !== null) throw error;
        await sleep(50);
      }
    }
  };
  const admin = await connect();
  return {
    port,
    admin,
    async close() {
      admin.destroy();
      server.kill('SIGKILL');
      await ended;
      process.off('exit', reap);
      await rm(home, { recursive: true, force: true });
    },
  };
}
