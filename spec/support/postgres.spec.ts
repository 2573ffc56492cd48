import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startPostgres, type Postgres } from './postgres.ts';
import { startTcpProxy } from './tcp-proxy.ts';

let server: Postgres;
beforeAll(async () => void (server = await startPostgres()), 60_000);
afterAll(() => server?.close());

async function ask(url: string, text = 'select 1 as one'): Promise<unknown[]> {
  const client = new pg.Client(url);
  client.on('error', () => undefined);
  await client.connect();
  return client.query(text).then(
    async ({ rows }) => (await client.end(), rows as unknown[]),
    async (error: unknown) => Promise.reject(error),
  );
}

describe('the PostgreSQL server of the specs', () => {
  it('checks passwords', async () => {
    expect(await ask(server.url())).toEqual([{ one: 1 }]);
    await expect(ask(server.url({ password: 'wrong' }))).rejects.toMatchObject({ code: '28P01' });
  });

  it('comes back on the same port with the same data', async () => {
    await server.sql('create table kept (a int)');
    await server.restart();
    expect(await ask(server.url(), 'select count(*)::int as n from kept')).toEqual([{ n: 0 }]);
  });

  it('can be reached through a proxy that fails as networks do', async () => {
    const proxy = await startTcpProxy(server.port);
    const url = server.url().replace(`:${server.port}/`, `:${proxy.port}/`);
    expect(await ask(url)).toEqual([{ one: 1 }]);
    const running = ask(url, 'select pg_sleep(30)');
    while (proxy.open === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    setTimeout(() => proxy.reset(), 50);
    await expect(running).rejects.toBeDefined();
    proxy.refuse();
    await expect(ask(url)).rejects.toBeDefined();
    proxy.accept();
    expect(await ask(url)).toEqual([{ one: 1 }]);
    await proxy.close();
  });
});
