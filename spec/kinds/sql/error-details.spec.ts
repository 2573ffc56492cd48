import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnections, QueryError, SqlConnection, type ConnectionRegistry } from '../../../src/index.ts';
import { detailsOf } from '../../../src/kinds/sql/error-details.ts';
import { startPostgres, type Postgres } from '../../support/postgres.ts';
import { sqliteDriver } from '../../support/sqlite-driver.ts';

let server: Postgres;
let hot: ConnectionRegistry;
beforeAll(async () => {
  server = await startPostgres({ settings: { max_connections: 12 } });
  hot = createConnections({ sources: [] });
}, 60_000);
afterAll(async () => {
  await hot.close();
  await server?.close();
});

const open = (params: object, name = 'pets'): Promise<SqlConnection> =>
  hot.connection(name, { type: SqlConnection, params: { ...params } });
const failureOf = async (work: Promise<unknown>): Promise<QueryError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(QueryError);
  return error as QueryError;
};
const secret = 'alice@example.com';

describe('what a form needs of an error', () => {
  it('of PostgreSQL: constraint, table, column, schema, and what the server adds, without values', async () => {
    const pets = await open({ url: server.url() });
    await pets.execute(`create schema shop; create table shop.owner (id int primary key);
      create table shop.pet (email text constraint one_email unique, name text not null,
        owner int constraint has_owner references shop.owner, age int constraint grown check (age > 0))`);
    const insert = (row: object) =>
      failureOf(
        pets.execute('insert into shop.pet values (:email, :name, :owner, :age)', {
          params: { email: secret, name: 'Milo', owner: null, age: 1, ...row },
        }),
      );
    await pets.execute('insert into shop.pet values (?, ?)', { params: [secret, 'Rex'] });
    const place = { schema: 'shop', table: 'pet' };
    const twice = await insert({});
    expect(twice).toMatchObject({ ...place, constraint: 'one_email', detail: 'Key (email) already exists.' });
    expect(await insert({ email: null, name: null })).toMatchObject({ ...place, column: 'name' });
    expect(await insert({ email: null, owner: 7 })).toMatchObject({
      ...place,
      constraint: 'has_owner',
      detail: 'Key (owner) is not present in table "owner".',
    });
    const young = await insert({ email: null, age: -5 });
    expect(young).toMatchObject({ ...place, constraint: 'grown' });
    expect(young.detail).toBeUndefined();
    const inside = await failureOf(
      pets.transaction((tx) => tx.execute('insert into shop.pet values (?, ?)', { params: [secret, 'x'] })),
    );
    expect(inside.constraint).toBe('one_email');
    const misspelt = await failureOf(pets.query('select nme from shop.pet'));
    expect(misspelt.hint).toMatch(/"pet.name"/);
    for (const error of [twice, young, inside])
      expect(JSON.stringify([error, error.message, { ...error }])).not.toContain(secret);
  });

  it('of SQLite: constraint, table and column, as its text says them', async () => {
    const pets = await open({ url: 'sqlite://', driver: sqliteDriver }, 'memory');
    await pets.execute(`create table pet (email text unique, name text not null, a int, b int, age int constraint grown check (age > 0), unique (a, b));
      insert into pet values ('${secret}', 'Rex', 1, 2, 3)`);
    const insert = (...params: unknown[]) =>
      failureOf(pets.execute('insert into pet values (?, ?, ?, ?, ?)', { params }));
    expect(await insert(secret, 'x', 2, 2, 3)).toMatchObject({ table: 'pet', column: 'email' });
    expect(await insert('b', null, 2, 2, 3)).toMatchObject({ table: 'pet', column: 'name' });
    expect(await insert('b', 'x', 2, 2, -3)).toMatchObject({ constraint: 'grown' });
    const several = await insert('b', 'x', 1, 2, 3);
    expect([several.table, several.column]).toEqual(['pet', undefined]);
  });

  it.each<[string, object]>([
    [
      "Violation of UNIQUE KEY constraint 'UQ_pet'. Cannot insert duplicate key in object 'dbo.pet'. The duplicate key value is (x).",
      { constraint: 'UQ_pet', schema: 'dbo', table: 'pet' },
    ],
    [
      "insert into [pet] values (@p0) - Cannot insert duplicate key row in object 'dbo.pet' with unique index 'ix'. The duplicate key value is (x).",
      { constraint: 'ix', schema: 'dbo', table: 'pet' },
    ],
    [
      "Cannot insert the value NULL into column 'name', table 'shop.dbo.pet'; column does not allow nulls. INSERT fails.",
      { column: 'name', schema: 'dbo', table: 'pet' },
    ],
    [
      'The INSERT statement conflicted with the FOREIGN KEY constraint "FK_owner". The conflict occurred in database "shop", table "dbo.owner", column \'id\'.',
      { constraint: 'FK_owner', schema: 'dbo', table: 'owner', column: 'id' },
    ],
    ['ORA-00001: unique constraint (SHOP.PET_UK) violated', { schema: 'SHOP', constraint: 'PET_UK' }],
    ['ORA-01400: cannot insert NULL into ("SHOP"."PET"."NAME")', { schema: 'SHOP', table: 'PET', column: 'NAME' }],
    [
      'ORA-02291: integrity constraint (SHOP.PET_FK) violated - parent key not found',
      { schema: 'SHOP', constraint: 'PET_FK' },
    ],
    ["Duplicate entry 'it's' for key 'pet.one_email'", { table: 'pet', constraint: 'one_email' }],
    ["Check constraint 'grown' is violated.", { constraint: 'grown' }],
    ['nothing of the kind', {}],
  ])('as others say it: %s', (message, details) => {
    expect(detailsOf(Object.assign(new Error(message)))).toEqual(details);
  });

  it('bears whatever is thrown', () => {
    for (const thrown of [undefined, null, 'text', 7, {}, { detail: 7 }]) expect(detailsOf(thrown)).toEqual({});
  });
});

