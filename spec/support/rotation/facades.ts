import { sql as drizzleSql, type SQL } from 'drizzle-orm';
import { drizzle as drizzleOnMysql } from 'drizzle-orm/mysql2';
import { drizzle as drizzleOnPostgres } from 'drizzle-orm/node-postgres';
import { mysqlPool } from 'hotline/mysql2';
import { pgPool } from 'hotline/pg';
import { Kysely, MysqlDialect, PostgresDialect, sql as kyselySql, type Dialect } from 'kysely';
import type { ContenderKind, Rows } from './contender.ts';
import { over, type Work } from './hotline.ts';
import { mysqlRows, pgRows, type RowsOf } from './rows.ts';

/** Code that knows nothing of hotline, over the pools that it gives. */
export const pgFacades: readonly ContenderKind[] = [
  over('pg over pgPool', (db) => {
    const pool = pgPool(db);
    return onPool(pool, () => pool.connect(), pgRows);
  }),
  over('Drizzle over pgPool', (db) => onDrizzle(drizzleOnPostgres(pgPool(db)), pgRows)),
  over('Kysely over pgPool', (db) => onKysely(new PostgresDialect({ pool: pgPool(db) }))),
];

export const mysqlFacades: readonly ContenderKind[] = [
  over('mysql2 over mysqlPool', (db) => {
    const pool = mysqlPool(db).promise();
    return onPool(pool, () => pool.getConnection(), mysqlRows);
  }),
  over('Drizzle over mysqlPool', (db) => onDrizzle(drizzleOnMysql(mysqlPool(db)), mysqlRows)),
  over('Kysely over mysqlPool', (db) => onKysely(new MysqlDialect({ pool: mysqlPool(db) }))),
];

interface Runs {
  query(sql: string): Promise<unknown>;
}

function onPool(pool: Runs, checkOut: () => Promise<Runs & { release(): void }>, rowsOf: RowsOf): Work {
  return {
    query: async (sql) => rowsOf(await pool.query(sql)),
    async transaction(work) {
      const client = await checkOut();
      try {
        await client.query('begin');
        await work(async (sql) => rowsOf(await client.query(sql)));
        await client.query('commit');
      } finally {
        client.release();
      }
    },
  };
}

interface Executes {
  execute(query: SQL): PromiseLike<unknown>;
}

function onDrizzle(
  orm: Executes & { transaction(work: (tx: Executes) => Promise<void>): Promise<void> },
  rowsOf: RowsOf,
): Work {
  const rows = async (on: Executes, sql: string): Promise<Rows> => rowsOf(await on.execute(drizzleSql.raw(sql)));
  return {
    query: (sql) => rows(orm, sql),
    transaction: (work) => orm.transaction((tx) => work((sql) => rows(tx, sql))),
  };
}

function onKysely(dialect: Dialect): Work {
  const orm = new Kysely<unknown>({ dialect });
  const rows = async (on: Kysely<unknown>, sql: string): Promise<Rows> =>
    (await kyselySql.raw<Record<string, unknown>>(sql).execute(on)).rows;
  return {
    query: (sql) => rows(orm, sql),
    transaction: (work) => orm.transaction().execute((tx) => work((sql) => rows(tx, sql))),
  };
}
