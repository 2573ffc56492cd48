import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnections, SqlConnection } from '../../../src/index.ts';
import { startPostgres, type Postgres } from '../../support/postgres.ts';
import { describeOnConnect } from './on-connect.ts';
import { sqliteDriver } from '../../support/sqlite-driver.ts';

let server: Postgres;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hotline-on-connect-'));
  server = await startPostgres();
}, 60_000);
afterAll(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

describeOnConnect('on_connect on PostgreSQL', { family: 'postgresql', settings: () => ({ url: server.url() }) });
describeOnConnect('on_connect on SQLite', {
  family: 'sqlite',
  settings: () => ({ url: `sqlite:///${join(folder, 'on.db')}`, driver: sqliteDriver }),
});

describe('a file of SQLite', () => {
  const hot = createConnections({ sources: [] });
  afterAll(() => hot.close());
  const open = (name: string, params: object): Promise<SqlConnection> =>
    hot.connection(name, { type: SqlConnection, params: { ...params } });

  it('that is locked for a while is waited for, while this process goes on', async () => {
    const url = `sqlite:///${join(folder, 'busy.db')}`;
    const one = await open('one', { url });
    await one.execute('create table pet (a int)');
    await one.insertRows(
      'pet',
      Array.from({ length: 1000 }, (_, a) => ({ a })),
    );
    const two = await open('two', { url });
    let [read, written] = [0, false];
    // A stream of the one holds what the other wants to write.
    for await (const row of one.stream('select a from pet', { batchSize: 1 })) {
      void row;
      if (read++ === 0) {
        void two.execute('insert into pet values (-1)').then(() => (written = true));
        await new Promise((resolve) => setTimeout(resolve, 50));
        expect(written).toBe(false);
      }
    }
    for (let turn = 0; !written && turn < 100; turn++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(written).toBe(true);
    const locked = one.transaction(async (tx) => {
      await tx.execute('insert into pet values (1010)');
      const since = performance.now();
      const short = await open('short', { url, busyTimeout: 40 });
      await expect(short.execute('insert into pet values (1011)')).rejects.toMatchObject({
        category: 'transient',
        message: expect.stringContaining('locked'),
      });
      expect(performance.now() - since).toBeGreaterThan(30);
      const given = two.execute('insert into pet values (1012)', { timeout: 30 });
      await expect(given).rejects.toMatchObject({ code: 'timeout' });
    });
    await locked;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await one.query('select a from pet where a between 1000 and 2000')).map(({ a }) => a)).toEqual([1010]);
  });

  it('in mode=ro is not written, not even after a transaction that only reads, and none is made', async () => {
    const file = join(folder, 'ro.db');
    for (const mode of ['ro', 'rw'])
      await expect(
        open(mode, { url: `sqlite:///file:${file}?mode=${mode}&uri=true`, driver: sqliteDriver }),
      ).rejects.toMatchObject({
        code: 'invalid_config',
        message: expect.stringContaining('does not exist'),
      });
    expect(existsSync(file)).toBe(false);
    await (await open('maker', { url: `sqlite:///${file}`, driver: sqliteDriver })).execute('create table pet (a int)');
    const reader = await open('ro', { url: `sqlite:///file:${file}?mode=ro&uri=true`, driver: sqliteDriver });
    await reader.transaction((tx) => tx.query('select * from pet'), { readOnly: true });
    await expect(reader.execute('insert into pet values (1)')).rejects.toMatchObject({ code: 'query_failed' });
    await expect(reader.transaction((tx) => tx.execute('insert into pet values (1)'))).rejects.toMatchObject({
      code: 'query_failed',
    });
    expect(await reader.query('select * from pet')).toEqual([]);
  });

  it('has the name that its URL says, percent-decoded', async () => {
    await (
      await open('spaced', { url: `sqlite:///${folder}/my%20pets%C3%A9.db`, driver: sqliteDriver })
    ).execute('create table pet (a int)');
    expect(existsSync(join(folder, 'my petsé.db'))).toBe(true);
  });
});
