// Others who send the same statements: the peers of `npm run bench -- query`. Each has a pool of its own, as large as hotline's.
// A peer is name → function that takes the highest id of the pets to read; the first is the bare driver, the baseline.
import { sql as drizzleSql } from 'drizzle-orm';
import { BetterSQLiteSession } from 'drizzle-orm/better-sqlite3/session';
import { drizzle as drizzleOnMysql } from 'drizzle-orm/mysql2';
import { drizzle as drizzleOnPostgres } from 'drizzle-orm/node-postgres';
import { BaseSQLiteDatabase, SQLiteSyncDialect } from 'drizzle-orm/sqlite-core';
import makeKnex from 'knex';
import BetterSqlite3Dialect from 'knex/lib/dialects/better-sqlite3/index.js';
import { Kysely, MysqlDialect, PostgresDialect, sql as kyselySql, SqliteDialect } from 'kysely';
import mysql from 'mysql2';
import pg from 'pg';
import { postgresJs } from './peer-packages.js';

export const max = 10;
export const [knexRaw, kyselyName, drizzleName] = ['knex.raw', 'Kysely sql`…`.execute', 'Drizzle execute(sql`…`)'];
export const [pgPool, postgresJsName] = ['pg.Pool.query', 'postgres.js sql`…`'];
export const mysqlPool = 'mysql2 pool.query';

export function postgresPeers(url) {
  const pools = Array.from({ length: 3 }, () => new pg.Pool({ connectionString: url, max }));
  const [bare, kyselyPool, drizzlePool] = pools;
  const knex = makeKnex({ client: 'pg', connection: url, pool: { min: 0, max } });
  const kysely = new Kysely({ dialect: new PostgresDialect({ pool: kyselyPool }) });
  const database = drizzleOnPostgres(drizzlePool);
  const sql = postgresJs()(url, { max });
  const text = 'select * from pet where id <= $1';
  return {
    peers: {
      [pgPool]: (id) => bare.query(text, [id]),
      [`${pgPool}, a named statement`]: (id) => bare.query({ name: 'pets', text, values: [id] }),
      [knexRaw]: (id) => knex.raw('select * from pet where id <= ?', [id]),
      [kyselyName]: (id) => kyselySql`select * from pet where id <= ${id}`.execute(kysely),
      [drizzleName]: (id) => database.execute(drizzleSql`select * from pet where id <= ${id}`),
      [postgresJsName]: (id) => sql`select * from pet where id <= ${id}`,
    },
    close: () => Promise.all([...pools.map((pool) => pool.end()), knex.destroy(), sql.end()]),
  };
}

export function mysqlPeers(url) {
  const pools = Array.from({ length: 3 }, () => mysql.createPool({ uri: url, connectionLimit: max }));
  const [bare, kyselyPool, drizzlePool] = pools;
  const knex = makeKnex({ client: 'mysql2', connection: url, pool: { min: 0, max } });
  const kysely = new Kysely({ dialect: new MysqlDialect({ pool: kyselyPool }) });
  const database = drizzleOnMysql(drizzlePool);
  const promised = bare.promise();
  return {
    peers: {
      [mysqlPool]: (id) => promised.query('select * from pet where id <= ?', [id]),
      [knexRaw]: (id) => knex.raw('select * from pet where id <= ?', [id]),
      [kyselyName]: (id) => kyselySql`select * from pet where id <= ${id}`.execute(kysely),
      [drizzleName]: (id) => database.execute(drizzleSql`select * from pet where id <= ${id}`),
    },
    close: () => Promise.all([...pools.map((pool) => pool.promise().end()), knex.destroy()]),
  };
}

/** On databases in memory of the driver, which `fill` fills. Kysely's and Drizzle's dialects are synchronous underneath, as the driver is. */
export async function sqlitePeers(Database, fill) {
  class Dialect extends BetterSqlite3Dialect {
    _driver() {
      return Database;
    }
  }
  const files = Array.from({ length: 3 }, () => new Database(':memory:'));
  const [bare, kyselyFile, drizzleFile] = files;
  const knex = makeKnex({ client: Dialect, connection: ':memory:', pool: { min: 1, max: 1 }, useNullAsDefault: true });
  const kysely = new Kysely({ dialect: new SqliteDialect({ database: kyselyFile }) });
  const dialect = new SQLiteSyncDialect();
  const database = new BaseSQLiteDatabase('sync', dialect, new BetterSQLiteSession(drizzleFile, dialect, undefined));
  await fill((statement) => knex.raw(statement));
  for (const file of files) await fill((statement) => file.exec(statement));
  const prepared = bare.prepare('select * from pet where id <= ?');
  return {
    peers: {
      'a prepared statement': async (id) => prepared.all(id),
      [knexRaw]: (id) => knex.raw('select * from pet where id <= ?', [id]),
      [kyselyName]: (id) => kyselySql`select * from pet where id <= ${id}`.execute(kysely),
      'Drizzle all(sql`…`)': async (id) => database.all(drizzleSql`select * from pet where id <= ${id}`),
    },
    close: () => Promise.all([knex.destroy(), ...files.map((file) => file.close())]),
  };
}
