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
