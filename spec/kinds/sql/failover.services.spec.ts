import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createConnections, SqlConnection, type ConnectionEvent, type ConnectionRegistry } from '../../../src/index.ts';
import { startMariadb, type Mariadb } from '../../support/mariadb.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';

let first: Mariadb;
let second: Mariadb;
let proxy: TcpProxy;
let hot: ConnectionRegistry;
let pets: SqlConnection;
let events: ConnectionEvent[];

beforeAll(async () => {
  [first, second] = await Promise.all([startMariadb(), startMariadb()]);
  for (const { admin } of [first, second]) {
    await admin.query('create database pets');
    await admin.query('create table pets.pet (a int)');
    await admin.query(`create user app@'127.0.0.1'`);
    await admin.query(`grant select, insert on pets.* to app@'127.0.0.1'`);
  }
});
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
  await first.admin.query('set global read_only = 0');
});

const open = async (): Promise<void> => {
  const url = `mysql://app@127.0.0.1:${proxy.port}/pets`;
  pets = await hot.connection('pets', { type: SqlConnection, url, retry: { minDelay: 5, maxDelay: 20 } });
};
const retired = () => events.filter(({ type }) => type === 'instance.retired');
const write = () => pets.execute('insert into pet values (1)');

describe('MariaDB that only reads since a failover', () => {
  it.each(['execute', 'transaction'])('is left at the first write that it refuses: %s', async (door) => {
    await open();
    const work = door === 'execute' ? write : () => pets.transaction((tx) => tx.execute('insert into pet values (1)'));
    await work();
    await first.admin.query('set global read_only = 1');
    proxy.target(second.port);
    await expect(work()).rejects.toMatchObject({ code: 'query_failed', connection: 'pets' });
    expect(retired()).toMatchObject([{ reason: 'failed' }]);
    await work();
    expect(retired()).toHaveLength(1);
  });

  it('breaks nothing in a transaction that only reads, or on a replica that was meant', async () => {
    await open();
    const work = pets.transaction((tx) => tx.execute('insert into pet values (1)'), { readOnly: true });
    await expect(work).rejects.toMatchObject({ code: 'query_failed', retryable: false });
    expect(retired()).toEqual([]);
    await hot.close();
    hot = createConnections({ sources: [] });
    hot.events$.subscribe((event) => void events.push(event));
    await first.admin.query('set global read_only = 1');
    await open();
    events = [];
    for (let round = 0; round < 2; round++)
      await expect(write()).rejects.toMatchObject({ code: 'query_failed', retryable: false });
    expect(retired()).toEqual([]);
  });
});
