import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnections, SqlConnection } from '../../../src/index.ts';

const url = process.env['HOTLINE_TEST_MARIADB_URL'] ?? 'mysql://root@127.0.0.1:3306/test';
const hot = createConnections({ sources: [] });
let pets: SqlConnection;
beforeAll(async () => {
  pets = await hot.connection('pets', { type: SqlConnection, url });
  await pets.execute(
    'create or replace table insert_id (id bigint unsigned auto_increment primary key, name varchar(3) unique)',
  );
});
afterAll(async () => {
  await pets.execute('drop table insert_id');
  await hot.close();
});

it('Result.insertId of MariaDB is the first number that was given', async () => {
  const insert = (sql: string, by: Pick<SqlConnection, 'execute'> = pets) => by.execute(`insert into insert_id ${sql}`);
  expect(await insert("(name) values ('a')")).toEqual({ rows: [], rowCount: 1, insertId: 1 });
  expect((await insert("(name) values ('b'), ('c')")).insertId).toBe(2);
  expect((await pets.transaction((tx) => insert("(name) values ('d')", tx))).insertId).toBe(4);
  expect((await pets.session((session) => insert("(name) values ('e')", session))).insertId).toBe(5);
  expect(await pets.execute("update insert_id set name = 'f' where id = 1")).not.toHaveProperty('insertId');
  expect((await insert("values (9007199254740993, 'g')")).insertId).toBe('9007199254740993');
  const exact = await hot.connection('big', { type: SqlConnection, url, bigint: 'bigint' });
  expect((await insert("values (9007199254740995, 'h')", exact)).insertId).toBe(9007199254740995n);
});

it('that a statement had warnings is an event', async () => {
  const said: string[] = [];
  const listening = hot.events$.subscribe((event) => {
    if (event.type === 'warning') said.push(`${event.code} ${event.message}`);
  });
  await pets.execute("insert ignore into insert_id (name) values ('long'), ('longer')");
  await pets.execute("insert into insert_id (name) values ('z')");
  listening.unsubscribe();
  expect(said).toEqual([expect.stringMatching(/^server_notice "pets": the server says: 3 warnings .*`show warnings`/)]);
});

describe('the name that the server shows', () => {
  const shown = async (params: object, query = '') => {
    const named = await hot.connection('pets', { type: SqlConnection, params: { url: url + query, ...params } });
    return named.session(async ({ raw }) => {
      const { config } = raw as { config: { connectAttributes: Record<string, string> } };
      return config.connectAttributes['program_name'];
    });
  };

  it('is that of the connection, or the one that is written', async () => {
    expect(await shown({})).toBe('hotline:pets');
    expect(await shown({}, '?program_name=mine')).toBe('mine');
    expect(await shown({ create_engine_kwargs: { connect_args: { program_name: 'mine' } } })).toBe('mine');
    expect(await shown({ knex: { connection: { connectAttributes: { program_name: 'mine' } } } })).toBe('mine');
  });
});
