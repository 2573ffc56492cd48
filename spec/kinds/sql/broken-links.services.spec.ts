import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createConnection, type Connection } from 'mysql2/promise';
import { createConnections, SqlConnection, type ConnectionEvent, type ConnectionRegistry } from '../../../src/index.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';

const address = new URL(process.env['HOTLINE_TEST_MARIADB_URL'] ?? 'mysql://root@127.0.0.1:3306/test');
let admin: Connection;
let hot: ConnectionRegistry;
let pets: SqlConnection;
let proxy: TcpProxy;
let events: ConnectionEvent[];
let options: { type: typeof SqlConnection; url: string };

beforeEach(async () => {
  admin = await createConnection(address.href);
  proxy = await startTcpProxy(Number(address.port || 3306), address.hostname);
  const url = Object.assign(new URL(address), { hostname: proxy.host, port: String(proxy.port) });
  hot = createConnections({ sources: [] });
  events = [];
  hot.events$.subscribe((event) => void events.push(event));
  options = { type: SqlConnection, url: url.href };
  pets = await hot.connection('pets', options);
  await pets.execute('create or replace table left_early (a int)');
});
afterEach(async () => {
  await hot.close();
  await admin.query('drop table if exists left_early');
  await admin.end();
  await proxy.close();
});

const until = async (true_: () => boolean | Promise<boolean>, limit = 8000): Promise<void> => {
  for (const end = Date.now() + limit; Date.now() < end; await sleep(10)) if (await true_()) return;
  throw new Error('it did not come to pass in time');
};
const stats = () => hot.stats('pets', options);
const free = () => until(() => stats().leases === 0 && (stats().pool?.used ?? 0) === 0);
const retired = () => events.filter(({ type }) => type === 'instance.retired');
const running = async (text: string): Promise<number> => {
  const [rows] = await admin.query(
    `select id from information_schema.processlist where info like concat('%', ?, '%') and id <> connection_id()`,
    [text],
  );
  return (rows as { id: number }[])[0]?.id ?? 0;
};
const many = 'select seq as a from seq_1_to_200000';

describe('MariaDB and links that break', () => {
  it.each([true, false])('a stream ends, and gives its lease back; left early: %s', async (early) => {
    for (let round = 0; round < 6; round++) {
      proxy.delay(20);
      const read = (async () => {
        for await (const batch of pets.batches('select seq as a, sleep(0.002) as s from seq_1_to_2000', {
          batchSize: 10,
        })) {
          if (early) break;
          void batch;
        }
      })().catch((error: unknown) => error);
      await sleep(30 + round * 25);
      proxy[round % 2 ? 'cut' : 'reset']();
      proxy.delay(0);
      expect(await Promise.race([read, sleep(7000, 'hangs')])).not.toBe('hangs');
      await free();
    }
  });

  it('a stream of a transaction that is left early leaves the transaction as it was', async () => {
    for (let round = 0; round < 5; round++)
      await pets.transaction(async (tx) => {
        await tx.execute('insert into left_early values (1)');
        for await (const row of tx.stream(round % 2 ? many : 'select seq as a from seq_1_to_25', { batchSize: 10 })) {
          void row;
          break;
        }
        await tx.execute('insert into left_early values (2)');
      });
    expect(await pets.query('select count(*) as n from left_early')).toEqual([{ n: 10 }]);
    expect(retired()).toEqual([]);
  });

  it('what is longer than max_allowed_packet is refused before it is sent, and nobody is disturbed', async () => {
    const neighbour = pets.query('select sleep(0.3) as s, 1 as one');
    const [{ longest }] = (await pets.query('select @@max_allowed_packet as longest')) as [{ longest: number }];
    const value = 'x'.repeat(longest);
    for (const call of [
      pets.query('select length(?) as n', { params: [value] }),
      pets.query('select length(?) as n', { params: [value], timeout: '5s' }),
      pets.execute('insert into left_early select length(?)', { params: [value] }),
    ])
      await expect(call).rejects.toMatchObject({
        code: 'invalid_bind',
        message: expect.stringContaining('max_allowed'),
      });
    expect(await neighbour).toMatchObject([{ one: 1 }]);
    expect(retired()).toEqual([]);
  });

  it('one session that is killed takes nobody else down', async () => {
    const neighbour = pets.query('select sleep(0.5) as s, 1 as one', { retry: false });
    await Promise.all(Array.from({ length: 4 }, () => pets.query('select sleep(0.02)')));
    const victim = pets.execute('do sleep(5) /* victim */').catch((error: unknown) => error);
    await until(async () => (await running('victim')) > 0);
    await admin.query(`kill ${await running('victim')}`);
    expect(await victim).toMatchObject({ code: 'connection_lost', retryable: true });
    expect(await neighbour).toMatchObject([{ one: 1 }]);
    expect(retired()).toEqual([]);
  });
});
