import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
import { BehaviorSubject } from 'rxjs';
import {
  createConnections,
  inline,
  SqlConnection,
  type ConnectionEvent,
  type ConnectionRegistry,
  type SecretTree,
} from 'hotline';
import { pgPool } from 'hotline/pg';
import { startPostgres, type Postgres } from '../support/postgres.ts';

let server: Postgres;
let hot: ConnectionRegistry;
let pets: SqlConnection;
let secrets$: BehaviorSubject<SecretTree>;
let warned: ConnectionEvent[];

const section = (url = server.url(), max = 3): SecretTree => ({
  connections: { pets: { type: 'sql', url, knex: { pool: { max, acquireTimeoutMillis: 400 } } } },
});
const backends = async (): Promise<number> =>
  (
    await server.sql<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
    )
  )[0]!.n;
const until = async (true_: () => boolean | Promise<boolean>): Promise<void> => {
  for (const end = Date.now() + 8000; Date.now() < end; await sleep(10)) if (await true_()) return;
  throw new Error('it did not come to pass in time');
};

beforeAll(async () => {
  server = await startPostgres();
  await server.sql('create database farm');
}, 60_000);
afterAll(() => server?.close());
beforeEach(async () => {
  secrets$ = new BehaviorSubject(section());
  hot = createConnections({ sources: [inline(secrets$)], drainTimeout: '2s' });
  warned = [];
  hot.events$.subscribe((event) => void (event.type === 'warning' && warned.push(event)));
  pets = await hot.connection('pets', { type: SqlConnection });
});
afterEach(() => hot.close({ timeout: 0 }));

