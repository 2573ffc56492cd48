import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Knex } from 'knex';
import Libsql from 'libsql';
import { createConnections, SqlConnection, type ConnectionRegistry } from '../../../src/index.ts';

describe.each(['delete', 'wal'])('a transaction of SQLite that meets a lock, journal_mode = %s', (journal) => {
  let folder: string;
  let other: Libsql.Database;
  let hot: ConnectionRegistry;
  let pets: SqlConnection;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hotline-locked-'));
    const file = join(folder, 'pets.db');
    other = new Libsql(file);
    other.exec(`pragma journal_mode = ${journal}`);
    other.exec('create table pet (a integer)');
    hot = createConnections({ sources: [] });
    pets = await hot.connection('pets', { type: SqlConnection, url: `sqlite:///${file}`, busyTimeout: '10s' });
  });
  afterEach(async () => {
    await hot.close();
    other.close();
    await rm(folder, { recursive: true });
  });

  const rows = () => other.prepare('select a from pet order by a').all();
  /** Another process writes, and is done a moment later. */
  const lock = () => {
    other.exec('begin immediate');
    setTimeout(() => other.exec('commit'), 30);
  };

  it.each([
    ['execute', 'insert into pet values (1)'],
    ['execute', 'insert into pet values (1) returning a'],
  ])('%s("%s") waits inside of it: what is rolled back is not there', async (method, sql) => {
    const work = pets.transaction(async (tx) => {
      lock();
      await tx[method as 'execute'](sql);
      await tx.execute('insert into pet values (2)');
      throw new Error('mine');
    });
    await expect(work).rejects.toThrow('mine');
    expect(rows()).toEqual([]);
  });

  it('is committed as a whole after the wait', async () => {
    await pets.transaction(async (tx) => {
      lock();
      await tx.execute('insert into pet values (1)');
      await tx.execute('insert into pet values (2)');
    });
    expect(rows()).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it.each(['insert into pet values (1)', 'insert into pet values (1) returning a'])(
    '"%s" that waits for longer than busyTimeout has written nothing, and holds nobody up',
    async (sql) => {
      const hasty = await hot.connection('hasty', {
        type: SqlConnection,
        url: `sqlite:///${join(folder, 'pets.db')}`,
        busyTimeout: 50,
      });
      other.exec('begin immediate');
      const work = hasty.transaction((tx) => tx.execute(sql));
      await expect(work).rejects.toMatchObject({ code: 'query_failed', retryable: true });
      other.exec('commit');
      other.exec('insert into pet values (2)');
      await hasty.transaction((tx) => tx.execute('insert into pet values (3)'));
      expect(rows()).toEqual([{ a: 2 }, { a: 3 }]);
    },
  );

  /** Statements of knex's own, inside and outside of a transaction of hotline. */
  const statements: [string, (knex: Knex) => Promise<unknown>][] = [
    ['an insert', async (knex) => knex('pet').insert({ a: 1 })],
    ['an insert with returning', async (knex) => knex('pet').insert({ a: 1 }).returning('a')],
    ['a raw text', async (knex) => knex.raw('insert into pet values (?) returning a', [1])],
  ];

  it.each(statements)(
    'waits for the lock with %s of knex, and what is rolled back is not there',
    async (_name, send) => {
      const work = pets.transaction(async (tx) => {
        lock();
        await send(tx.raw);
        await tx.execute('insert into pet values (2)');
        throw new Error('mine');
      });
      await expect(work).rejects.toThrow('mine');
      await pets.transaction(async (tx) => {
        lock();
        await send(tx.raw);
      });
      lock();
      await pets.use(async (knex) => send(knex));
      lock();
      await pets.use((knex) => knex.transaction((inside) => send(inside)));
      expect(rows()).toEqual([{ a: 1 }, { a: 1 }, { a: 1 }]);
    },
  );

  it.each(statements)('%s of knex that waits for longer than busyTimeout holds nobody up', async (_name, send) => {
    const hasty = await hot.connection('hasty', {
      type: SqlConnection,
      url: `sqlite:///${join(folder, 'pets.db')}`,
      busyTimeout: 50,
    });
    for (const work of [
      () => hasty.transaction((tx) => send(tx.raw)),
      () => hasty.use((knex) => send(knex)),
      () => hasty.use((knex) => knex.transaction((inside) => send(inside))),
    ]) {
      other.exec('begin immediate');
      await expect(work()).rejects.toThrow(/locked|busy/i);
      other.exec('commit');
      other.exec('insert into pet values (2)');
      await hasty.transaction((tx) => tx.execute('insert into pet values (3)'));
    }
    expect(rows()).toEqual([2, 2, 2, 3, 3, 3].map((a) => ({ a })));
  });

  it('a statement of knex that nobody waited for is not sent after its transaction', async () => {
    let sent: Promise<unknown> | undefined;
    other.exec('begin immediate');
    await pets
      .transaction(async (tx) => {
        sent = tx.raw('pet').insert({ a: 1 }).then();
        sent.catch(() => undefined);
        await Promise.resolve();
        throw new Error('mine');
      })
      .catch(() => undefined);
    other.exec('commit');
    await expect(sent).rejects.toThrow(/locked|busy|complete/i);
    expect(rows()).toEqual([]);
  });
});
