import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  createConnections,
  inline,
  SqlConnection,
  type ConnectionEvent,
  type ConnectionRegistry,
} from '../../../src/index.ts';
import { startPostgres, type Postgres } from '../../support/postgres.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';

let server: Postgres;
let proxy: TcpProxy;
let hot: ConnectionRegistry;
let pets: SqlConnection;
let events: ConnectionEvent[];

const until = async (true_: () => boolean | Promise<boolean>, limit = 8000): Promise<void> => {
  for (const end = Date.now() + limit; Date.now() < end; await sleep(10)) if (await true_()) return;
  throw new Error('it did not come to pass in time');
};
const stats = () => hot.stats('pets', { type: SqlConnection });
const retired = () => events.filter(({ type }) => type === 'instance.retired');
const backends = (text: string) =>
  server.sql<{ pid: number }>(
    `select pid from pg_stat_activity where query like '%' || $1 || '%' and pid <> pg_backend_pid()`,
    [text],
  );

beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server?.close());
beforeEach(async () => {
  proxy = await startTcpProxy(server.port);
  const url = server.url().replace(`:${server.port}/`, `:${proxy.port}/`);
  hot = createConnections({ sources: [inline({ connections: { pets: { type: 'sql', url } } })], closeTimeout: '2s' });
  events = [];
  hot.events$.subscribe((event) => void events.push(event));
  pets = await hot.connection('pets', { type: SqlConnection });
});
afterEach(async () => {
  await hot.close();
  await proxy.close();
});

describe('a stream whose link breaks', () => {
  it.each(['at its end', 'when it is left early'] as const)(
    'ends %s, and gives its lease back',
    async (when) => {
      for (let round = 0; round < 6; round++) {
        // The answer to the portal's Close is still on its way when the link breaks.
        proxy.delay(40);
        const count = when === 'at its end' ? 5 : 50_000;
        const read = (async (): Promise<number> => {
          let rows = 0;
          for await (const batch of pets.batches(`select generate_series(1, ${count}) as a`, { batchSize: 10 })) {
            rows += batch.length;
            if (when !== 'at its end') break;
          }
          return rows;
        })().catch((error: unknown) => error);
        await sleep(100 + round * 25);
        proxy.reset();
        proxy.delay(0);
        const ended = await Promise.race([read, sleep(7000, 'hangs')]);
        expect(ended).not.toBe('hangs');
        await until(() => stats().leases === 0 && (stats().pool?.used ?? 0) === 0);
      }
    },
    60_000,
  );
});

describe('a stream of a transaction that is left early', () => {
  it('leaves the transaction as it was, also while the next batch is on its way', async () => {
    await server.sql('create table if not exists left_early (a int)');
    for (let round = 0; round < 5; round++)
      await pets.transaction(async (tx) => {
        await tx.execute('insert into left_early values (1)');
        const slow = 'select a, pg_sleep(case when a > 10 then 0.005 else 0 end)::text from generate_series(1, 60) a';
        for await (const row of tx.stream(slow, { batchSize: 10 })) {
          void row;
          break;
        }
        await tx.execute('insert into left_early values (2)');
      });
    expect(await server.sql('select count(*)::int as n from left_early')).toEqual([{ n: 10 }]);
    expect(retired()).toEqual([]);
  });

  it('is stopped on the server when the transaction is', async () => {
    const stop = new AbortController();
    const work = pets.transaction(
      async (tx) => {
        for await (const row of tx.stream('select pg_sleep(30)::text /* never read */', { batchSize: 10 })) void row;
      },
      { signal: stop.signal },
    );
    await until(async () => (await backends('never read')).length > 0);
    stop.abort();
    await expect(work).rejects.toMatchObject({ code: 'cancelled' });
    await until(() => stats().leases === 0 && (stats().pool?.used ?? 0) === 0);
  });
});

describe('a stream that fails with whatever is thrown', () => {
  it.each([
    ['a signal that is none', { signal: {} as AbortSignal }],
    ['values that hold themselves', { params: [circular()] }],
    ['values nested deeply', { params: [nested(20_000)] }],
    ['arrays nested deeply', { params: [[nested(20_000)]] }],
  ])('gives its lease back: %s', async (_case, options) => {
    const read = (async () => {
      for await (const row of pets.stream('select ?::text as a', options)) void row;
    })();
    await expect(read).rejects.toMatchObject({ connection: 'pets', code: expect.any(String) });
    await until(() => stats().leases === 0 && (stats().pool?.used ?? 0) === 0);
  });
});

describe('a statement that the server will always refuse', () => {
  const many = Array.from({ length: 65_536 }, (_, index) => index);

  it('is refused before it is sent, and its neighbours go on', async () => {
    const neighbour = pets.query('select pg_sleep(0.3)::text as s, 1 as one');
    for (const call of [
      pets.query('select 1 where 1 in (?)', { params: [many] }),
      pets.query('select 1 where 1 in (?)', { params: [many], timeout: '5s' }),
      pets.execute('select 1 where 1 in (?)', { params: [many] }),
      pets.transaction((tx) => tx.execute('select 1 where 1 in (?)', { params: [many] })),
    ])
      await expect(call).rejects.toMatchObject({ code: 'invalid_bind', message: expect.stringContaining('65535') });
    expect(await neighbour).toMatchObject([{ one: 1 }]);
    expect(await pets.query('select count(*)::int as n from unnest(?::int[]) a', { params: [many] })).toEqual([
      { n: 65_536 },
    ]);
    expect(retired()).toEqual([]);
  });
});

describe('one session that is ended on the server', () => {
  it('takes nobody else down, and no instance is retired', async () => {
    const neighbour = pets.query('select pg_sleep(0.5)::text as s, 1 as one', { retry: false });
    await Promise.all(Array.from({ length: 4 }, () => pets.query('select pg_sleep(0.02)')));
    for (let round = 0; round < 3; round++) {
      const victim = pets.execute('select pg_sleep(5) /* victim */').catch((error: unknown) => error);
      await until(async () => (await backends('victim')).length > 0);
      await server.sql(
        `select pg_terminate_backend(pid) from pg_stat_activity where query like '%victim%' and pid <> pg_backend_pid()`,
      );
      expect(await victim).toMatchObject({ code: 'connection_lost', retryable: true });
    }
    expect(await neighbour).toMatchObject([{ one: 1 }]);
    expect(retired()).toEqual([]);
  });

  it('is made up for by a read, which is sent again', async () => {
    const read = pets.query('select pg_sleep(0.4)::text as s, 2 as two /* again */');
    await until(async () => (await backends('again')).length > 0);
    await server.sql(`select pg_terminate_backend(pid) from pg_stat_activity where query like '%again */'`);
    expect(await read).toMatchObject([{ two: 2 }]);
    expect(retired()).toEqual([]);
  });

  it('an instance is retired when a fresh connection cannot be had', async () => {
    await server.stop();
    await expect(pets.execute('select 1')).rejects.toMatchObject({ connection: 'pets' });
    await pets.execute('select 1').catch(() => undefined);
    expect(retired()).toMatchObject([{ reason: 'failed' }]);
    await server.start();
    expect(await pets.query('select 1 as one', { timeout: '10s' })).toEqual([{ one: 1 }]);
  });
});

function circular(): object {
  const value: Record<string, unknown> = {};
  value['itself'] = value;
  return value;
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = { value };
  return value;
}
