import { describe, expect, it } from '@jest/globals';
import { createConnections, inline, SqlConnection } from 'hotline';
import Database from 'libsql';
import type { DriverConnection } from '../../../../src/kinds/sql/engine.ts';
import { sqliteEngine } from '../../../../src/kinds/sql/engines/sqlite.ts';

const engine = sqliteEngine('libsql', 'text');
const text = (sql: string) => ({ text: [sql], values: [] });
const open = () => new Database(':memory:') as unknown as DriverConnection;

describe('the engine of SQLite', () => {
  it('gives the rows of a write that returns some', async () => {
    const connection = open();
    await engine.run(connection, text('create table pet (id integer primary key, b blob)'), true);
    const insert = { text: ['insert into pet (b) values (', ') returning *'], values: [Buffer.from('x')] };
    expect(await engine.run(connection, insert, true)).toEqual({ rows: [{ id: 1, b: Buffer.from('x') }], rowCount: 1 });
  });

  it('sends dates as milliseconds and booleans as numbers, as knex does', async () => {
    const bound = { text: ['select ', ' as d, ', ' as b'], values: [new Date(5), true] };
    expect((await engine.run(open(), bound, false)).rows).toEqual([{ d: 5, b: 1 }]);
  });

  it.each([
    ['an integer', 42, '42', 'integer'],
    ['a fraction', 7.5, '7.5', 'real'],
    ['an integer beyond 53 bits', 2 ** 60, '1.15292150460685e+18', 'real'],
    ['minus zero', -0, '0.0', 'real'],
    ['a boolean', true, '1', 'integer'],
    ['a date', new Date(42), '42', 'integer'],
  ])('binds %s as what it is: an integer is no REAL', async (_, value, inText, type) => {
    const connection = open();
    await engine.run(connection, text('create table kept (t text)'), true);
    const insert = { text: ['insert into kept (t) values (', ') returning t'], values: [value] };
    expect((await engine.run(connection, insert, true)).rows).toEqual([{ t: inText }]);
    const asked = { text: ['select typeof(', ') as type'], values: [value] };
    expect((await engine.run(connection, asked, false)).rows).toEqual([{ type }]);
  });

  it('divides integers as integers', async () => {
    const divided = { text: ['select 7 / ', ' as d'], values: [2] };
    expect((await engine.run(open(), divided, false)).rows).toEqual([{ d: 3 }]);
  });

  it('ends with the statement, so nothing can stop it', () => {
    expect([engine.blocking, engine.cancel]).toEqual([true, undefined]);
  });
});

describe('a cursor of SQLite', () => {
  it('lets timers and sockets have their turn before each batch', async () => {
    const numbers = 'with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000) select i from n';
    const cursor = await engine.openCursor(open(), text(numbers), 10);
    let turns = 0;
    for (let batch = 0; batch < 5; batch++) {
      setImmediate(() => (turns += 1));
      await cursor.read(10);
    }
    expect(turns).toBe(5);
    await cursor.close();
  });
});

describe('calls that follow each other without a break', () => {
  const select = 'select 1 as one';
  const ways: Record<string, (pets: SqlConnection) => Promise<unknown>> = {
    query: (pets) => pets.query(select),
    execute: (pets) => pets.execute(select),
    use: (pets) => pets.use((knex) => knex.raw(select)),
    transaction: (pets) => pets.transaction((tx) => tx.query(select)),
    session: (pets) => pets.session((session) => session.query(select)),
  };

  it.each(Object.keys(ways))('let timers have their turn: %s', async (way) => {
    const hot = createConnections({ sources: [inline({ connections: { pets: { url: 'sqlite://' } } })] });
    const pets = await hot.connection('pets', { type: SqlConnection });
    let over = false;
    setTimeout(() => (over = true), 20);
    for (let calls = 0; !over && calls < 100_000; calls++) await ways[way]!(pets);
    expect(over).toBe(true);
    await hot.close();
  });

  it('also the statements of one transaction', async () => {
    const hot = createConnections({ sources: [inline({ connections: { pets: { url: 'sqlite://' } } })] });
    const pets = await hot.connection('pets', { type: SqlConnection });
    let over = false;
    setTimeout(() => (over = true), 20);
    await pets.transaction(async (tx) => {
      for (let calls = 0; !over && calls < 100_000; calls++) await tx.query(select);
    });
    expect(over).toBe(true);
    await hot.close();
  });
});