describe('pgPool', () => {
  it('is a pool of pg, also by the name of its class', () => {
    const pool = pgPool(pets, { pg });
    expect(pool).toBeInstanceOf(pg.Pool);
    expect(pgPool(pets).constructor.name).toContain('Pool');
  });

  it('answers queries in every form of pg: text, values, config, callback', async () => {
    const pool = pgPool(pets);
    expect((await pool.query('select 1 as a')).rows).toEqual([{ a: 1 }]);
    expect((await pool.query('select $1::int as a', [2])).rows).toEqual([{ a: 2 }]);
    expect((await pool.query({ text: 'select $1::int as a', values: [3], rowMode: 'array' })).rows).toEqual([[3]]);
    expect((await pool.query({ name: 'named', text: 'select $1::int as a' }, [4])).rows).toEqual([{ a: 4 }]);
    const told = await new Promise(
      (resolve) => void pool.query('select 5 as a', (_error, result) => resolve(result.rows)),
    );
    expect(told).toEqual([{ a: 5 }]);
    await expect(pool.query('select broken')).rejects.toMatchObject({ code: '42703', severity: 'ERROR' });
    const refused = await new Promise((resolve) => void pool.query(resolve as never));
    expect(refused).toMatchObject({ message: expect.stringContaining('Passing a function') });
    expect(pets.stats()).toMatchObject({ leases: 0, pool: { used: 0 } });
  });

  it('reads values as a bare client does, and with the `types` that it was given', async () => {
    const text = `select 9007199254740993::int8 as big, 1::int8 as small, '2020-01-02'::date as day, 1.5::numeric as n`;
    const bare = new pg.Client(server.url());
    await bare.connect();
    const { rows } = await bare.query(text);
    await bare.end();
    expect((await pgPool(pets).query(text)).rows).toEqual(rows);
    const types = { getTypeParser: () => (value: unknown) => `<${String(value)}>` };
    expect((await pgPool(pets, { types: types }).query('select 1 as a')).rows).toEqual([{ a: '<1>' }]);
    expect((await pgPool(pets).query('select 1 as a')).rows).toEqual([{ a: 1 }]);
    expect(await pets.query('select 1::int8 as a')).toEqual([{ a: 1 }]);
  });

  it('checks out a client by promise and by callback, and takes it back once', async () => {
    const pool = pgPool(pets);
    const client = await pool.connect();
    expect([pets.stats().leases, pool.totalCount, pool.idleCount, pool.waitingCount]).toEqual([1, 1, 0, 0]);
    await client.query('select 1');
    client.release();
    expect(() => client.release()).toThrow('Release called on client which has already been released to the pool.');
    expect([pets.stats().leases, pool.totalCount, pool.idleCount]).toEqual([0, 1, 1]);
    const again = await new Promise((resolve, reject) => {
      pool.connect((error, held, release) => {
        if (error) return reject(error);
        release();
        resolve(held);
      });
    });
    expect(again).toBe(client);
  });

  it('closes a client that is released with an error, and one that has served maxUses', async () => {
    const pool = pgPool(pets, { maxUses: 2 });
    const removed: unknown[] = [];
    pool.on('remove', (client) => removed.push(client));
    const first = await pool.connect();
    first.release(new Error('mine'));
    await until(() => removed.includes(first));
    const second = await pool.connect();
    expect(second).not.toBe(first);
    second.release();
    (await pool.connect()).release();
    await until(() => removed.includes(second));
    await until(async () => (await backends()) === 0);
  });

  it.each([1, 2, 3])('closes a client after %i checkouts where maxUses says so, and none before', async (maxUses) => {
    const pool = pgPool(pets, { maxUses });
    const clients: unknown[] = [];
    for (let turn = 0; turn < 3 * maxUses; turn++) {
      const client = await pool.connect();
      clients.push(client);
      client.release();
    }
    expect(new Set(clients).size).toBe(3);
    expect(new Set(clients.slice(0, maxUses)).size).toBe(1);
  });

  it('closes a client that has lived for maxLifetimeSeconds', async () => {
    const pool = pgPool(pets, { maxLifetimeSeconds: 0.05 });
    const first = await pool.connect();
    await sleep(80);
    first.release();
    const second = await pool.connect();
    expect(second).not.toBe(first);
    second.release();
  });

  it('emits connect once for each client, before anybody has it, and acquire and release each time', async () => {
    const pool = pgPool(pets);
    const events: string[] = [];
    pool.on('connect', (client) => void client.query(`set search_path to 'pg_catalog'`));
    for (const name of ['connect', 'acquire', 'release'] as const) pool.on(name as 'connect', () => events.push(name));
    const { rows } = await pool.query('show search_path');
    expect(rows).toEqual([{ search_path: 'pg_catalog' }]);
    await pool.query('select 1');
    expect(events).toEqual(['connect', 'acquire', 'release', 'acquire', 'release']);
  });

  it('waits for onConnect and verify; what they refuse is closed', async () => {
    const order: string[] = [];
    const pool = pgPool(pets, {
      onConnect: async (client: pg.PoolClient) => {
        await client.query('select 1');
        order.push('onConnect');
      },
      verify: (_client: pg.PoolClient, done: (error?: Error) => void) => {
        order.push('verify');
        done();
      },
    });
    pool.on('connect', () => order.push('connect'));
    (await pool.connect()).release();
    expect(order).toEqual(['onConnect', 'connect', 'verify']);
    const refusing = pgPool(pets, { onConnect: () => Promise.reject(new Error('not this one')) });
    await expect(refusing.connect()).rejects.toThrow('not this one');
    expect(pets.stats()).toMatchObject({ leases: 0, pool: { used: 0 } });
  });

  it('emits error of an idle client only where somebody listens', async () => {
    const pool = pgPool(pets);
    await pool.query('select 1');
    await server.sql(
      `select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'`,
    );
    await until(() => pool.totalCount === 0);
    const errors: unknown[] = [];
    pool.on('error', (error) => errors.push(error));
    await pool.query('select 1');
    await server.sql(
      `select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'`,
    );
    await until(() => errors.length === 1);
    expect(errors[0]).toMatchObject({ code: '57P01', client: expect.any(pg.Client) });
  });

  it('a full pool gives the time-out of the driver, that of the section or its own, and never nested_lease', async () => {
    const pool = pgPool(pets, { connectionTimeoutMillis: 100 });
    const held = await Promise.all([pool.connect(), pool.connect(), pool.connect()]);
    const begun = performance.now();
    await expect(pool.connect()).rejects.toThrow('timeout exceeded when trying to connect');
    expect(performance.now() - begun).toBeLessThan(300);
    await expect(pgPool(pets).query('select 1')).rejects.toThrow('timeout exceeded when trying to connect');
    const waiting = pool.query('select 1 as a');
    expect(pool.waitingCount).toBe(1);
    for (const client of held) client.release();
    expect((await waiting).rows).toEqual([{ a: 1 }]);
  });

  it('end() ends this pool, after its checkouts, and leaves the connection open', async () => {
    const pool = pgPool(pets);
    const client = await pool.connect();
    let ended = false;
    const ending = pool.end().then(() => (ended = true));
    await expect(pool.end()).rejects.toThrow('Called end on pool more than once');
    await expect(pool.query('select 1')).rejects.toThrow('Cannot use a pool after calling end on the pool');
    await sleep(50);
    expect([ended, pool.ended]).toEqual([false, false]);
    client.release();
    await ending;
    expect(pool.ended).toBe(true);
    expect(await pets.query('select 1 as a')).toEqual([{ a: 1 }]);
    await new Promise<void>((resolve) => void pgPool(pets).end(resolve));
  });

  it('end() lets all that began before it come to its end', async () => {
    const pool = pgPool(pets);
    const asked = Array.from({ length: 12 }, () => pool.query('select 1 as a'));
    const taken = pool.connect().then((client) => client.release());
    await pool.end();
    expect((await Promise.all(asked)).map(({ rows }) => rows as unknown)).toEqual(asked.map(() => [{ a: 1 }]));
    await taken;
    expect(pets.stats().leases).toBe(0);
  });

  it('rolls back what is left open, and lets nobody wait for what a client still runs', async () => {
    const pool = pgPool(pets);
    const client = await pool.connect();
    await client.query('begin');
    client.release();
    expect((await pool.query('select pg_current_xact_id_if_assigned() as a')).rows).toEqual([{ a: null }]);
    expect(warned).toMatchObject([{ code: 'transaction_left_open' }]);
    const busy = await pool.connect();
    const work = busy.query('select pg_sleep(0.2)');
    busy.release();
    expect(pets.stats().leases).toBe(1);
    await work;
    await until(() => pets.stats().leases === 0);
  });

  it('frees the place of a client that has ended, also where its holder never releases it', async () => {
    const pool = pgPool(pets);
    const client = await pool.connect();
    client.on('error', () => undefined);
    const [{ pid }] = (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows as [{ pid: number }];
    await server.sql('select pg_terminate_backend($1)', [pid]);
    await until(() => pets.stats().leases === 0 && pets.stats().pool?.used === 0);
    client.release();
    expect(() => client.release()).toThrow('Release called on client');
  });

  it('runs cursors and streams on a checkout', async () => {
    const pool = pgPool(pets);
    const client = await pool.connect();
    const cursor = client.query(new Cursor('select generate_series(1, 5) as a'));
    expect(await cursor.read(2)).toEqual([{ a: 1 }, { a: 2 }]);
    await cursor.close();
    const rows: unknown[] = [];
    for await (const row of client.query(new QueryStream('select generate_series(1, 3) as a'))) rows.push(row);
    expect(rows).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
    client.release();
    const left = await pool.connect();
    left.query(new Cursor('select generate_series(1, 5) as a'));
    left.release(true);
    expect((await pool.query('select 1 as a')).rows).toEqual([{ a: 1 }]);
  });

  it('uses the current instance after a change, and closes what is released to the old one', async () => {
    const pool = pgPool(pets);
    const held = await pool.connect();
    secrets$.next(section(server.url({ database: 'farm' })));
    await until(async () => (await pool.query('select current_database() as a')).rows[0].a === 'farm');
    expect((await held.query('select current_database() as a')).rows[0].a).toBe('postgres');
    const removed: unknown[] = [];
    pool.on('remove', (client) => removed.push(client));
    held.release();
    await until(() => removed.includes(held));
  });

  it('tells a client that listens when newcomers have moved on, and every holder when it is cut', async () => {
    const pool = pgPool(pets);
    const [listener, other] = [await pool.connect(), await pool.connect()];
    const told: string[] = [];
    listener.on('notification', () => undefined);
    listener.on('error', (error: Error & { code?: string }) => {
      told.push(`listener ${error.code}`);
      listener.release(error);
    });
    await listener.query('listen pets');
    let over = false;
    other.on('error', (error: Error & { code?: string }) => told.push(`other ${error.code}`));
    other.on('end', () => (over = true));
    const running = other.query('select pg_sleep(20)');
    secrets$.next(section(server.url({ database: 'farm' })));
    await until(() => told.length === 1);
    expect(told).toEqual(['listener 57P01']);
    await expect(running).rejects.toBeDefined();
    await until(() => over && told.length === 2);
    expect(told).toEqual(['listener 57P01', 'other 57P01']);
    other.release();
    await until(() => pets.stats().draining === undefined);
  });

  it('asks a function for the handle when it is first used, and again while that fails', async () => {
    let asked = 0;
    const pool = pgPool(async () => {
      if (++asked < 3) throw new Error('not yet');
      return hot.connection('pets', { type: SqlConnection });
    });
    expect([asked, pool.totalCount, pool.waitingCount]).toEqual([0, 0, 0]);
    await expect(pool.query('select 1')).rejects.toThrow('not yet');
    await expect(pool.query('select 1')).rejects.toThrow('not yet');
    expect(
      (await Promise.all([pool.query('select 1 as a'), pool.query('select 2 as a')])).map(({ rows }) => rows),
    ).toEqual([[{ a: 1 }], [{ a: 2 }]]);
    expect(asked).toBe(3);
  });

  it('a first opening fails with the error of the driver', async () => {
    const other = createConnections({
      sources: [inline(section(server.url({ password: 'wrong' })))],
      retry: { attempts: 1 },
    });
    const pool = pgPool(() => other.connection('pets', { type: SqlConnection }));
    const refused: unknown = await pool.query('select 1').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(pg.DatabaseError);
    expect(refused).toMatchObject({ code: '28P01', severity: 'FATAL', routine: 'auth_failed' });
    await other.close();
    const gone = pgPool(pets);
    await hot.close();
    await expect(gone.query('select 1')).rejects.toMatchObject({ code: 'closed' });
  });

  it('a first opening fails with the words of the driver, also where it has no code', async () => {
    const closing = createServer((socket) => socket.once('data', () => socket.end()))
      .listen(0, '127.0.0.1')
      .unref();
    await once(closing, 'listening');
    const url = `postgresql://postgres@127.0.0.1:${(closing.address() as AddressInfo).port}/pets`;
    const bare = await new pg.Client(url).connect().catch((error: unknown) => error as Error);
    const other = createConnections({ sources: [inline(section(url))], retry: { attempts: 1 } });
    const pool = pgPool(() => other.connection('pets', { type: SqlConnection }));
    const told = (await pool.query('select 1').catch((error: unknown) => error)) as Error & { code?: string };
    expect([told.name, told.message, told.code]).toEqual(['Error', (bare as Error).message, undefined]);
    await other.close();
    closing.close();
  });

  it('counts a client that is being opened, as pg does', async () => {
    const pool = pgPool(() => hot.connection('pets', { type: SqlConnection }));
    const figures = (): number[] => [pool.totalCount, pool.idleCount, pool.waitingCount];
    expect(figures()).toEqual([0, 0, 0]);
    const asked = [1, 2, 3, 4].map((n) => pool.query('select $1::int as a', [n]));
    expect(figures()).toEqual([4, 0, 0]);
    await Promise.all(asked);
    expect(figures()).toEqual([3, 3, 0]);
    expect((pool as unknown as { _clients: unknown[] })._clients).toHaveLength(3);
    const again = [1, 2, 3, 4, 5].map((n) => pool.query('select $1::int as a', [n]));
    expect(pool.totalCount).toBe(3);
    await Promise.all(again);
  });

  it('counts a client whose link broke until its holder releases it', async () => {
    const pool = pgPool(pets);
    const client = await pool.connect();
    const counted: number[] = [];
    const told = once(client, 'error').then(() => {
      counted.push(pool.totalCount);
      client.release();
      counted.push(pool.totalCount);
    });
    (client as unknown as { connection: { stream: Socket } }).connection.stream.destroy();
    await told;
    expect(counted).toEqual([1, 0]);
    expect((await pool.query('select 1 as a')).rows).toEqual([{ a: 1 }]);
  });

  it('honours the options of pg that stand in no section: Promise and log; its `options` have the sizes of the section', async () => {
    class Mine<T> extends Promise<T> {}
    const said: string[] = [];
    const log = (message: string): void => void said.push(message);
    const pool = pgPool(pets, { Promise: Mine, log, maxUses: 1 } as object);
    const [query, checkout] = [pool.query('select 1'), pool.connect()];
    for (const promise of [query, checkout]) expect(promise).toBeInstanceOf(Mine);
    await query;
    (await checkout).release();
    expect(said).toContain('remove expended client');
    expect(pool.options).toMatchObject({ max: 3, min: 0, maxUses: 1 });
    expect(pool.end()).toBeInstanceOf(Mine);
  });

  it('warns once of a Client of its own, which hotline does not make', async () => {
    class Mine extends pg.Client {}
    for (const Client of [pg.Client, Mine, Mine]) {
      const pool = pgPool(pets, { Client } as object);
      await pool.query('select 1');
      await pool.query('select 1');
    }
    expect(warned).toMatchObject([
      { code: 'pool_option_ignored', message: expect.stringContaining('the option Client') },
      { code: 'pool_option_ignored' },
    ]);
  });

  it('refuses what is no connection of PostgreSQL', async () => {
    const lite = createConnections({ sources: [inline({ connections: { lite: { type: 'sql', url: 'sqlite://' } } })] });
    const handle = await lite.connection('lite', { type: SqlConnection });
    await expect(pgPool(handle).query('select 1')).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('pgPool needs a connection over the driver pg'),
    });
    await lite.close();
    for (const wrong of [undefined, null, {}, 'pets', hot.connection('pets', { type: SqlConnection })])
      expect(() => pgPool(wrong as never)).toThrow('expected the handle of a SqlConnection');
    for (const name of ['connectionTimeoutMillis', 'maxUses', 'maxLifetimeSeconds'])
      expect(() => pgPool(pets, { [name]: 'soon' })).toThrow(`pgPool: ${name} is expected to be a number`);
    const patient = pgPool(pets, { connectionTimeoutMillis: Infinity });
    expect((await patient.query('select 1 as a')).rows).toEqual([{ a: 1 }]);
    await expect(pgPool(() => ({}) as never).connect()).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  it('warns once of options that the section decides otherwise, and of a second copy of pg', async () => {
    const pool = pgPool(pets, {
      max: 50,
      idleTimeoutMillis: 30_000,
      application_name: 'mine',
      password: 'a-secret-of-mine',
      pg,
    } as object);
    await pool.query('select 1');
    await pool.query('select 1');
    const told = warned.filter((event) => 'code' in event && event.code === 'pool_option_ignored');
    expect(told).toMatchObject([
      { connection: 'pets', message: expect.stringContaining('max, application_name, password') },
    ]);
    expect(JSON.stringify(warned)).not.toContain('a-secret-of-mine');
  });
});
