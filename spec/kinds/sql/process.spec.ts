import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startPostgres, type Postgres } from '../../support/postgres.ts';

let server: Postgres;
beforeAll(async () => void (server = await startPostgres()), 60_000);
afterAll(() => server?.close());

/** Runs a program on the built package; how it ended, and what it printed. */
const run = (program: string): Promise<{ code: number | null; killed: boolean; out: string }> =>
  new Promise((resolve) => {
    const script = `import { createConnections, inline, SqlConnection } from './dist/index.js';
      const hot = createConnections({ sources: [inline({ connections: { pets: { type: 'sql', url: ${JSON.stringify(server.url())} } } })] });
      const pets = await hot.connection('pets', { type: SqlConnection });
      ${program}`;
    const child = execFile(
      process.execPath,
      ['--input-type=module', '--eval', script],
      { timeout: 8000, env: { ...process.env, NODE_OPTIONS: '' } },
      (_error, stdout, stderr) =>
        resolve({ code: child.exitCode, killed: child.signalCode !== null, out: stdout + stderr }),
    );
  });

describe('a process with an open pool', () => {
  it('ends when its work is done, although nobody closed anything', async () => {
    expect(await run(`console.log((await pets.query('select 1 as one'))[0].one);`)).toEqual({
      code: 0,
      killed: false,
      out: '1\n',
    });
  });

  it('does not end while a statement runs, through hotline or through knex', async () => {
    expect(
      await run(`pets.query("select pg_sleep(0.3), 'done' as said").then(([row]) => console.log(row.said));`),
    ).toMatchObject({ code: 0, out: 'done\n' });
    expect(
      await run(
        `void pets.use((knex) => knex.raw("select pg_sleep(0.3), 'done' as said").then(({ rows }) => console.log(rows[0].said)));`,
      ),
    ).toMatchObject({ code: 0, out: 'done\n' });
  });
});
