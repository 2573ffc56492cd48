/* eslint-disable jest/no-export, jest/valid-title -- one suite that several specs run */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { SqlConnection } from '../../../src/kinds/sql/index.ts';
import { openPort, type Opened } from '../../support/port.ts';
import type { Knex } from 'knex';

export interface Place {
  readonly family: 'sqlite' | 'postgresql' | 'mysql';
  /** The config of a connection to an empty database. */
  config(): Promise<Record<string, unknown>>;
  /** Each connection has a database of its own. */
  readonly own?: true;
  /** A statement that takes that many seconds on the server. */
  slow?(seconds: number): string;
  /** How many statements the server is running now that hold the text. */
  running?(text: string): Promise<number>;
}

const never = new AbortController().signal;
const reads = { write: false, signal: never, timeout: undefined, maxRows: undefined };
const writes = { ...reads, write: true };

/** What every database does behind a SqlConnection. */
export function describeSql(title: string, place: Place): void {
  describe(title, () => {
    let opened: Opened<SqlConnection, Knex>;
    let pets: SqlConnection;
    const extra: Opened<SqlConnection, Knex>[] = [];
    const more = async (settings: object): Promise<Opened<SqlConnection, Knex>> => {
      const port = openPort(SqlConnection, { ...(await place.config()), ...settings });
      extra.push(port);
      return port;
    };

    beforeAll(async () => {
      opened = openPort(SqlConnection, await place.config());
      pets = opened.connection;
      await pets.execute('drop table if exists pet');
      await pets.execute('create table pet (id integer primary key, name varchar(100) not null, born integer)');
    });
    afterEach(async () => {
      for (const port of extra.splice(0)) await port.close();
      await pets.execute('delete from pet');
    });
    afterAll(async () => {
      await pets?.execute('drop table if exists pet');
      await opened?.close();
    });
    const add = (...names: string[]) =>
      Promise.all(
        names.map((name, id) => pets.execute('insert into pet (id, name) values (?, ?)', { params: [id, name] })),
      );
    const names = async () => (await pets.query('select name from pet order by id')).map((row) => row['name']);

    it('gives rows, and how many a write has changed', async () => {
      await add('Rex', 'Tom');
      expect(await pets.query('select id, name from pet where id > :id', { params: { id: 0 } })).toEqual([
        { id: 1, name: 'Tom' },
      ]);
      expect((await pets.execute('update pet set born = ?', { params: [2020] })).rowCount).toBe(2);
      expect(await pets.execute('delete from pet where name = :name', { params: { name: 'Rex' } })).toEqual({
        rows: [],
        rowCount: 1,
      });
    });

    it('sends text, null, numbers, dates, bytes and big numbers as values', async () => {
      const quoted = `O'Neil \\ "x" ? :y; -- 🐈`;
      const [row] = await pets.query('select :a as a, :n as n', { params: { a: quoted, n: null } });
      expect(row).toEqual({ a: quoted, n: null });
      await pets.execute('insert into pet (id, name, born) values (:id, :name, :born)', {
        params: { id: 7n, name: quoted, born: 12 },
      });
      expect(await pets.query('select * from pet')).toEqual([{ id: 7, name: quoted, born: 12 }]);
      const bytes = Buffer.from([0, 39, 92, 255]);
      const column = place.family === 'postgresql' ? 'bytea' : 'blob';
      await pets.execute(`create table bytes (b ${column})`);
      await pets.execute('insert into bytes values (?)', { params: [bytes] });
      expect((await pets.query('select b from bytes'))[0]!['b']).toEqual(bytes);
      await pets.execute('drop table bytes');
    });

    it('goes on with a statement that comes again when its table has changed', async () => {
      await pets.execute('create table toy (id integer, size integer)');
      await pets.execute('insert into toy (id, size) values (1, 2)');
      const all = () => pets.query('select * from toy where id = ?', { params: [1] });
      for (let use = 0; use < 3; use++) expect(await all()).toEqual([{ id: 1, size: 2 }]);
      // A database in memory is another one for each connection.
      const changer = place.own ? pets : (await more({})).connection;
      await changer.execute('alter table toy add column name varchar(10)');
      expect(await all()).toEqual([{ id: 1, size: 2, name: null }]);
      await changer.execute('drop table toy');
      await changer.execute('create table toy (id varchar(10), colour varchar(10))');
      await changer.execute(`insert into toy (id) values ('1')`);
      const again = () => pets.query('select * from toy where id = ?', { params: ['1'] });
      for (let use = 0; use < 3; use++) expect(await again()).toEqual([{ id: '1', colour: null }]);
      await pets.execute('drop table toy');
    });

    it('leaves quoted text and comments alone', async () => {
      const [row] = await pets.query(`select 'a ? :b' as q, :v as v /* ? :c */ -- :d ?\n`, { params: { v: 'x' } });
      expect(row).toEqual({ q: 'a ? :b', v: 'x' });
      const [other] = await pets.query(`select 'what?' as q, ? as v -- ?`, { params: ['x'] });
      expect(other).toEqual({ q: 'what?', v: 'x' });
    });

    it('takes a list in in (…)', async () => {
      await add('Rex', 'Tom', 'Kim');
      expect(
        await pets.query('select name from pet where id in (:ids) order by id', { params: { ids: [0, 2] } }),
      ).toEqual([{ name: 'Rex' }, { name: 'Kim' }]);
    });

    it('reads in pieces, and the connection is free afterwards', async () => {
      await add(...Array.from({ length: 25 }, (_, index) => `pet ${index}`));
      const { hooks } = opened;
      const raw = await opened.raw();
      const cursor = await hooks.openCursor(
        raw,
        { sql: 'select id from pet order by id' },
        { signal: never, batchSize: 10 },
      );
      const sizes: number[] = [];
      for (let rows = await cursor.read(10); ; rows = await cursor.read(10)) {
        sizes.push(rows.length);
        if (rows.length === 0) break;
      }
      await cursor.close();
      expect(sizes).toEqual([10, 10, 5, 0]);
      expect(hooks.pool(raw)).toMatchObject({ used: 0, waiting: 0 });
    });

    it('can be left early, and the connection is free afterwards', async () => {
      await add(...Array.from({ length: 25 }, (_, index) => `pet ${index}`));
      const raw = await opened.raw();
      const cursor = await opened.hooks.openCursor(
        raw,
        { sql: 'select id from pet order by id' },
        { signal: never, batchSize: 3 },
      );
      expect(await cursor.read(3)).toHaveLength(3);
      await cursor.close();
      expect(opened.hooks.pool(raw)).toMatchObject({ used: 0, waiting: 0 });
      expect(await names()).toHaveLength(25);
    });

    it('says when a statement of a cursor is wrong', async () => {
      const raw = await opened.raw();
      const reading = async (): Promise<unknown> => {
        const cursor = await opened.hooks.openCursor(
          raw,
          { sql: 'select nothing from nowhere' },
          { signal: never, batchSize: 3 },
        );
        return cursor.read(3).finally(() => cursor.close());
      };
      await expect(reading()).rejects.toBeDefined();
      expect(opened.hooks.pool(raw)).toMatchObject({ used: 0 });
      expect(await names()).toEqual([]);
    });

    it('commits a transaction', async () => {
      const raw = await opened.raw();
      const tx = await opened.hooks.begin(raw, { readOnly: false, signal: never });
      await tx.run({ sql: 'insert into pet (id, name) values (?, ?)', params: [1, 'Rex'] }, writes);
      expect((await tx.run({ sql: 'select name from pet' }, reads)).rows).toEqual([{ name: 'Rex' }]);
      await (tx.raw as Knex.Transaction)('pet').insert({ id: 2, name: 'Tom' });
      await tx.commit();
      expect(await names()).toEqual(['Rex', 'Tom']);
      expect(opened.hooks.pool(raw)).toMatchObject({ used: 0 });
    });

    it('rolls a transaction back, also one with a failed statement or an open cursor', async () => {
      const raw = await opened.raw();
      for (const spoil of ['nothing', 'error', 'cursor'] as const) {
        const tx = await opened.hooks.begin(raw, { readOnly: false, signal: never });
        await tx.run({ sql: "insert into pet (id, name) values (1, 'Rex')" }, writes);
        if (spoil === 'error')
          await expect(tx.run({ sql: 'select nothing from nowhere' }, reads)).rejects.toBeDefined();
        if (spoil === 'cursor') {
          const cursor = await tx.openCursor({ sql: 'select id from pet' }, { signal: never, batchSize: 1 });
          await cursor.read(1);
          await cursor.close();
        }
        await tx.rollback();
        expect(await names()).toEqual([]);
        expect(opened.hooks.pool(raw)).toMatchObject({ used: 0 });
      }
    });

    it('refuses writes in a transaction that only reads, and writes again afterwards', async () => {
      const raw = await opened.raw();
      const tx = await opened.hooks.begin(raw, { readOnly: true, isolation: 'repeatable read', signal: never });
      await expect(tx.run({ sql: "insert into pet (id, name) values (1, 'Rex')" }, writes)).rejects.toBeDefined();
      await tx.rollback();
      const other = await opened.hooks.begin(raw, { readOnly: true, signal: never });
      expect((await other.run({ sql: 'select 1 as one' }, reads)).rows).toEqual([{ one: 1 }]);
      await other.commit();
      await add('Rex');
      expect(await names()).toEqual(['Rex']);
    });

    it('refuses a write through query, and a bind that is missing, unknown or undefined', async () => {
      await expect(pets.query("insert into pet (id, name) values (1, 'x')")).rejects.toMatchObject({
        code: 'write_in_query',
        connection: 'pets',
      });
      for (const params of [{ other: 'secret-value' }, { name: undefined }, { name: 'a', more: 'secret-value' }]) {
        const failed = pets.query('select * from pet where name = :name', { params });
        await expect(failed).rejects.toMatchObject({
          code: 'invalid_bind',
          message: expect.stringMatching(/:(name|more)/),
        });
        await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining('secret-value') });
      }
    });

    it('says what the server says when a statement is wrong', async () => {
      await expect(pets.query('select nothing from nowhere')).rejects.toMatchObject({
        code: 'query_failed',
        category: 'query',
        retryable: false,
      });
      await add('Rex');
      await expect(
        pets.execute('insert into pet (id, name) values (?, ?)', { params: [0, 'Rex'] }),
      ).rejects.toMatchObject({ code: 'query_failed' });
    });

    it('says who holds the pool when nothing becomes free', async () => {
      const port = await more({ knex: { pool: { max: 1, acquireTimeoutMillis: 300 } } });
      const raw = await port.raw();
      const tx = await port.hooks.begin(raw, { readOnly: false, signal: never });
      await expect(port.connection.query('select 1')).rejects.toMatchObject({
        code: 'pool_exhausted',
        connection: 'pets',
        message: expect.stringMatching(/1 of 1 .* a transaction \(\d/),
      });
      await tx.rollback();
      expect(await port.connection.query('select 1 as one')).toEqual([{ one: 1 }]);
    });

    it('does not wait for a connection that nobody wants any more', async () => {
      const port = await more({ knex: { pool: { max: 1 } } });
      const raw = await port.raw();
      const tx = await port.hooks.begin(raw, { readOnly: false, signal: never });
      const stop = new AbortController();
      const waiting = port.hooks.run(raw, { sql: 'delete from pet' }, { write: true, signal: stop.signal });
      await sleep(10);
      stop.abort(new Error('enough'));
      await expect(waiting).rejects.toThrow('enough');
      expect(port.hooks.pool(raw)).toMatchObject({ used: 1, waiting: 0 });
      await tx.commit();
    });

    it('gives up idle connections when it is retired, not the busy ones', async () => {
      const port = await more({});
      const raw = await port.raw();
      const tx = await port.hooks.begin(raw, { readOnly: false, signal: never });
      port.hooks.retire(raw);
      expect((await tx.run({ sql: 'select 1 as one' }, reads)).rows).toEqual([{ one: 1 }]);
      await tx.commit();
      await sleep(20);
      expect(port.hooks.pool(raw)).toMatchObject({ size: 0 });
    });

    const { slow, running } = place;
    if (!slow || !running) return;

    it('closes connections that are idle for long, and keeps as many as it shall', async () => {
      const port = await more({ knex: { pool: { min: 1, max: 3, idleTimeoutMillis: 200 } } });
      const raw = await port.raw();
      const begin = () => port.hooks.begin(raw, { readOnly: false, signal: never });
      const size = () => port.hooks.pool(raw)?.size;
      for (let time = 0; time < 2; time++) {
        const open = await Promise.all([begin(), begin(), begin()]);
        expect(size()).toBe(3);
        for (const tx of open) await tx.commit();
        while (size() !== 1) await sleep(10);
        expect(await port.connection.query('select 1 as one')).toEqual([{ one: 1 }]);
        expect(size()).toBe(1);
      }
    });

    it("stops the server's work when the signal fires, and uses the connection again", async () => {
      const port = await more({ knex: { pool: { max: 1 } } });
      const raw = await port.raw();
      const stop = new AbortController();
      const work = port.hooks.run(raw, { sql: `${slow(30)} /* stop me */` }, { write: false, signal: stop.signal });
      while ((await running('stop me')) === 0) await sleep(10);
      stop.abort();
      await expect(work).rejects.toBeDefined();
      expect(await running('stop me')).toBe(0);
      expect(port.hooks.pool(raw)).toMatchObject({ used: 0, size: 1 });
      expect(await port.connection.query('select 1 as one')).toEqual([{ one: 1 }]);
    });

    it('stops a cursor while it reads', async () => {
      const port = await more({ knex: { pool: { max: 1 } } });
      const raw = await port.raw();
      const cursor = await port.hooks.openCursor(
        raw,
        { sql: `${slow(30)} /* stop this */` },
        { signal: never, batchSize: 10 },
      );
      const reading = cursor.read(10).catch((error: unknown) => error);
      while ((await running('stop this')) === 0) await sleep(10);
      await cursor.close();
      await reading;
      // The server says that it has stopped a moment before its list of activities does.
      while ((await running('stop this')) > 0) await sleep(10);
      expect(await port.connection.query('select 1 as one')).toEqual([{ one: 1 }]);
    });

    it('stops a transaction while it runs', async () => {
      const raw = await opened.raw();
      const tx = await opened.hooks.begin(raw, { readOnly: false, signal: never });
      await tx.run({ sql: "insert into pet (id, name) values (1, 'Rex')" }, writes);
      const work = tx.run({ sql: `${slow(30)} /* stop it */` }, reads).catch((error: unknown) => error);
      while ((await running('stop it')) === 0) await sleep(10);
      await tx.rollback();
      await work;
      expect(await running('stop it')).toBe(0);
      expect(await names()).toEqual([]);
    });

    it('cuts what is still running when closing takes too long', async () => {
      const port = await more({});
      const raw = await port.raw();
      const work = port.hooks.run(raw, { sql: `${slow(30)} /* cut me */` }, { write: false, signal: never });
      while ((await running('cut me')) === 0) await sleep(10);
      const late = AbortSignal.timeout(50);
      await Promise.all([expect(work).rejects.toBeDefined(), port.hooks.disconnect(raw, { signal: late })]);
      extra.pop();
    });
  });
}
