import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createConnections, SqlConnection, type ConnectionEvent, type ConnectionRegistry } from '../../../src/index.ts';
import type { Engine } from '../../../src/kinds/sql/engine.ts';
import { Failover } from '../../../src/kinds/sql/failover.ts';
import { startPostgres, type Postgres } from '../../support/postgres.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';

let first: Postgres;
let second: Postgres;
let proxy: TcpProxy;
let hot: ConnectionRegistry;
let pets: SqlConnection;
let events: ConnectionEvent[];

beforeAll(async () => {
  [first, second] = await Promise.all([startPostgres(), startPostgres()]);
  for (const server of [first, second]) await server.sql('create table pet (a int)');
}, 90_000);
afterAll(() => Promise.all([first?.close(), second?.close()]));
beforeEach(async () => {
  proxy = await startTcpProxy(first.port);
  hot = createConnections({ sources: [] });
  events = [];
  hot.events$.subscribe((event) => void events.push(event));
});
afterEach(async () => {
  await hot.close();
  await proxy.close();
  await readOnly(first, false);
  await readOnly(second, false);
});

const readOnly = async (server: Postgres, on: boolean): Promise<void> => {
  await server.sql(`alter system set default_transaction_read_only = ${on ? 'on' : 'off'}`);
  await server.sql('select pg_reload_conf()');
  for (;;) {
    const [row] = await server.sql(`select reset_val from pg_settings where name = 'default_transaction_read_only'`);
    if (row!['reset_val'] === (on ? 'on' : 'off')) return;
  }
};
const open = async (): Promise<void> => {
  const url = first.url().replace(`:${first.port}/`, `:${proxy.port}/`);
  pets = await hot.connection('pets', { type: SqlConnection, url, retry: { minDelay: 5, maxDelay: 20 } });
};
const retired = () => events.filter(({ type }) => type === 'instance.retired');
const write = () => pets.execute('insert into pet values (1)');

describe('the question whether a server only reads', () => {
  const asked = (run: Engine['run']) =>
    new Failover({ engine: { family: 'postgresql', run } as Engine, connect: () => Promise.reject(new Error()) }).open(
      {},
    );

  it('that a server does not know keeps nobody from opening', async () => {
    const unknown = (text: string) => /pg_is_in_recovery/.test(text);
    const run: Engine['run'] = async (_connection, { text }) => {
      if (unknown(text.join(''))) throw Object.assign(new Error('no such function'), { code: '42883' });
      return { rows: [], rowCount: 0 };
    };
    await expect(asked(run)).resolves.toBeUndefined();
  });

  it('fails the opening where the connection breaks meanwhile: the instance would never notice a failover', async () => {
    const broken = new Error('Connection terminated unexpectedly');
    await expect(asked(() => Promise.reject(broken))).rejects.toBe(broken);
  });
});

describe('a server that only reads since a failover', () => {
  it('is left at the first write that it refuses, for where its address leads now', async () => {
    await open();
    await write();
    await readOnly(first, true);
    proxy.target(second.port);
    await expect(write()).rejects.toMatchObject({ code: 'query_failed', retryable: true, connection: 'pets' });
    expect(retired()).toMatchObject([{ reason: 'failed' }]);
    await write();
    expect(await second.sql('select a from pet')).toEqual([{ a: 1 }]);
    expect(retired()).toHaveLength(1);
  });

  it('is left from a transaction, too', async () => {
    await open();
    await readOnly(first, true);
    proxy.target(second.port);
    const work = pets.transaction((tx) => tx.execute('insert into pet values (2)'));
    await expect(work).rejects.toMatchObject({ code: 'query_failed' });
    expect(retired()).toMatchObject([{ reason: 'failed' }]);
    await pets.transaction((tx) => tx.execute('insert into pet values (2)'));
  });

  it('is left later, where its address leads there still when it is first left', async () => {
    await open();
    await readOnly(first, true);
    for (let round = 0; round < 5; round++) await expect(write()).rejects.toMatchObject({ connection: 'pets' });
    expect(await pets.query('select 1 as one')).toEqual([{ one: 1 }]);
    expect(retired()).toHaveLength(1);
    proxy.target(second.port);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await expect(write()).rejects.toMatchObject({ connection: 'pets' });
    await write();
    expect(retired()).toHaveLength(2);
  });
});

describe('a write that is refused for another reason', () => {
  it('breaks nothing in a transaction that only reads, or in a session that was told so', async () => {
    await open();
    await expect(
      pets.transaction((tx) => tx.execute('insert into pet values (1)'), { readOnly: true }),
    ).rejects.toMatchObject({ code: 'query_failed', retryable: false });
    const told = pets.transaction(async (tx) => {
      await tx.execute('set local transaction_read_only = on');
      await tx.execute('insert into pet values (1)');
    });
    await expect(told).rejects.toMatchObject({ code: 'query_failed', retryable: false });
    expect(retired()).toEqual([]);
  });

  it('breaks nothing on a replica that was meant', async () => {
    await readOnly(first, true);
    await open();
    for (let round = 0; round < 3; round++)
      await expect(write()).rejects.toMatchObject({ code: 'query_failed', retryable: false });
    expect(await pets.query('select 1 as one')).toEqual([{ one: 1 }]);
    expect(retired()).toEqual([]);
  });
});
