import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnections, inline, SqlConnection, type ConnectionRegistry } from '../../../src/index.ts';
import { postgresEngine } from '../../../src/kinds/sql/engines/postgres.ts';
import { startPostgres, type Postgres } from '../../support/postgres.ts';

let server: Postgres;
let hot: ConnectionRegistry;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterEach(() => hot.close());
afterAll(() => server?.close());

async function open(settings: object = {}): Promise<SqlConnection> {
  const pets = { url: server.url(), knex: { pool: { max: 1 } }, ...settings };
  hot = createConnections({ sources: [inline({ connections: { pets } })] });
  return hot.connection('pets', { type: SqlConnection });
}

const prepared = async (db: SqlConnection): Promise<string[]> =>
  (await db.query<{ statement: string }>('select statement from pg_prepared_statements')).map(
    ({ statement }) => statement,
  );

describe('statements of PostgreSQL that come again', () => {
  it('are prepared by name at their second use, and not without values', async () => {
    const db = await open();
    await db.query('select ?::int as n', { params: [1] });
    expect(await prepared(db)).toEqual([]);
    expect(await db.query('select ?::int as n', { params: [2] })).toEqual([{ n: 2 }]);
    expect(await db.query('select ?::int as n', { params: [3] })).toEqual([{ n: 3 }]);
    expect(await prepared(db)).toEqual(['select $1::int as n']);
  });

  it('are never prepared with prepare = false', async () => {
    const db = await open({ prepare: false });
    for (const n of [1, 2, 3]) await db.query('select ?::int as n', { params: [n] });
    expect(await prepared(db)).toEqual([]);
  });

  it('are a hundred on a connection, those that were used last', async () => {
    const db = await open();
    for (let text = 0; text < 120; text++)
      for (const n of [1, 2]) await db.query(`select ?::int as n${text}`, { params: [n] });
    const texts = await prepared(db);
    expect(texts).toHaveLength(100);
    expect(texts).toContain('select $1::int as n119');
    expect(texts).not.toContain('select $1::int as n0');
    expect(await db.query('select ?::int as n0', { params: [7] })).toEqual([{ n0: 7 }]);
  });

  it('go on when their result has other columns, when the server forgot them, and after an error', async () => {
    const db = await open();
    await db.execute('create table pet (id int)');
    await db.execute('insert into pet (id) values (1)');
    const all = (): Promise<object[]> => db.query('select * from pet where id = ?', { params: [1] });
    await all();
    expect(await all()).toEqual([{ id: 1 }]);
    await db.execute('alter table pet add column name text');
    expect(await all()).toEqual([{ id: 1, name: null }]);
    expect(await all()).toEqual([{ id: 1, name: null }]);
    await db.execute('discard all');
    expect(await all()).toEqual([{ id: 1, name: null }]);
    for (const divisor of [1, 0, 1])
      await db.query('select 1 / ?::int as q', { params: [divisor] }).catch((error: { sqlState: string }) => {
        expect(error.sqlState).toBe('22012');
      });
    expect(await db.query('select 1 / ?::int as q', { params: [1] })).toEqual([{ q: 1 }]);
  });

  const change = {
    type: ['alter table kept alter n type text'],
    mood: [
      'alter table kept drop m',
      'drop type mood',
      "create type mood as enum ('glad')",
      'alter table kept add m mood',
    ],
    twice: ['drop function twice(int)', "create function twice(text) returns text language sql as 'select $1 || $1'"],
    table: ['drop table kept cascade', 'create table kept (id int, n text)'],
    view: ['drop view seen', 'create view seen as select id::text as id from kept'],
  };
  it.each([
    ['the type of a result', 'select n from kept where id = ?', 1, change.type, 1, [{ n: '1' }]],
    ['the type of a column that is written', 'update kept set n = ? returning n', 1, change.type, 'x', [{ n: 'x' }]],
    ['the type of what is assigned', 'update kept set n = ?', 1, change.type, 3, []],
    ['the type of a column that is compared', 'select id from kept where n = ?', 1, change.type, 'x', []],
    ['an enum, made again', 'select id from kept where m = ?', 'sad', change.mood, 'glad', []],
    ['an enum that is named, made again', 'select ?::mood as m', 'sad', change.mood, 'glad', [{ m: 'glad' }]],
    [
      'an enum that got a value',
      'select ?::mood as m',
      'sad',
      ["alter type mood add value 'glad'"],
      'glad',
      [{ m: 'glad' }],
    ],
    ['a function, made again', 'select twice(?) as t', 1, change.twice, 'ab', [{ t: 'abab' }]],
    ['a table, made again', 'insert into kept (id, n) values (9, ?) returning n', 1, change.table, 'x', [{ n: 'x' }]],
    ['a view, made again', 'select id from seen where id = ?', 1, change.view, '1', [{ id: '1' }]],
  ])('go on after a change of %s', async (_what, sql, before, changes, after, rows) => {
    await server.sql(`
      drop view if exists seen; drop table if exists kept; drop type if exists mood; drop function if exists twice(int), twice(text);
      create type mood as enum ('sad'); create table kept (id int, n int, m mood); create view seen as select id from kept;
      create function twice(int) returns int language sql as 'select 2 * $1'; insert into kept (id, n) values (1, 1);`);
    const db = await open();
    const run = (value: unknown): Promise<object> => db.execute(sql, { params: [value] });
    for (let use = 0; use < 2; use++) await run(before);
    expect(await prepared(db)).toHaveLength(1);
    for (const text of changes) await db.execute(text);
    const answers = [await run(after), await run(after), await run(after)];
    for (const answer of answers) expect(answer).toMatchObject({ rows });
    if (sql.startsWith('insert')) expect(await db.query('select n from kept')).toEqual(answers.map(() => ({ n: 'x' })));
  });

  it('go on where somebody else has prepared their name', async () => {
    const db = await open();
    const read = (n: number): Promise<object[]> => db.query('select ?::int as n', { params: [n] });
    await read(1);
    await db.execute('prepare hotline_1 as select 1');
    expect([await read(2), await read(3)]).toEqual([[{ n: 2 }], [{ n: 3 }]]);
  });

  it('are sent once where they fail after their values were taken', async () => {
    const db = await open();
    await server.sql('drop sequence if exists counted; create sequence counted');
    const sql = `select 1 / (? - nextval('counted')) as q`;
    for (const n of [9, 9, 3]) await db.query(sql, { params: [n] }).catch(() => undefined);
    await expect(db.query(sql, { params: [4] })).rejects.toMatchObject({ sqlState: '22012' });
    expect(await db.query(`select last_value::int as n from counted`)).toEqual([{ n: 4 }]);
  });

  it('also of writes: a write is done once, whatever became of its name', async () => {
    const db = await open();
    await db.execute('create table toy (id int)');
    const add = (id: number) => db.execute('insert into toy (id) values (?) returning *', { params: [id] });
    await add(1);
    await add(2);
    await db.execute('alter table toy add column name text');
    expect((await add(3)).rows).toEqual([{ id: 3, name: null }]);
    await db.execute('deallocate all');
    await add(4);
    expect(await db.query('select id from toy order by id')).toEqual([1, 2, 3, 4].map((id) => ({ id })));
  });

  it('are not prepared in a transaction, which an error of theirs would end', async () => {
    const db = await open();
    await db.transaction(async (tx) => {
      for (const n of [1, 2, 3]) await tx.query('select ?::int as n', { params: [n] });
      expect(await tx.query('select statement from pg_prepared_statements')).toEqual([]);
    });
  });
});

