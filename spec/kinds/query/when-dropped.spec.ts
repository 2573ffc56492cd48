import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runPackageInChild } from '../../support/child.ts';
import { startPostgres, type Postgres } from '../../support/postgres.ts';

let server: Postgres;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server?.close());

/** Takes once from what `take` makes, drops it, and says what is left when the garbage was collected; nothing is closed. */
const program = (config: object, take: string, more = ''): string => `
  require('node:v8').setFlagsFromString('--expose-gc');
  const gc = require('node:vm').runInNewContext('gc');
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const { createConnections, inline } = require('hotline');
  const hot = createConnections({ sources: [inline({ connections: { pets: ${JSON.stringify(config)} } })] });
  hot.events$.subscribe((event) => event.type === 'warning' && console.log(event.code, event.connection));
  const pets = await hot.connection('pets');
  const sql = 'with recursive t(n) as (select 1 union all select n + 1 from t where n < 5000) select n from t';
  ${more}
  await (async () => { ${take} })();
  const held = hot.stats('pets').leases;
  for (let turn = 0; turn < 100 && hot.stats('pets').leases > 0; turn++) { gc(); await pause(20); }
  console.log(held, hot.stats('pets').leases, (await pets.query('select 1 as one', { timeout: 5000 })).length);
`;

const stream = `const it = pets.stream(sql, { batchSize: 10 })[Symbol.asyncIterator](); await it.next();`;
const batches = `const it = pets.batches(sql, { batchSize: 10 })[Symbol.asyncIterator](); await it.next(); await it.next();`;

describe('an iterator that was taken from and dropped', () => {
  it.each([
    ['stream', stream],
    ['batches', batches],
  ])(
    '%s: its lease and its slot are given back with a warning, and the process ends',
    async (_, take) => {
      const pool = { pool_size: 1, max_overflow: 0 };
      const place = { type: 'sql', url: server.url(), create_engine_kwargs: pool };
      for (const config of [place, { type: 'sql', url: 'sqlite://' }]) {
        const { stdout, stderr, stopped } = await runPackageInChild(program(config, take));
        expect([stdout, stderr.replaceAll(/.*Warning.*\n/g, ''), stopped]).toEqual([
          'iterator_dropped pets\n1 0 1\n',
          '',
          false,
        ]);
      }
    },
    60_000,
  );

  it('loses no rows while somebody waits for them, or holds it', async () => {
    const take = `
      const waiting = pets.batches(sql, { batchSize: 10 })[Symbol.asyncIterator]().next();
      gc(); await pause(20); gc();
      if ((await waiting).value.length !== 10) console.log('lost');
      const left = pets.stream(sql)[Symbol.asyncIterator](); await left.next(); await left.return();
      let all = 0; for await (const _ of pets.stream(sql, { batchSize: 700 })) { if (all++ % 1000 === 0) { gc(); await pause(5); } }
      console.log(all);
    `;
    const { stdout, stderr } = await runPackageInChild(program({ type: 'sql', url: server.url() }, take));
    expect(stdout + stderr).toMatch(/^(iterator_dropped pets\n)?5000\n(iterator_dropped pets\n)?\d 0 1\n$/);
  }, 60_000);
});
