import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import { startPostgres, type Postgres } from '../support/postgres.ts';

const run = promisify(execFile);
const mariadb = process.env['HOTLINE_TEST_MARIADB_URL'] ?? 'mysql://root@127.0.0.1:3306/test';

/** What `print` evaluates to in a process of its own: modules of JavaScript are not for Jest. */
async function told<Value>(print: string): Promise<Value> {
  const { stdout } = await run(process.execPath, ['-e', `import('./spec/runtimes/install.js').then(${print})`]);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Value;
}

const commands = await told<Record<string, string[]>>('({ commands }) => console.log(JSON.stringify(commands))');

const rotated = { failed: 0, places: 2, calls: expect.any(Number) };
const parts = {
  'rotation on PostgreSQL': { ...rotated, now: 'postgres' },
  'rotation on MySQL': { ...rotated, now: 'hotline_first' },
  'rotation on SQLite': { ...rotated, now: 'a' },
  'Drizzle over pgPool': { ...rotated, now: 'postgres' },
  mysqlPool: { ...rotated, now: 'hotline_first' },
  streams: { rows: 20_000, one: 1, leases: 0 },
  require: { rows: [{ one: 1 }] },
  'the command line': { list: true, rows: [{ one: 1 }] },
  'the board': { status: 303 },
};

describe('the built package on each runtime', () => {
  let folder: string;
  let server: Postgres;
  beforeAll(async () => {
    folder = await told('({ install }) => console.log(JSON.stringify(install()))');
    server = await startPostgres();
    await server.sql('create database second');
    const admin = await createConnection(mariadb);
    for (const name of ['hotline_first', 'hotline_second']) await admin.query(`create database if not exists ${name}`);
    await admin.end();
  }, 300_000);
  afterAll(async () => {
    await server?.close();
    const admin = await createConnection(mariadb);
    for (const name of ['hotline_first', 'hotline_second']) await admin.query(`drop database if exists ${name}`);
    await admin.end();
  });

  describe.each(Object.entries(commands))('%s', (_runtime, [program, ...before]) => {
    it.each(Object.entries(parts))('%s', async (part, expected) => {
      const told = await run(program!, [...before, 'black-box.mjs', part, server.url(), mariadb], {
        cwd: folder,
        env: { ...process.env, NODE_OPTIONS: '' },
        timeout: 50_000,
      });
      expect(JSON.parse(told.stdout.trim().split('\n').at(-1)!)).toEqual(expected);
    });
  });
});