describe('what a server calls by a misleading word', () => {
  it('a COPY that nobody feeds failed, and is not cancelled', async () => {
    const pets = await open({ url: server.url() });
    await pets.execute('create table copied (a int)');
    const failed = await failureOf(pets.execute('copy copied from stdin'));
    expect(failed).toMatchObject({
      code: 'query_failed',
      category: 'query',
      message: expect.stringContaining('insertRows'),
    });
  });

  it('a transaction that rested for too long ended for that reason', async () => {
    const pets = await open({ url: server.url(), knex: { pool: { max: 1 } } }, 'resting');
    const rested = pets.transaction(async (tx) => {
      await tx.execute("set local idle_in_transaction_session_timeout = '50ms'");
      await new Promise((resolve) => setTimeout(resolve, 300));
      await tx.query('select 1');
    });
    expect(await failureOf(rested)).toMatchObject({
      code: 'timeout',
      sqlState: '25P03',
      message: expect.stringMatching(/idle-in-transaction/),
    });
    const idle = pets.transaction(async (tx) => {
      await tx.execute("set local idle_in_transaction_session_timeout = '50ms'");
      await new Promise((resolve) => setTimeout(resolve, 300));
    });
    expect(await failureOf(idle)).toMatchObject({ code: 'timeout', sqlState: '25P03' });
  });

  it('a server without a slot says so, and what to do', async () => {
    await server.sql("create role crowd login password 'crowded-role' connection limit 1");
    const url = server.url({ user: 'crowd', password: 'crowded-role' });
    const first = await open({ url, retry: false }, 'crowd');
    await first.query('select 1');
    const refused = await hot
      .connection('crowd2', { type: SqlConnection, params: { url }, retry: false })
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'open_failed', cure: expect.stringContaining('no slot left') });
    const busy = first.transaction(async () => {
      await first.query('select 2', { timeout: 1000, retry: false });
    });
    expect(await failureOf(busy)).toMatchObject({
      sqlState: '53300',
      message: expect.stringContaining('no slot left'),
    });
  });

  it.each([{ query: { query_timeout: 50 } }, { knex: { connection: { query_timeout: 50 } } }])(
    "pg's query_timeout is refused: %p",
    async (more) => {
      await expect(open({ url: server.url(), ...more }, 'timed')).rejects.toMatchObject({
        code: 'invalid_config',
        message: expect.stringContaining("query_timeout = '30s'"),
      });
    },
  );

  it('an object that is thrown is told by the names of its fields', async () => {
    const afterCreate = () => Promise.reject({ reason: 'hush-hush', at: 7 });
    const failed = await open({ url: server.url(), knex: { pool: { afterCreate } } }, 'odd').catch(
      (error: Error) => error.message,
    );
    expect(failed).toMatch(/reason, at/);
    expect(failed).not.toMatch(/\[object|hush/);
  });
});
