import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnections, SqlConnection, type ConnectionRegistry } from '../../../src/index.ts';
import { callbackSqlite } from '../../../src/kinds/sql/engines/sqlite-callback.ts';
import { otherEngine } from '../../../src/kinds/sql/engines/other.ts';
import { numberedTable } from '../../../src/kinds/sql/engines/sqlite-numbers.ts';
import { sqliteDriver } from '../../support/sqlite-driver.ts';

describe('Result.insertId of SQLite', () => {
  let hot: ConnectionRegistry;
  let pets: SqlConnection;
  beforeAll(async () => {
    hot = createConnections({ sources: [] });
    pets = await hot.connection('pets', { type: SqlConnection, url: 'sqlite://', driver: sqliteDriver });
    await pets.execute('create table pet (id integer primary key, name text unique)');
    await pets.execute('create table "od d" (name text primary key) without rowid');
    await pets.execute('create view every as select * from pet');
    await pets.execute(
      'create trigger t instead of insert on every begin insert into pet (name) values (new.name); end',
    );
  });
  afterAll(() => hot.close());
  const id = async (sql: string, by: Pick<SqlConnection, 'execute'> = pets) => (await by.execute(sql)).insertId;

  it('is the number of the row that was inserted last, through a connection, a transaction and a session', async () => {
    expect(await pets.execute('insert into pet (name) values (:name)', { params: { name: 'a' } })).toEqual({
      rows: [],
      rowCount: 1,
      insertId: 1,
    });
    expect(await id("/* new */ insert or ignore into main.[pet] (name) values ('b'), ('c')")).toBe(3);
    expect(await id('with x as (select \'d\' as n) insert into "pet" (name) select n from x')).toBe(4);
    expect(await id("replace into pet (name) values ('d')")).toBe(5);
    expect(await pets.transaction((tx) => id("insert into pet (name) values ('e')", tx))).toBe(6);
    expect(await pets.session((session) => id("insert into pet (name) values ('f')", session))).toBe(7);
  });

  it.each([
    "update pet set name = 'g' where id = 1",
    'delete from pet where id = 2',
    "insert or ignore into pet (name) values ('c')",
    "insert into pet (name) values ('c') on conflict do nothing",
    "insert into pet (name) values ('c') on conflict (name) do update set name = 'cc'",
    'insert into "od d" values (\'x\')',
    "insert into every (name) values ('h')",
    'create table other (a int)',
  ])('is absent where nothing got a number: %s', async (sql) => {
    expect(await pets.execute(sql)).not.toHaveProperty('insertId');
  });

  it('is that of the table that has the name now', async () => {
    const insert = "insert into again values (70, 'x')";
    const made = 'create table again (id integer primary key, name text)';
    const found: unknown[] = [];
    for (const how of ['', ' without rowid', '']) {
      await pets.execute('drop table if exists again');
      await pets.use(async (knex) => void (await knex.raw(made + how)));
      found.push(await id(insert));
      await pets.execute('delete from again');
      found.push(await id(insert));
    }
    expect(found).toEqual([70, 70, undefined, undefined, 70, 70]);
  });

  it('is exact beyond what a number holds', async () => {
    const big = 'insert into pet (id) values (9007199254740993)';
    expect(await id(big)).toBe('9007199254740993');
    const exact = await hot.connection('big', {
      type: SqlConnection,
      url: 'sqlite://',
      driver: sqliteDriver,
      bigint: 'bigint',
    });
    await exact.execute('create table pet (id integer primary key)');
    expect(await id(big, exact)).toBe(9007199254740993n);
  });

  it('knows the table by whatever quotes it has', () => {
    const names = ['"a ""b"', '`a`', "'a'", '[a b]', 'main . pet'].map((name) =>
      numberedTable(`insert into ${name} values (1)`),
    );
    expect(names).toEqual(['a "b', 'a', 'a', 'a b', 'pet']);
  });

  it('comes from the package sqlite3, too', async () => {
    const connection = {
      run(_sql: string, _values: unknown, answer: (this: object, error: null) => void) {
        answer.call({ changes: 1, lastID: 7 }, null);
      },
    };
    const run = (sql: string) => callbackSqlite.run(connection as never, { text: [sql], values: [] }, true);
    expect(await run('insert into pet values (1)')).toEqual({ rows: [], rowCount: 1, insertId: 7 });
    expect(await run('update pet set a = 1')).toEqual({ rows: [], rowCount: 1 });
  });
});

it('Result.insertId of SQL Server is what scope_identity() says', async () => {
  const said = (id: string | null) => ({
    prepBindings: (bindings: unknown[]) => bindings,
    _query: async (_connection: unknown, query: { sql: string }) => {
      expect(query.sql).toContain('scope_identity()');
      return query;
    },
    processResponse: () => [{ hotline_rowcount: 1, hotline_id: id }],
  });
  const run = (id: string | null) =>
    otherEngine(said(id) as never, 'mssql').run({}, { text: ['insert into pet values (1)'], values: [] }, true);
  expect(await run('9007199254740993')).toEqual({ rows: [], rowCount: 1, insertId: '9007199254740993' });
  expect(await run('7')).toEqual({ rows: [], rowCount: 1, insertId: 7 });
  expect(await run(null)).toEqual({ rows: [], rowCount: 1 });
});
