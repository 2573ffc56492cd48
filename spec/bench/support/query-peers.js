// Others who send the same statement: the peers of `npm run bench -- query`. Each has a pool of its own, as large as hotline's.
import { sql as drizzleSql } from 'drizzle-orm';
import { BetterSQLiteSession } from 'drizzle-orm/better-sqlite3/session';
import { drizzle } from 'drizzle-orm/node-postgres';
import { BaseSQLiteDatabase, SQLiteSyncDialect } from 'drizzle-orm/sqlite-core';
import makeKnex from 'knex';
import BetterSqlite3Dialect from 'knex/lib/dialects/better-sqlite3/index.js';
import { Kysely, PostgresDialect, sql as kyselySql, SqliteDialect } from 'kysely';
import Sqlite from 'libsql';
import pg from 'pg';

export const knexRaw = 'knex.raw';
const max = 10;

/** name → the pets up to an id, from one PostgreSQL. */
export function postgresPeers(url) {
  const { hostname: host, port, username: user, password, pathname } = new URL(url);
  const connection = { host, port: Number(port), user, password, database: pathname.slice(1) };
  const knex = makeKnex({ client: 'pg', connection, pool: { min: 0, max } });
  const [kyselyPool, drizzlePool] = [new pg.Pool({ ...connection, max }), new pg.Pool({ ...connection, max })];
  const kysely = new Kysely({ dialect: new PostgresDialect({ pool: kyselyPool }) });
  const database = drizzle(drizzlePool);
  return {
    pets: {
      [knexRaw]: (id) => knex.raw('select * from pet where id <= ?', [id]),
      'Kysely sql`…`.execute': (id) => kyselySql`select * from pet where id <= ${id}`.execute(kysely),
      'Drizzle execute(sql`…`)': (id) => database.execute(drizzleSql`select * from pet where id <= ${id}`),
    },
    close: () => Promise.all([knex.destroy(), kysely.destroy(), drizzlePool.end()]),
  };
}

/** The same on databases in memory that `fill` fills; Drizzle answers without a promise there. */
export async function sqlitePeers(fill) {
  class LibSql extends BetterSqlite3Dialect {
    _driver() {
      return Sqlite;
    }
  }
  const knex = makeKnex({ client: LibSql, connection: ':memory:', pool: { min: 1, max: 1 }, useNullAsDefault: true });
  const [kyselyFile, drizzleFile] = [new Sqlite(':memory:'), new Sqlite(':memory:')];
  const kysely = new Kysely({ dialect: new SqliteDialect({ database: kyselyFile }) });
  const dialect = new SQLiteSyncDialect();
  const database = new BaseSQLiteDatabase('sync', dialect, new BetterSQLiteSession(drizzleFile, dialect, undefined));
  await fill((statement) => knex.raw(statement));
  for (const file of [kyselyFile, drizzleFile]) await fill((statement) => file.exec(statement));
  return {
    pets: {
      [knexRaw]: (id) => knex.raw('select * from pet where id <= ?', [id]),
      'Kysely sql`…`.execute': (id) => kyselySql`select * from pet where id <= ${id}`.execute(kysely),
      'Drizzle all(sql`…`)': (id) => database.all(drizzleSql`select * from pet where id <= ${id}`),
    },
    close: () => Promise.all([knex.destroy(), kysely.destroy(), drizzleFile.close()]),
  };
}
