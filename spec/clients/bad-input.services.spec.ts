import { cp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import * as mysql from 'mysql2';
import pg from 'pg';
import { BaseConnection, createConnections, inline, SqlConnection, type ConnectionEvent } from 'hotline';
import { mysqlPool } from 'hotline/mysql2';
import { pgPool } from 'hotline/pg';
import { startPostgres, type Postgres } from '../support/postgres.ts';

const mariadb = process.env['HOTLINE_TEST_MARIADB_URL'] ?? 'mysql://root@127.0.0.1:3306/test';
const second = resolve('.cache/second-copies');

/** What a pool of either driver can do, by promise and by callback. */
interface AnyPool {
  readonly query: (sql: string) => Promise<unknown>;
  readonly queryBy: (sql: string, done: (error?: unknown) => void) => unknown;
  readonly take: () => Promise<{ release: () => unknown }>;
  readonly takeBy: (done: (error: unknown, held?: { release: () => unknown }) => void) => unknown;
  readonly end: () => Promise<unknown>;
  readonly endBy: (done: (error?: unknown) => void) => unknown;
}

const ofPg = (pool: pg.Pool): AnyPool => ({
  query: (sql) => pool.query(sql),
  queryBy: (sql, done) => pool.query(sql, done),
  take: () => pool.connect(),
  takeBy: (done) => pool.connect((error, client, release) => done(error, client && { release })),
  end: () => pool.end(),
  endBy: (done) => pool.end(done),
});
const ofMysql = (pool: mysql.Pool): AnyPool => ({
  query: (sql) => pool.promise().query(sql),
  queryBy: (sql, done) => pool.query(sql, done),
  take: () => pool.promise().getConnection(),
  takeBy: (done) => pool.getConnection(done),
  end: () => pool.promise().end(),
  endBy: (done) => pool.end(done),
});

/** What a call came to: nothing of note, or its error. */
const outcome = async (call: () => unknown): Promise<string> => {
  try {
    await call();
    return 'fine';
  } catch (error) {
    const { name, message, code } = error as Error & { code?: string };
    return `${name} ${code ?? ''}: ${message}`;
  }
};
const by = <T>(call: (done: (error?: unknown, value?: T) => void) => unknown): Promise<T | undefined> =>
  new Promise((done, failed) => call((error, value) => (error ? failed(error) : done(value))));

/** Mistakes, each on a pool of its own. */
const mistakes: Record<string, (pool: AnyPool) => Promise<unknown[]>> = {
  'end twice, by promise': async (pool) => [await outcome(pool.end), await outcome(pool.end)],
  'end twice, by callback': async (pool) => [await outcome(() => by(pool.endBy)), await outcome(() => by(pool.endBy))],
  'release twice, by promise': async (pool) => {
    const held = await pool.take();
    return [await outcome(() => held.release()), await outcome(() => held.release()), await outcome(pool.end)];
  },
  'release twice, by callback': async (pool) => {
    const held = (await by(pool.takeBy))!;
    return [await outcome(() => held.release()), await outcome(() => held.release()), await outcome(pool.end)];
  },
  'a query and a checkout after the end, by promise': async (pool) => {
    await pool.end();
    return [await outcome(() => pool.query('select 1')), await outcome(pool.take)];
  },
  'a query and a checkout after the end, by callback': async (pool) => {
    await pool.end();
    return [await outcome(() => by((done) => pool.queryBy('select 1', done))), await outcome(() => by(pool.takeBy))];
  },
  'a query that began before the end': async (pool) => {
    const asked = outcome(() => pool.query('select 1'));
    const ended = outcome(pool.end);
    return [await asked, await ended];
  },
  'no text': async (pool) => {
    const said = [await outcome(() => pool.query(undefined as never)), await outcome(() => pool.query('selekt'))];
    await pool.end();
    return said;
  },
};

class Shelf extends BaseConnection<object, object> {
  connect(): object {
    return {};
  }
}

let server: Postgres;
let warned: ConnectionEvent[];
let hot: ReturnType<typeof createConnections>;
let handles: Record<'postgres' | 'mysql' | 'sqlite', SqlConnection>;
beforeAll(async () => {
  server = await startPostgres();
  for (const name of ['pg', 'mysql2'])
    await cp(resolve('node_modules', name), resolve(second, name), { recursive: true, dereference: true });
}, 60_000);
afterAll(async () => {
  await server?.close();
  await rm(second, { recursive: true, force: true });
});
beforeEach(async () => {
  const connections = {
    postgres: { type: 'sql', url: server.url() },
    mysql: { type: 'sql', url: mariadb },
    sqlite: { type: 'sql', url: 'sqlite://' },
    shelf: { type: 'shelf' },
  };
  hot = createConnections({ sources: [inline({ connections })], types: { shelf: Shelf } });
  warned = [];
  hot.events$.subscribe((event) => void (event.type === 'warning' && warned.push(event)));
  const open = (name: string): Promise<SqlConnection> => hot.connection(name, { type: SqlConnection });
  handles = { postgres: await open('postgres'), mysql: await open('mysql'), sqlite: await open('sqlite') };
});
afterEach(() => hot.close({ timeout: 0 }));

const families = {
  postgres: {
    bare: () => ofPg(new pg.Pool({ connectionString: server.url() })),
    facade: (handle: unknown, options?: object) => ofPg(pgPool(handle as never, options)),
    others: ['mysql', 'sqlite'],
    contradiction: { max: 50, database: 'elsewhere' },
  },
  mysql: {
    bare: () => ofMysql(mysql.createPool(mariadb)),
    facade: (handle: unknown, options?: object) => ofMysql(mysqlPool(handle as never, options)),
    others: ['postgres', 'sqlite'],
    contradiction: { connectionLimit: 50, database: 'elsewhere' },
  },
} as const;

describe.each(['postgres', 'mysql'] as const)('a mistake with a pool of %s', (name) => {
  const { bare, facade, others, contradiction } = families[name];

  it.each(Object.keys(mistakes))('is told as the driver does: %s', async (mistake) => {
    const make = mistakes[mistake]!;
    expect(await make(facade(handles[name]))).toEqual(await make(bare()));
    expect(handles[name].stats().leases).toBe(0);
  });

  it.each(others)('tells what it needs where it is given a connection of %s', async (other) => {
    const pool = facade(handles[other]);
    const driver = { postgres: 'pg', mysql: 'mysql2' }[name];
    const refused = { code: 'invalid_argument', message: expect.stringContaining(`over the driver ${driver}`) };
    await expect(pool.query('select 1')).rejects.toMatchObject(refused);
    await expect(pool.take()).rejects.toMatchObject(refused);
    await expect(by((done) => pool.queryBy('select 1', done))).rejects.toMatchObject(refused);
    await expect(by(pool.takeBy)).rejects.toMatchObject(refused);
  });

  it('refuses a handle of another kind at once, and what a function gives at the first call', async () => {
    const shelf = await hot.connection('shelf');
    expect(() => facade(shelf)).toThrow('expected the handle of a SqlConnection');
    const pool = facade(() => shelf);
    const refused = { code: 'invalid_argument', message: expect.stringContaining('the handle of a SqlConnection') };
    await expect(pool.query('select 1')).rejects.toMatchObject(refused);
    await expect(by(pool.takeBy)).rejects.toMatchObject(refused);
  });

  it('says closed where the connection was closed, in every form, and ends', async () => {
    const pool = facade(handles[name]);
    await pool.query('select 1');
    await hot.close();
    const closed = { code: 'closed' };
    await expect(pool.query('select 1')).rejects.toMatchObject(closed);
    await expect(pool.take()).rejects.toMatchObject(closed);
    await expect(by((done) => pool.queryBy('select 1', done))).rejects.toMatchObject(closed);
    await expect(by(pool.takeBy)).rejects.toMatchObject(closed);
    await pool.end();
  });

  it('warns once of options that contradict the section, and follows the section', async () => {
    const pool = facade(handles[name], contradiction);
    await pool.query('select 1');
    await by((done) => pool.queryBy('select 1', done));
    expect(warned).toMatchObject([
      {
        code: 'pool_option_ignored',
        connection: name,
        message: expect.stringContaining(Object.keys(contradiction).join(', ')),
      },
    ]);
    await pool.end();
  });
});

describe('two copies of a driver', () => {
  const other = (name: string): object => createRequire(resolve(second, 'any.js'))(resolve(second, name)) as object;

  it('of pg work, with one warning that says what to do', async () => {
    const pool = pgPool(handles.postgres, { pg: other('pg') as typeof pg });
    expect((await pool.query('select 1 as a')).rows).toEqual([{ a: 1 }]);
    expect((await by<{ release: () => unknown }>(ofPg(pool).takeBy))!.release()).toBeUndefined();
    expect(warned).toMatchObject([{ code: 'two_copies', message: expect.stringContaining('npm dedupe') }]);
    expect(pool).not.toBeInstanceOf(pg.Pool);
    await pool.end();
  });

  it('of mysql2 are refused in every form, with what to do', async () => {
    const pool = ofMysql(mysqlPool(handles.mysql, { mysql2: other('mysql2') as typeof mysql }));
    const refused = { code: 'invalid_argument', message: expect.stringContaining('npm dedupe') };
    await expect(pool.query('select 1')).rejects.toMatchObject(refused);
    await expect(pool.take()).rejects.toMatchObject(refused);
    await expect(by((done) => pool.queryBy('select 1', done))).rejects.toMatchObject(refused);
    await expect(by(pool.takeBy)).rejects.toMatchObject(refused);
    expect(handles.mysql.stats().leases).toBe(0);
    await pool.end();
  });
});
