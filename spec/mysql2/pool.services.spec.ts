import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { PoolConnection } from 'mysql2';
import * as mysql from 'mysql2';
import { createConnection, type Connection } from 'mysql2/promise';
import { BehaviorSubject } from 'rxjs';
import {
  createConnections,
  inline,
  SqlConnection,
  type ConnectionEvent,
  type ConnectionRegistry,
  type SecretTree,
} from 'hotline';
import { mysqlPool } from 'hotline/mysql2';

const url = process.env['HOTLINE_TEST_MARIADB_URL'] ?? 'mysql://root@127.0.0.1:3306/test';
const farm = `farm_${process.pid}`;
let admin: Connection;
let hot: ConnectionRegistry;
let pets: SqlConnection;
let secrets$: BehaviorSubject<SecretTree>;
let warned: ConnectionEvent[];

const section = (database = 'test'): SecretTree => ({
  connections: {
    pets: {
      type: 'sql',
      url: url.replace(/[^/]*$/, database),
      knex: { pool: { max: 3, acquireTimeoutMillis: 400 } },
    },
  },
});
const until = async (true_: () => boolean | Promise<boolean>): Promise<void> => {
  for (const end = Date.now() + 8000; Date.now() < end; await sleep(10)) if (await true_()) return;
  throw new Error('it did not come to pass in time');
};
const taken = (pool: mysql.Pool): Promise<PoolConnection> =>
  new Promise((resolve, reject) => pool.getConnection((error, held) => (error ? reject(error) : resolve(held))));

beforeAll(async () => {
  admin = await createConnection(url);
  await admin.query(`create database ${farm}`);
});
afterAll(async () => {
  await admin.query(`drop database ${farm}`);
  await admin.end();
});
beforeEach(async () => {
  secrets$ = new BehaviorSubject(section());
  hot = createConnections({ sources: [inline(secrets$)], drainTimeout: '1s' });
  warned = [];
  hot.events$.subscribe((event) => void (event.type === 'warning' && warned.push(event)));
  pets = await hot.connection('pets', { type: SqlConnection });
});
afterEach(() => hot.close({ timeout: 0 }));

