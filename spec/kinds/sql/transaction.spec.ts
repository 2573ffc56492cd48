import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnections, SqlConnection, type ConnectionRegistry } from '../../../src/index.ts';
import { startPostgres, type Postgres } from '../../support/postgres.ts';

let server: Postgres;
let hot: ConnectionRegistry;
beforeAll(async () => void (server = await startPostgres()), 60_000);
afterAll(() => server?.close());
afterEach(() => hot.close());

const open = (params: object): Promise<SqlConnection> => {
  hot = createConnections({ sources: [] });
  return hot.connection('pets', { type: SqlConnection, params: { ...params } });
};

describe('a transaction on PostgreSQL', () => {
  it('says that nothing was written when a statement had failed and nobody minded', async () => {
    const pets = await open({ url: server.url() });
    await pets.execute('create table minded (a int)');
    const done = pets.transaction(async (tx) => {
      await tx.execute('insert into minded values (1)');
      await tx.query('select nothing from nowhere').catch(() => undefined);
    });
    await expect(done).rejects.toMatchObject({
      code: 'query_failed',
      message: expect.stringContaining('rolled the transaction back'),
    });
    expect(await pets.query('select * from minded')).toEqual([]);
  });

  it('says why the commit failed, and the connection serves again', async () => {
    const pets = await open({ url: server.url(), knex: { pool: { max: 1 } } });
    await pets.execute('create table owner (id int primary key)');
    await pets.execute('create table owned (owner int references owner deferrable initially deferred)');
    await expect(pets.transaction((tx) => tx.execute('insert into owned values (7)'))).rejects.toMatchObject({
      sqlState: '23503',
      code: 'query_failed',
    });
    expect(await pets.query('select * from owned')).toEqual([]);
  });

  it('has the isolation that was asked for', async () => {
    const pets = await open({ url: server.url() });
    const level = async (isolation: 'serializable' | 'repeatable read', readOnly: boolean) =>
      pets.transaction(
        (tx) =>
          tx.query(
            `select current_setting('transaction_isolation') as level, current_setting('transaction_read_only') as ro`,
          ),
        { isolation, readOnly },
      );
    expect(await level('serializable', false)).toEqual([{ level: 'serializable', ro: 'off' }]);
    expect(await level('repeatable read', true)).toEqual([{ level: 'repeatable read', ro: 'on' }]);
  });

  it('refuses the isolation that only another server has, and serves on', async () => {
    const pets = await open({ url: server.url() });
    await expect(pets.transaction(async () => 1, { isolation: 'snapshot' })).rejects.toMatchObject({
      code: 'not_supported',
      message: expect.stringContaining('repeatable read'),
    });
    expect(await pets.query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it("gives knex's own transaction, whose work is part of it", async () => {
    const pets = await open({ url: server.url() });
    await pets.execute('create table raw (a int)');
    await expect(
      pets.transaction(async (tx) => {
        await tx.raw('raw').insert({ a: 1 });
        expect(await tx.query('select a from raw')).toEqual([{ a: 1 }]);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await pets.query('select a from raw')).toEqual([]);
  });

  it('says so when its connection breaks', async () => {
    const pets = await open({ url: server.url() });
    const done = pets.transaction(async (tx) => {
      const [row] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
      await server.sql('select pg_terminate_backend($1)', [row!.pid]);
      await tx.query('select 1');
    });
    await expect(done).rejects.toMatchObject({ category: 'transient', connection: 'pets' });
    expect(await pets.query('select 1 as one')).toEqual([{ one: 1 }]);
  });
});

describe('a transaction on SQLite', () => {
  it('leaves the database in memory as it was when the commit fails', async () => {
    const pets = await open({ url: 'sqlite://' });
    await pets.execute('pragma foreign_keys = on');
    await pets.execute('create table owner (id integer primary key)');
    await pets.execute('create table owned (owner integer references owner deferrable initially deferred)');
    await expect(pets.transaction((tx) => tx.execute('insert into owned values (7)'))).rejects.toMatchObject({
      code: 'query_failed',
    });
    expect(await pets.query('select * from owned')).toEqual([]);
    await pets.transaction((tx) => tx.execute('insert into owner values (1)'));
    expect(await pets.query('select * from owner')).toEqual([{ id: 1 }]);
  });

  it('refuses a call of the connection inside its own transaction, which would wait for itself', async () => {
    const pets = await open({ url: 'sqlite://' });
    await expect(pets.transaction(() => pets.query('select 1'))).rejects.toMatchObject({ code: 'nested_lease' });
    expect(await pets.query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('writes nothing outside a transaction when autocommit is off (2.H 135)', async () => {
    const pets = await open({ url: 'sqlite://', autocommit: false });
    await expect(pets.execute('create table pet (a integer)')).rejects.toMatchObject({
      code: 'not_supported',
      message: expect.stringContaining('transaction'),
    });
    await pets.transaction((tx) => tx.execute('create table pet (a integer)'));
    expect(await pets.query('select * from pet')).toEqual([]);
    await hot.close();
    const other = await open({ url: 'sqlite://', autocommit: true });
    expect(await other.execute('create table pet (a integer)')).toMatchObject({ rows: [] });
  });
});
