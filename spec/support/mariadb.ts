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
  /** Counts the logins of a user that the server has refused, as its log says. */
  refused(user: string): number;
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
  // Without names, the anonymous user of `localhost` comes before nobody.
  const loud = ['--log-warnings=2', '--skip-name-resolve'];
  const server = spawn('mariadbd', [...data, ...place, ...loud], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
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
    refused: (user) => log.split(`Access denied for user '${user}'@`).length - 1,
    async close() {
      admin.destroy();
      server.kill('SIGKILL');
      await ended;
      process.off('exit', reap);
      await rm(home, { recursive: true, force: true });
    },
  };
}
