import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createConnections, inline, SqlConnection, type ConnectionRegistry } from '../../../src/index.ts';
import { startPostgres, type Postgres } from '../../support/postgres.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';

let server: Postgres;
let proxy: TcpProxy;
let hot: ConnectionRegistry;
let pets: SqlConnection;
const processErrors: unknown[] = [];
const seen = (error: unknown): void => void processErrors.push(error);

beforeAll(async () => {
  server = await startPostgres();
  await server.sql('create table written (a int)');
  process.on('uncaughtException', seen).on('unhandledRejection', seen);
}, 60_000);
afterAll(async () => {
  process.off('uncaughtException', seen).off('unhandledRejection', seen);
  await server?.close();
});
beforeEach(async () => {
  proxy = await startTcpProxy(server.port);
  const url = server.url().replace(`:${server.port}/`, `:${proxy.port}/`);
  hot = createConnections({ sources: [inline({ connections: { pets: { type: 'sql', url } } })], closeTimeout: '2s' });
  pets = await hot.connection('pets', { type: SqlConnection });
});
afterEach(async () => {
  await hot.close();
  await proxy.close();
  expect(processErrors).toEqual([]);
});

const active = async (text: string): Promise<number> => {
  const [row] = await server.sql<{ pid: number | null }>(
    `select max(pid) as pid from pg_stat_activity where query like '%' || $1 || '%' and state = 'active' and pid <> pg_backend_pid()`,
    [text],
  );
  return row!.pid ?? 0;
};
const until = async (text: string): Promise<number> => {
  for (let pid = 0; ; await sleep(5)) if ((pid = await active(text)) > 0) return pid;
};
const written = async (): Promise<number> =>
  Number((await server.sql('select count(*)::int as n from written'))[0]!['n']);

describe('a write whose connection breaks', () => {
  it.each(['cut', 'reset', 'terminated'] as const)(
    'runs at most once, is told so, and the next statement works: %s',
    async (fault) => {
      const before = await written();
      const work = pets
        .execute(`insert into written select 1 from pg_sleep(1.5) /* ${fault} */`)
        .catch((error: unknown) => error);
      const pid = await until(fault);
      if (fault === 'terminated') await server.sql('select pg_terminate_backend($1)', [pid]);
      else proxy[fault]();
      expect(await work).toMatchObject({
        code: 'connection_lost',
        category: 'transient',
        retryable: true,
        connection: 'pets',
      });
      await sleep(1800);
      expect((await written()) - before).toBeLessThanOrEqual(1);
      expect(await pets.query('select 1 as one')).toEqual([{ one: 1 }]);
    },
  );
});

describe('a server that goes away', () => {
  it('is found again when it is back', async () => {
    await server.stop();
    await expect(pets.execute('insert into written values (1)')).rejects.toMatchObject({ connection: 'pets' });
    await server.start();
    expect(await pets.query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('does not keep a caller longer than the timeout when its answers do not arrive', async () => {
    proxy.freeze();
    await expect(pets.query('select 1', { timeout: 200, retry: false })).rejects.toMatchObject({ code: 'timeout' });
    proxy.thaw();
    expect(await pets.query('select 1 as one', { timeout: '15s' })).toEqual([{ one: 1 }]);
  });

  it('is found again when the way of all idle connections was lost without a word', async () => {
    await Promise.all(Array.from({ length: 5 }, () => pets.query('select pg_sleep(0.1)')));
    expect(hot.stats('pets', { type: SqlConnection }).pool?.idle).toBe(5);
    await sleep(1100);
    proxy.halfOpen();
    const before = await written();
    for (let n = 0; n < 5; n++)
      expect(await pets.query('select 1 as one', { timeout: '3s', retry: false })).toEqual([{ one: 1 }]);
    await sleep(1100);
    proxy.halfOpen();
    await Promise.all(
      Array.from({ length: 5 }, () => pets.execute('insert into written values (1)', { timeout: '3s' })),
    );
    expect((await written()) - before).toBe(5);
  });

  it('is only slow when its answers are late', async () => {
    proxy.delay(50);
    expect(await pets.query('select 1 as one')).toEqual([{ one: 1 }]);
    proxy.delay(0);
  });
});

describe('stopping', () => {
  it("stops the server's work", async () => {
    const stop = new AbortController();
    const work = pets.query('select pg_sleep(30) /* stopped */', { signal: stop.signal });
    await until('stopped');
    stop.abort();
    await expect(work).rejects.toMatchObject({ code: 'cancelled' });
    while ((await active('stopped')) > 0) await sleep(5);
    expect(await pets.query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('times out on the server too', async () => {
    await expect(pets.query('select pg_sleep(30) /* late */', { timeout: 100, retry: false })).rejects.toMatchObject({
      code: 'timeout',
    });
    while ((await active('late')) > 0) await sleep(5);
  });
});

describe('opening', () => {
  const failure = (params: object): Promise<unknown> =>
    hot
      .connection('other', { type: SqlConnection, retry: { attempts: 1 }, ...params })
      .catch((error: unknown) => error);

  it('says that the password is wrong, without it', async () => {
    const url = server.url({ password: 'wrong-password' });
    const error = (await failure({ url })) as Error;
    expect(error).toMatchObject({ code: 'auth_failed', category: 'auth', connection: 'other' });
    expect(String(error.stack) + String((error.cause as Error)?.stack)).not.toContain('wrong-password');
  });

  it('says that the port is wrong, that there is no such database, no such dialect, no such package', async () => {
    expect(await failure({ url: 'postgres://u:p@127.0.0.1:1/db' })).toMatchObject({
      category: 'transient',
      code: 'open_failed',
    });
    expect(await failure({ url: server.url({ database: 'nowhere' }) })).toMatchObject({ category: 'config' });
    expect(await failure({ url: 'mssql://u:p@h/db' })).toMatchObject({
      code: 'missing_driver',
      message: expect.stringContaining('npm install tedious'),
    });
    expect(await failure({ url: 'nothing://u:p@h/db' })).toMatchObject({ code: 'invalid_config' });
    expect(await failure({ url: 'some garbage' })).toMatchObject({
      code: 'invalid_config',
      message: expect.not.stringContaining('garbage'),
    });
  });
});

describe("the server's own limits", () => {
  it('of statements and locks are `timeout`, and nothing is sent again', async () => {
    await server.sql('create table if not exists locked (a int)');
    await server.sql('create sequence if not exists sent');
    const limited = await hot.connection('limited', {
      type: SqlConnection,
      url: `${server.url()}?statement_timeout=150&lock_timeout=50`,
    });
    const slow = { code: 'timeout', sqlState: '57014', category: 'timeout', connection: 'limited' };
    await expect(limited.query("select nextval('sent'), pg_sleep(5)")).rejects.toMatchObject(slow);
    expect(await server.sql('select last_value::int as n from sent')).toEqual([{ n: 1 }]);
    const each = async () => {
      for await (const row of limited.stream('select pg_sleep(5)')) void row;
    };
    await expect(limited.execute('select pg_sleep(5)')).rejects.toMatchObject(slow);
    await expect(each()).rejects.toMatchObject(slow);
    await pets.transaction(async (tx) => {
      await tx.execute('lock table locked');
      const locked = { code: 'timeout', sqlState: '55P03' };
      await expect(limited.query('select * from locked')).rejects.toMatchObject(locked);
    });
    expect(await limited.query('select 1 as one')).toEqual([{ one: 1 }]);
  });
});
