import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnection, type Connection } from 'mysql2/promise';
import { createConnections, SqlConnection, type ConnectionRegistry } from '../../../src/index.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';

const address = process.env['HOTLINE_TEST_MARIADB_URL'] ?? 'mysql://root@127.0.0.1:3306/test';
let admin: Connection;
let hot: ConnectionRegistry;
let pets: SqlConnection;
let proxy: TcpProxy;

beforeAll(async () => {
  admin = await createConnection(address);
  await admin.query('create table if not exists fault (a int)');
  await admin.query('truncate fault');
  const url = new URL(address);
  proxy = await startTcpProxy(Number(url.port || 3306), url.hostname);
  Object.assign(url, { hostname: proxy.host, port: String(proxy.port) });
  hot = createConnections({ sources: [] });
  pets = await hot.connection('pets', { type: SqlConnection, url: url.href });
});
afterAll(async () => {
  await hot?.close();
  await proxy?.close();
  await admin?.query('drop table if exists fault');
  await admin?.end();
});

const runs = async (text: string): Promise<number> => {
  const [rows] = await admin.query(
    `select id from information_schema.processlist where info like concat('%', ?, '%') and id <> connection_id()`,
    [text],
  );
  return (rows as { id?: number; ID?: number }[]).map((row) => Number(row.id ?? row.ID))[0] ?? 0;
};
const until = async (text: string): Promise<number> => {
  for (let id = 0; ; await sleep(5)) if ((id = await runs(text)) > 0) return id;
};
const one = () => pets.query('select 1 as one');

describe('MariaDB that fails', () => {
  it.each(['cut', 'reset', 'killed'] as const)(
    'a write runs at most once, and the next statement works: %s',
    async (fault) => {
      const work = pets
        .execute(`insert into fault select 1 from (select sleep(0.3)) s /* ${fault} */`)
        .catch((error: unknown) => error);
      const id = await until(fault);
      if (fault === 'killed') await admin.query('kill ?', [id]);
      else proxy[fault]();
      expect(await work).toMatchObject({ code: 'connection_lost', connection: 'pets' });
      expect(await one()).toEqual([{ one: 1 }]);
      await sleep(500);
      const [rows] = await admin.query('select count(*) as n from fault');
      expect(Number((rows as { n: number }[])[0]!.n)).toBeLessThanOrEqual(1);
      await admin.query('truncate fault');
    },
  );

  it('a read is sent again by itself when its connection was killed', async () => {
    const work = pets.query('select sleep(0.4) as s, 1 as one /* again */');
    await admin.query('kill ?', [await until('again')]);
    expect(await work).toMatchObject([{ one: 1 }]);
  });

  it('a timeout and a signal stop the server', async () => {
    await expect(pets.query('select sleep(30) /* late */', { timeout: 100, retry: false })).rejects.toMatchObject({
      code: 'timeout',
    });
    const stop = new AbortController();
    const work = pets.query('select sleep(30) /* stopped */', { signal: stop.signal });
    await until('stopped');
    stop.abort();
    await expect(work).rejects.toMatchObject({ code: 'cancelled' });
    for (let waits = 0; (await runs('sleep(30)')) > 0 && waits < 400; waits += 1) await sleep(10);
    expect(await runs('sleep(30)')).toBe(0);
    expect(await one()).toEqual([{ one: 1 }]);
  });

  it('isolation and read-only reach the server together', async () => {
    const level = await pets.transaction((tx) => tx.query('select @@tx_isolation as level'), {
      isolation: 'serializable',
      readOnly: true,
    });
    expect(level).toHaveLength(1);
    const write = pets.transaction((tx) => tx.execute('insert into fault values (1)'), {
      isolation: 'serializable',
      readOnly: true,
    });
    await expect(write).rejects.toMatchObject({ code: 'query_failed' });
  });

  it('a wrong password and a database that is not there are said so', async () => {
    const open = (change: Partial<URL>) => {
      const url = new URL(address);
      Object.assign(url, change);
      return hot.connection('other', { type: SqlConnection, url: url.href, retry: { attempts: 1 } });
    };
    await expect(open({ username: 'nobody', password: 'wrong-password' })).rejects.toMatchObject({
      code: 'auth_failed',
      message: expect.not.stringContaining('wrong-password'),
    });
    await expect(open({ pathname: '/no_such_database' })).rejects.toMatchObject({ category: 'config' });
  });
});

describe("MariaDB's own limits", () => {
  it('of statements and locks are `timeout`, and nothing is sent again', async () => {
    await pets.execute('insert into fault values (7)');
    await pets.transaction(async (tx) => {
      await tx.execute('set max_statement_time = 0.1');
      const slow = tx.query('select count(*) from seq_1_to_100000000 a, seq_1_to_100000000 b');
      await expect(slow).rejects.toMatchObject({ code: 'timeout' });
      await tx.execute('set max_statement_time = 0');
    });
    await pets.transaction(async (tx) => {
      await tx.execute('update fault set a = 8 where a = 7');
      const began = performance.now();
      const waiting = pets.execute('select * from fault for update wait 1');
      await expect(waiting).rejects.toMatchObject({ code: 'timeout' });
      expect(performance.now() - began).toBeLessThan(1900);
    });
    expect(await one()).toEqual([{ one: 1 }]);
  });
});
