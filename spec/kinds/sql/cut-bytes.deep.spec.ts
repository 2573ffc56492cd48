import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnections, HotlineError, SqlConnection, type ConnectionRegistry } from '../../../src/index.ts';
import { chance } from '../../simulation/chance.ts';
import { deepBudget } from '../../support/depth.ts';
import { startPostgres, type Postgres } from '../../support/postgres.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';

/** The order of the cuts is random by this seed; the exchange is real, so it is not virtual. `HOTLINE_SEED` gives another. */
const seed = Number(process.env['HOTLINE_SEED'] ?? 1);
/** What a login, the check and one statement take, and more: a cut that comes too late is none. */
const bytes = { server: 900, client: 500 } as const;

let postgres: Postgres;
let proxy: TcpProxy;
let hot: ConnectionRegistry;

beforeAll(async () => {
  postgres = await startPostgres();
  proxy = await startTcpProxy(postgres.port);
  await postgres.sql('create table cut_byte (n int)');
  hot = createConnections({ sources: [], retry: { minDelay: 1, maxDelay: 20 } });
}, 60_000);
afterAll(async () => {
  await hot.close();
  await proxy.close();
  await postgres.close();
});

/** Every place at which the exchange can be cut, in the order of the seed. */
function cuts(): { readonly at: number; readonly of: 'server' | 'client' }[] {
  const { int } = chance(seed);
  const all = (['server', 'client'] as const).flatMap((of) =>
    Array.from({ length: bytes[of] }, (_, at) => ({ at, of })),
  );
  for (let i = all.length - 1; i > 0; i--) {
    const j = int(0, i);
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all;
}

describe('an exchange with PostgreSQL that is cut at any byte', () => {
  it(
    'is repeated where it only reads, written once or not at all, and leaves nothing behind',
    async () => {
      const url = postgres.url().replace(`:${postgres.port}/`, `:${proxy.port}/`);
      const pets = await hot.connection('pets', { type: SqlConnection, url });
      const began = performance.now();
      const sum = { cuts: 0, failedWrites: 0 };
      for (const { at, of } of cuts()) {
        if (performance.now() - began > deepBudget(0.1)) break;
        await pets.reset();
        proxy.cutAfter(at, of);
        const where = `cut after ${at} bytes of the ${of}, seed ${seed}`;
        const write = sum.cuts % 2 === 1;
        if (write) {
          const failed = await pets
            .execute('insert into cut_byte values (?)', { params: [sum.cuts] })
            .catch((error: unknown) => error);
          if (failed instanceof Error) {
            expect([failed instanceof HotlineError, where]).toEqual([true, where]);
            sum.failedWrites++;
          }
        }
        const rows = await pets.query('select ?::int as n, repeat($$x$$, 20) as x', { params: [at] });
        expect([rows, where]).toEqual([[{ n: at, x: 'x'.repeat(20) }], where]);
        if (write) {
          const [row] = await pets.query('select count(*)::int as n from cut_byte where n = ?', { params: [sum.cuts] });
          expect([Number(row!['n']) <= 1, where]).toEqual([true, where]);
        }
        sum.cuts++;
      }
      expect(hot.stats('pets', { type: SqlConnection, url }).leases).toBe(0);
      process.stdout.write(`${JSON.stringify(sum)} in ${Math.round((performance.now() - began) / 1000)} s\n`);
      expect(sum.cuts).toBeGreaterThan(100);
    },
    deepBudget(0.1) + 60_000,
  );
});