/** A pooler cannot be had from npm; it shows in the number of the session alone. */
it('a connection whose session is another one than the server announced has no prepared statements', async () => {
  const sent: (string | undefined)[] = [];
  class Query {
    name: string | undefined;
    readonly callback: (error: null, answer: object) => void;
    constructor(_text: string, _values: unknown, callback: (error: null, answer: object) => void) {
      this.callback = callback;
    }
  }
  const client = {
    processID: 7,
    getTypeParser: () => String,
    query(what: Query | { text: string }) {
      if (!(what instanceof Query)) return Promise.resolve({ rows: [{ pid: this.processID + moved }] });
      sent.push(what.name);
      return what.callback(null, { rows: [], rowCount: 0 });
    },
  };
  let moved = 0;
  const never = () => Promise.reject(new Error('not asked'));
  const run = async (): Promise<unknown> => {
    sent.length = 0;
    const engine = postgresEngine({ cancel: never, connect: never, Query: Query as never }, 'text');
    await engine.canary!(client as never);
    const text = ['select ', ''];
    for (let use = 0; use < 2; use++) engine.send!(client as never, { text, values: [1] }, () => undefined);
    return sent;
  };
  expect(await run()).toEqual([undefined, 'hotline_1']);
  moved = 1;
  expect(await run()).toEqual([undefined, undefined]);
});