describe('mysqlPool', () => {
  it('is a pool of mysql2', () => {
    const Pool = mysql.createPool({}).constructor as new () => object;
    expect(mysqlPool(pets, { mysql2: mysql })).toBeInstanceOf(Pool);
    expect(mysqlPool(pets, { mysql2: mysql }).promise().constructor.name).toBe('PromisePool');
  });

  it('answers query and execute, by callback, by promise and as a stream', async () => {
    const pool = mysqlPool(pets);
    const told = await new Promise((resolve) => pool.query('select ? as a', [1], (_error, rows) => resolve(rows)));
    expect(told).toEqual([{ a: 1 }]);
    const executed = await new Promise((resolve) =>
      pool.execute('select ? as a', [2], (_error, rows) => resolve(rows)),
    );
    expect(executed).toEqual([{ a: 2 }]);
    expect((await pool.promise().query('select 3 as a'))[0]).toEqual([{ a: 3 }]);
    expect((await pool.promise().execute('select ? as a', [4]))[0]).toEqual([{ a: 4 }]);
    const rows: unknown[] = [];
    for await (const row of pool.query('select 5 as a union select 6').stream()) rows.push(row);
    expect(rows).toEqual([{ a: 5 }, { a: 6 }]);
    await expect(pool.promise().query('select broken')).rejects.toMatchObject({
      code: 'ER_BAD_FIELD_ERROR',
      errno: 1054,
    });
    await until(() => pets.stats().leases === 0 && pets.stats().pool?.used === 0);
  });

  it('reads values as a bare connection does, and as its own options say', async () => {
    const text = `select cast(9007199254740993 as signed) as big, date('2020-01-02') as day, cast(1.5 as decimal(3, 1)) as n`;
    const bare = await createConnection(url);
    const [rows] = await bare.query(text);
    await bare.end();
    expect((await mysqlPool(pets).promise().query(text))[0]).toEqual(rows);
    const strings = mysqlPool(pets, { dateStrings: true, supportBigNumbers: true, decimalNumbers: true });
    expect((await strings.promise().query(text))[0]).toEqual([{ big: '9007199254740993', day: '2020-01-02', n: 1.5 }]);
    expect((await mysqlPool(pets).promise().query(text))[0]).toEqual(rows);
    expect(warned).toEqual([]);
  });

  it('checks out a connection; to release it twice does nothing, and to destroy it closes it', async () => {
    const pool = mysqlPool(pets);
    const first = await taken(pool);
    expect(pets.stats()).toMatchObject({ leases: 1, pool: { used: 1 } });
    first.release();
    first.release();
    expect(pets.stats()).toMatchObject({ leases: 0, pool: { used: 0, idle: 1 } });
    const second = await taken(pool);
    expect(second).toBe(first);
    second.destroy();
    expect(pets.stats()).toMatchObject({ leases: 0, pool: { size: 0 } });
    const third = await pool.promise().getConnection();
    await third.query('select 1');
    pool.releaseConnection(third.connection as unknown as PoolConnection);
    expect(pets.stats().leases).toBe(0);
    // hotline closes it by the same methods when nobody holds it.
    await hot.close();
    await until(async () => {
      const [rows] = await admin.query('select 1 from information_schema.processlist where id = ?', [third.threadId]);
      return (rows as unknown[]).length === 0;
    });
  });

  it('emits connection once for each connection, and acquire and release each time', async () => {
    const pool = mysqlPool(pets);
    const events: string[] = [];
    pool.on('connection', (connection) => connection.query('set @mine = 7'));
    for (const name of ['connection', 'acquire', 'release'] as const)
      pool.on(name as 'acquire', () => events.push(name));
    expect((await pool.promise().query('select @mine as a'))[0]).toEqual([{ a: 7 }]);
    await pool.promise().query('select 1');
    expect(events).toEqual(['connection', 'acquire', 'release', 'acquire', 'release']);
  });

  it('emits enqueue where a checkout waits for a place', async () => {
    const pool = mysqlPool(pets);
    let waits = 0;
    pool.on('enqueue', () => waits++);
    const held = await Promise.all([taken(pool), taken(pool), taken(pool)]);
    expect(waits).toBe(0);
    const waiting = taken(pool);
    for (const connection of held) connection.release();
    (await waiting).release();
    expect(waits).toBe(1);
  });

  it('refuses a checkout of a full pool where it shall not wait, or where too many wait', async () => {
    const hasty = mysqlPool(pets, { waitForConnections: false });
    const short = mysqlPool(pets, { queueLimit: 1 });
    const held = await Promise.all([taken(hasty), taken(hasty), taken(short)]);
    await expect(taken(hasty)).rejects.toThrow('No connections available.');
    const waits = taken(short);
    await expect(taken(short)).rejects.toThrow('Queue limit reached.');
    for (const connection of held) connection.release();
    (await waits).release();
    (await taken(hasty)).release();
    (await taken(short)).release();
    expect(warned).toEqual([]);
  });

  it('takes no connection that is held on a retired instance for one in use', async () => {
    const pool = mysqlPool(pets, { waitForConnections: false });
    const held = await Promise.all([taken(pool), taken(pool), taken(pool)]);
    secrets$.next(section(farm));
    await until(() => pets.stats().draining !== undefined);
    held.push(await taken(pool));
    for (const connection of held) connection.release();
    await until(() => pets.stats().draining === undefined);
  });

  it('emits enqueue for each checkout of a burst that has to wait', async () => {
    const pool = mysqlPool(pets);
    let waits = 0;
    pool.on('enqueue', () => waits++);
    await Promise.all(Array.from({ length: 5 }, () => pool.promise().query('select 1')));
    expect(waits).toBe(2);
  });

  it('says how many connections there are, where mysql2 has them in lists', async () => {
    const pool = mysqlPool(pets);
    const lists = pool as unknown as Record<'_allConnections' | '_freeConnections' | '_connectionQueue', unknown[]>;
    const figures = (): number[] =>
      [lists._allConnections, lists._freeConnections, lists._connectionQueue].map(({ length }) => length);
    expect(figures()).toEqual([1, 1, 0]);
    const held = await Promise.all([taken(pool), taken(pool), taken(pool)]);
    expect(figures()).toEqual([3, 0, 0]);
    const waiting = taken(pool);
    expect(figures()).toEqual([3, 0, 1]);
    for (const connection of held) connection.release();
    (await waiting).release();
    expect(figures()).toEqual([3, 3, 0]);
  });

  it('takes end() of a connection as mysql2 does: a release with a warning, or with gracefulEnd its end', async () => {
    const said: string[] = [];
    const { warn } = console;
    console.warn = (text: string) => void said.push(text);
    const first = await taken(mysqlPool(pets));
    await new Promise<void>((resolve) => void first.end(() => resolve()));
    console.warn = warn;
    expect(said).toEqual([expect.stringContaining('Calling conn.end() to release a pooled connection is deprecated')]);
    expect(pets.stats()).toMatchObject({ leases: 0, pool: { used: 0, idle: 1 } });
    const second = await taken(mysqlPool(pets, { gracefulEnd: true }));
    expect(second).toBe(first);
    second.end();
    await until(() => pets.stats().leases === 0 && pets.stats().pool?.size === 0);
    expect(await pets.query('select 1 as a')).toEqual([{ a: 1 }]);
  });

  it('makes a session new at its release where resetOnRelease asks for it, with what the section sets', async () => {
    const own = createConnections({
      sources: [
        inline({
          connections: { pets: { type: 'sql', url, on_connect: 'set @ours = 7', knex: { pool: { max: 1 } } } },
        }),
      ],
    });
    const handle = await own.connection('pets', { type: SqlConnection });
    const pool = mysqlPool(handle, { resetOnRelease: true });
    const held = await taken(pool);
    await held.promise().query('set @mine = 8, time_zone = "+05:00"');
    await held.promise().execute('select ? as a', [1]);
    const waiting = taken(pool);
    held.release();
    const next = await waiting;
    const [rows] = await next
      .promise()
      .query('select @ours as ours, @mine as mine, @@time_zone = @@global.time_zone as zone');
    expect(rows).toEqual([{ ours: 7, mine: null, zone: 1 }]);
    expect((await next.promise().execute('select ? as a', [2]))[0]).toEqual([{ a: 2 }]);
    next.release();
    await until(() => handle.stats().leases === 0);
    expect(await handle.query('select 1 as a')).toEqual([{ a: 1 }]);
    await own.close();
  });

  it('a full pool gives a time-out of the driver', async () => {
    const pool = mysqlPool(pets);
    const held = await Promise.all([taken(pool), taken(pool), taken(pool)]);
    await expect(pool.promise().query('select 1')).rejects.toMatchObject({
      code: 'ETIMEDOUT',
      message: 'connect ETIMEDOUT',
    });
    for (const connection of held) connection.release();
  });

  it('end() ends this pool, after its checkouts, and leaves the connection open', async () => {
    const pool = mysqlPool(pets);
    const held = await taken(pool);
    let ended = 0;
    const ending = [pool.promise().end(), pool.promise().end()].map((end) => end.then(() => ended++));
    await expect(pool.promise().query('select 1')).rejects.toThrow('Pool is closed.');
    await sleep(30);
    expect(ended).toBe(0);
    held.release();
    await Promise.all(ending);
    expect(await pets.query('select 1 as a')).toEqual([{ a: 1 }]);
  });

  it('rolls back what is left open, and lets nobody wait for what a connection still runs', async () => {
    const pool = mysqlPool(pets);
    const held = await taken(pool);
    await held.promise().beginTransaction();
    held.release();
    await until(() => warned.length === 1);
    expect(warned).toMatchObject([{ code: 'transaction_left_open' }]);
    const busy = await taken(pool);
    const work = busy.promise().query('select sleep(0.2)');
    busy.release();
    expect(pets.stats().leases).toBe(1);
    await work;
    await until(() => pets.stats().leases === 0);
  });

  it('gives a connection back as soon as its statement has failed', async () => {
    const pool = mysqlPool(pets);
    const broken = 'select broken';
    for (const method of ['query', 'execute'] as const) {
      const failing = () => (method === 'query' ? pool.promise().query(broken) : pool.promise().execute(broken));
      await pool.promise().query('select 1');
      await expect(failing()).rejects.toMatchObject({ errno: 1054 });
      expect([method, pets.stats()]).toMatchObject([method, { leases: 0, pool: { size: 1, used: 0, idle: 1 } }]);
    }
  });

  it('frees the place of a connection that has ended, also where its holder never releases it', async () => {
    const held = await taken(mysqlPool(pets));
    await admin.query(`kill ${held.threadId}`);
    await until(() => pets.stats().leases === 0 && pets.stats().pool?.used === 0);
    held.release();
  });

  it('uses the current instance after a change, and tells every holder when it is cut', async () => {
    const pool = mysqlPool(pets);
    const held = await taken(pool);
    const told = new Promise((resolve) => held.once('error', resolve));
    secrets$.next(section(farm));
    const database = async () => ((await pool.promise().query('select database() as a'))[0] as { a: string }[])[0]!.a;
    await until(async () => (await database()) === farm);
    expect(await told).toMatchObject({ code: 'PROTOCOL_CONNECTION_LOST' });
    held.release();
    await until(() => pets.stats().draining === undefined);
  });

  it('asks a function for the handle, and fails with the error of the driver', async () => {
    let asked = 0;
    const pool = mysqlPool(() => (++asked < 2 ? Promise.reject(new Error('not yet')) : pets));
    await expect(pool.promise().query('select 1')).rejects.toThrow('not yet');
    expect((await pool.promise().query('select 1 as a'))[0]).toEqual([{ a: 1 }]);
    const other = createConnections({ sources: [inline(section('nowhere_at_all'))], retry: { attempts: 1 } });
    const lost = mysqlPool(() => other.connection('pets', { type: SqlConnection }));
    await expect(lost.promise().query('select 1')).rejects.toMatchObject({
      code: 'ER_BAD_DB_ERROR',
      errno: 1049,
      sqlState: '42000',
    });
    await other.close();
    await hot.close();
    await expect(pool.promise().query('select 1')).rejects.toMatchObject({ code: 'closed' });
  });

  it('refuses what is no connection of MySQL, and warns once of options that the section decides otherwise', async () => {
    for (const wrong of [undefined, {}, 'pets'])
      expect(() => mysqlPool(wrong as never)).toThrow('mysqlPool: expected the handle');
    expect(() => mysqlPool(pets, { queueLimit: 'few' as never })).toThrow('mysqlPool: queueLimit is expected');
    const lite = createConnections({ sources: [inline({ connections: { lite: { type: 'sql', url: 'sqlite://' } } })] });
    const handle = await lite.connection('lite', { type: SqlConnection });
    await expect(mysqlPool(handle).promise().query('select 1')).rejects.toMatchObject({ code: 'invalid_argument' });
    await lite.close();
    const pool = mysqlPool(pets, { connectionLimit: 50, database: 'test', charset: 'latin1' } as object);
    await pool.promise().query('select 1');
    await pool.promise().query('select 1');
    expect(warned).toMatchObject([
      { code: 'pool_option_ignored', message: expect.stringContaining('connectionLimit, charset,') },
    ]);
  });
});
