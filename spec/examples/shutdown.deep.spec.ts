import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startPostgres, type Postgres } from '../support/postgres.ts';
import { load } from './load.ts';

let postgres: Postgres;
let folder: string;
beforeAll(async () => {
  postgres = await startPostgres({ settings: { max_connections: 200 } });
  await postgres.sql(`create table pet as select i as id, 'pet ' || i as name from generate_series(1, 20) i`);
  folder = await mkdtemp(join(tmpdir(), 'hotline-shutdown-'));
  await writeFile(join(folder, 'secrets.toml'), `[connections.pets]\ntype = "sql"\nurl = "${postgres.url()}"\n`);
  await chmod(join(folder, 'secrets.toml'), 0o600);
}, 60_000);
afterAll(async () => {
  await postgres?.close();
  await rm(folder, { recursive: true });
});

/** A server of its own process, which prints its port. */
async function start(file: string) {
  const env = { ...process.env, NODE_OPTIONS: '', PORT: '0', QUIET: '1500' };
  const child = spawn(process.execPath, [resolve('docs/examples', file)], { cwd: folder, env });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<number | null>((done) => child.once('exit', done));
  const port = await new Promise<string>((done, fail) => {
    child.stdout.once('data', (chunk: Buffer) => done(chunk.toString().trim()));
    void ended.then((code) => fail(new Error(`ended with ${code}: ${said}`)));
  });
  return { url: `http://127.0.0.1:${port}`, child, ended, said: () => said };
}

/** Two of them behind a balancer, under load; the first is told to end in the middle. */
describe('of 10,000 requests none is dropped where one of two servers ends', () => {
  it.each([
    ['Express', 'express.js'],
    ['Fastify', 'fastify.js'],
    ['Nest on Express', 'nest.js'],
    ['a cluster of two', 'cluster.js'],
    ['worker threads', 'workers.js'],
  ])(
    '%s',
    async (_name, file) => {
      const servers = await Promise.all([start(file), start(file)]);
      const [first, second] = servers;
      const halfway = (): void => void first.child.kill('SIGTERM');
      const targets = servers.map(({ url }) => url);
      const outcome = await load(targets, { path: '/pets', requests: 10_000, clients: 50, halfway });
      expect([outcome.answers, first.said()]).toEqual([{ 200: 10_000 }, '']);
      expect(await first.ended).toBe(0);
      second.child.kill('SIGTERM');
      expect(await second.ended).toBe(0);
      expect(Math.min(...outcome.sent)).toBeGreaterThan(1000);
    },
    120_000,
  );
});

it('a request that is never answered holds the end for the deadline only', async () => {
  const program = join(folder, 'never.mjs');
  const shutdown = pathToFileURL(resolve('docs/examples/shutdown.js')).href;
  await writeFile(
    program,
    `import { createServer } from 'node:http';
    import { endAtSigterm } from ${JSON.stringify(shutdown)};
    const server = createServer(() => process.kill(process.pid, 'SIGTERM'));
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));
    const hot = { draining: false, close: async (options) => console.error(JSON.stringify(options)) };
    endAtSigterm(hot, server, { quiet: 20, deadline: 100 });`,
  );
  const server = await start(program);
  await expect(fetch(server.url)).rejects.toThrow();
  expect(await server.ended).toBe(0);
  expect(server.said()).toBe('{"grace":1120}\n{"timeout":"5s"}\n');
});
