import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createConnections, SqlConnection, type ConnectionRegistry } from '../../../src/index.ts';

const url = process.env['HOTLINE_TEST_MARIADB_URL'] ?? 'mysql://root@127.0.0.1:3306/test';

let hot: ConnectionRegistry;
let pets: SqlConnection;
beforeAll(async () => {
  hot = createConnections({ sources: [] });
  pets = await hot.connection('pets', { type: SqlConnection, params: { url } });
  await pets.execute('drop table if exists detail_pet, detail_owner');
  await pets.execute('create table detail_owner (id int primary key)');
  await pets.execute(`create table detail_pet (email varchar(30), name varchar(5) not null, owner int, age int,
    unique one_email (email), constraint has_owner foreign key (owner) references detail_owner (id), constraint grown check (age > 0))`);
  await pets.execute("insert into detail_pet (email, name) values ('alice@example.com', 'Rex')");
});
afterAll(async () => {
  await pets?.execute('drop table if exists detail_pet, detail_owner');
  await hot.close();
});

it.each<[string, unknown[], object]>([
  ['a unique key', ['alice@example.com', 'x', null, 1], { constraint: 'one_email' }],
  ['not null', ['b', null, null, 1], { column: 'name' }],
  ['a foreign key', ['b', 'x', 7, 1], { constraint: 'has_owner', table: 'detail_pet', column: 'owner' }],
  ['a check', ['b', 'x', null, -1], { constraint: 'grown', table: 'detail_pet' }],
  ['a length', ['b', 'too long a name', null, 1], { column: 'name' }],
  ['a type', ['b', 'x', null, 'seven'], { column: 'age', table: 'detail_pet' }],
])('an error of MariaDB says what %s refused', async (_what, params, details) => {
  const error = await pets
    .execute('insert into detail_pet values (?, ?, ?, ?)', { params })
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'query_failed', ...details });
  expect(`${(error as Error).message} ${JSON.stringify(error)}`).not.toMatch(/alice|too long a name/);
});
