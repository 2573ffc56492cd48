import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort, startPostgres, type Postgres } from '../support/postgres.ts';

const run = promisify(execFile);

/** No flag of this test run reaches an application. */
const plain = { ...process.env, NODE_OPTIONS: '', NODE_ENV: '', JEST_WORKER_ID: undefined };

let server: Postgres;
beforeAll(async () => {
  server = await startPostgres({ settings: { max_connections: 100 } });
}, 60_000);
afterAll(() => server?.close());

/** Made in a process of its own: the scripts are plain ES modules. */
async function made(name: 'nest' | 'express'): Promise<string> {
  const script = resolve(`spec/applications/${name}.js`);
  const program = `import(${JSON.stringify(script)}).then((all) => console.log(all.${name}()))`;
  const { stdout } = await run(process.execPath, ['-e', program], { env: plain });
  return stdout.trim().split('\n').at(-1)!;
}

/** Two databases with a table, and a user whose password the secret has. */
async function prepared(): Promise<void> {
  await server.sql('drop database if exists one with (force)');
  await server.sql('drop database if exists two with (force)');
  await server.sql('drop role if exists app');
  await server.sql(`create role app login password 'first'`);
  for (const database of ['one', 'two']) {
    await server.sql(`create database ${database} owner app`);
    const url = server.url({ user: 'app', password: 'first', database });
    await run(process.execPath, [
      '-e',
      `const { Client } = require('pg'); const client = new Client(${JSON.stringify(url)});
       client.connect().then(() => client.query('create table pet (id serial primary key, name text not null)')).then(() => client.end());`,
    ]);
  }
}

/** The secret as `SECRETS` names it. */
function secret(application: string) {
  const file = join(application, 'secrets.toml');
  const save = (database: string, password: string): Promise<void> => {
    const url = server.url({ user: 'app', password, database });
    return writeFile(file, `[connections.pets]\ntype = "sql"\nurl = "${url}"\n`, { mode: 0o600 });
  };
  return { save, env: { ...plain, SECRETS: file } };
}

interface Load {
  /** Waits for so many answers more, or for a failure. */
  answered(count: number): Promise<void>;
  /** Waits for the first answer from a database, or for a failure. */
  moved(database: string): Promise<void>;
  end(): Promise<Outcome>;
}

interface Outcome {
  readonly failed: readonly string[];
  readonly databases: readonly string[];
}

/** Sixteen clients that ask one after the other, each third time for a transaction. */
function load(port: number): Load {
  const [failed, databases]: [string[], string[]] = [[], []];
  let [turn, done, ended] = [0, 0, false];
  const ask = async (): Promise<void> => {
    const write = turn++ % 3 === 0;
    const body = { method: 'POST', body: '{"name":"Rex"}', headers: { 'content-type': 'application/json' } };
    const response = await fetch(`http://127.0.0.1:${port}/`, write ? body : {});
    const text = await response.text();
    if (!response.ok) failed.push(`${response.status} ${text}`);
    else if (!write) databases.push((JSON.parse(text) as { database: string }).database);
  };
  const client = async (): Promise<void> => {
    for (; !ended && failed.length < 100; done++) await ask().catch((error: unknown) => failed.push(String(error)));
  };
  const all = Promise.all(Array.from({ length: 16 }, client));
  return {
    async answered(count) {
      const until = done + count;
      while (done < until && failed.length === 0) await sleep(5);
    },
    async moved(database) {
      while (!databases.includes(database) && failed.length === 0) await sleep(5);
    },
    async end() {
      ended = true;
      await all;
      return { failed, databases };
    },
  };
}

/** Waits until an application answers. */
async function answers(port: number, child: ChildProcess): Promise<void> {
  const asked = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${port}/`).then(
      async (response) => Boolean(await response.text()) && response.ok,
      () => false,
    );
  while (!(await asked())) {
    if (child.exitCode !== null) throw new Error(`the application has ended with ${child.exitCode}`);
    await sleep(50);
  }
}

/** Runs a script of an application, and gives all that it said. */
async function npm(args: readonly string[], application: string, env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout, stderr } = await run('npm', [...args], { cwd: application, env, timeout: 240_000 });
  return stdout + stderr;
}

describe('an application from the packed tarball', () => {
  let application: string;
  let child: ChildProcess | undefined;
  afterEach(async () => {
    child?.kill('SIGKILL');
    await rm(application, { recursive: true });
  });

  const applications = [
    ['Nest with TypeORM', 'nest', 'dist/main.js'],
    ['Express with Drizzle', 'express', 'main.js'],
  ] as const;

  it.each(applications)(
    '%s is rotated under load by editing its file: no request fails',
    async (_what, name, main) => {
      application = await made(name);
      await prepared();
      const { save, env } = secret(application);
      await save('one', 'first');
      await npm(['run', 'build', '--if-present'], application, env);
      const port = await freePort();
      child = spawn(process.execPath, [main], { cwd: application, env: { ...env, PORT: `${port}` }, stdio: 'ignore' });
      const ended = once(child, 'exit');
      await answers(port, child);

      const clients = load(port);
      await clients.answered(200);
      // The server has the new password before the file has it.
      await server.sql(`alter role app password 'second'`);
      await clients.answered(50);
      await save('one', 'second');
      await clients.answered(200);
      await save('two', 'second');
      await clients.moved('two');
      await clients.answered(200);
      const { failed, databases } = await clients.end();
      expect(failed).toEqual([]);
      expect(databases[0]).toBe('one');
      expect(databases.at(-1)).toBe('two');

      child.kill('SIGTERM');
      await ended;
      expect(await server.sql(`select pid from pg_stat_activity where usename = 'app'`)).toEqual([]);
    },
    300_000,
  );

  it("of Nest passes the specs that it comes with, and one of a rotation, with Nest's own configuration", async () => {
    application = await made('nest');
    await prepared();
    const { save, env } = secret(application);
    await save('one', 'first');
    const unit = await npm(['test'], application, env);
    expect(unit).toMatch(/Tests: +1 passed, 1 total/);
    const end = await npm(['run', 'test:e2e'], application, env);
    expect(end).toMatch(/Tests: +1 passed, 1 total/);
    // Jest says so where something is left open.
    expect(unit + end).not.toMatch(/did not exit|Force exiting|failed to exit/);
  }, 300_000);
});
