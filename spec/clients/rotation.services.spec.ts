import { execFile } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startPostgres, type Postgres } from '../support/postgres.ts';

const run = promisify(execFile);
const mariadb = process.env['HOTLINE_TEST_MARIADB_URL'] ?? 'mysql://root@127.0.0.1:3306/test';
const named = async (family: string): Promise<string[]> => {
  const address = pathToFileURL(resolve(`spec/clients/${family}.js`)).href;
  const print = `import(${JSON.stringify(address)}).then((all) => console.log(JSON.stringify(Object.keys(all.${family}))))`;
  return JSON.parse((await run(process.execPath, ['-e', print])).stdout) as string[];
};
const clients = { postgres: await named('postgres'), mysql: await named('mysql') };

interface Outcome {
  readonly calls: number;
  readonly jobs?: number;
  /** Whether a client that listens still hears after it all. */
  readonly listening?: boolean;
  readonly firstError?: string;
}

/** One client through it all, in a process of its own. */
async function rotate(family: string, client: string, admin: string): Promise<Outcome> {
  const { stdout } = await run(process.execPath, ['spec/clients/run.js', family, client, admin], { timeout: 50_000 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Outcome;
}

/** Nothing fails, nothing goes to the old database after the swap, transactions stay on one session, nothing is left. */
const unharmed = { failed: 0, misplaced: 0, unpinned: 0, leaked: 0, sessions: 0 };

beforeAll(async () => {
  await run(process.execPath, ['-e', `import('./spec/clients/install.js').then(({ install }) => install())`]);
}, 300_000);

describe('a rotation under load on PostgreSQL: password altered, secret changed, database moved, moved back', () => {
  let server: Postgres;
  beforeAll(async () => {
    server = await startPostgres({ settings: { max_connections: 200 } });
  }, 60_000);
  afterAll(() => server?.close());

  it.each(clients.postgres)('%s', async (client) => {
    const outcome = await rotate('postgres', client, server.url());
    expect(outcome.firstError).toBeUndefined();
    expect(outcome).toMatchObject(unharmed);
    expect(outcome.calls).toBeGreaterThan(100);
    expect(outcome.jobs ?? Infinity).toBeGreaterThan(100);
    expect(outcome.listening ?? true).toBe(true);
  });
});

describe('a rotation under load on MariaDB: password altered, secret changed, database moved, moved back', () => {
  it.each(clients.mysql)('%s', async (client) => {
    const outcome = await rotate('mysql', client, mariadb);
    expect(outcome.firstError).toBeUndefined();
    expect(outcome).toMatchObject(unharmed);
    expect(outcome.calls).toBeGreaterThan(100);
  });
});
