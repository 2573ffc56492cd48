import { sql as drizzleSql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { createConnections, inline, SqlConnection } from 'hotline';
import { pgPool } from 'hotline/pg';
import { Kysely, PostgresDialect, sql as kyselySql } from 'kysely';
import type { Pool } from 'pg';
import { BehaviorSubject, filter, firstValueFrom } from 'rxjs';
import { poolMax, type Contender, type ContenderKind, type Rows, type Target } from './contender.ts';
import { rowsOf } from './peers.ts';

type Work = Pick<Contender, 'query' | 'transaction'>;

export const hotline = over('hotline', (db) => ({
  query: (sql) => db.query(sql),
  transaction: (work) => db.use((knex) => knex.transaction((trx) => work((sql) => rowsOf(trx, sql)))),
}));

/** Code that knows nothing of hotline, over the pool that it gives. */
export const facades: readonly ContenderKind[] = [
  over('pg over pgPool', (db) => onPool(pgPool(db))),
  over('Drizzle over pgPool', (db) => {
    const orm = drizzle(pgPool(db));
    const rows = async (on: Pick<typeof orm, 'execute'>, sql: string): Promise<Rows> =>
      (await on.execute(drizzleSql.raw(sql))).rows;
    return {
      query: (sql) => rows(orm, sql),
      transaction: (work) => orm.transaction((tx) => work((sql) => rows(tx, sql))),
    };
  }),
  over('Kysely over pgPool', (db) => {
    const orm = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: pgPool(db) }) });
    const rows = async (on: Kysely<unknown>, sql: string): Promise<Rows> =>
      (await kyselySql.raw<Record<string, unknown>>(sql).execute(on)).rows;
    return {
      query: (sql) => rows(orm, sql),
      transaction: (work) => orm.transaction().execute((tx) => work((sql) => rows(tx, sql))),
    };
  }),
];

function onPool(pool: Pool): Work {
  return {
    query: async (sql) => (await pool.query<Record<string, unknown>>(sql)).rows,
    async transaction(work) {
      const client = await pool.connect();
      try {
        await client.query('begin');
        await work(async (sql) => (await client.query<Record<string, unknown>>(sql)).rows);
        await client.query('commit');
      } finally {
        client.release();
      }
    },
  };
}

function over(name: string, workOf: (db: SqlConnection) => Work): ContenderKind {
  return {
    name,
    async open(target) {
      const secrets$ = new BehaviorSubject(secretsOf(target));
      const hot = createConnections({ sources: [inline(secrets$)], root: process.cwd() });
      const db = await hot.connection('db', { type: SqlConnection });
      return {
        ...workOf(db),
        async change(next) {
          const ready$ = hot.events$.pipe(filter(({ type }) => type === 'instance.ready'));
          // A wrong change is never ready; then the end of the events is the end of the wait.
          const ready = firstValueFrom(ready$, { defaultValue: undefined });
          secrets$.next(secretsOf(next));
          await ready;
        },
        close: () => hot.close(),
      };
    },
  };
}

function secretsOf({ port, database, user, password }: Target) {
  const url = `postgresql://${user}:${password}@127.0.0.1:${port}/${database}`;
  return { connections: { db: { type: 'sql', url, knex: { pool: { min: 0, max: poolMax } } } } };
}
