import { pgPool } from '../../../src/pg/index.ts';
import { startPostgres } from '../../support/postgres.ts';
import { describeRefusedCheckouts } from './refused-checkouts.ts';

describeRefusedCheckouts('a checkout that PostgreSQL refuses, on a connection that was ready before', async () => {
  const server = await startPostgres();
  const admin = (sql: string): Promise<void> => server.sql(sql).then(() => undefined);
  await admin(`create role keeper login; create table kept (a int); grant all on kept to keeper`);
  return {
    port: server.port,
    dialect: 'postgresql',
    database: 'postgres',
    refusal: '28P01',
    admin,
    password: (password) => admin(`alter role keeper password '${password}'`),
    endSessions: () => admin(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'keeper'`),
    count: async () => (await server.sql<{ n: number }>('select count(*)::int as n from kept'))[0]!.n,
    pool(pets) {
      const pool = pgPool(pets);
      return {
        query: (sql) => pool.query(sql),
        async held(sql) {
          const client = await pool.connect();
          return client.query(sql).finally(() => client.release());
        },
      };
    },
    close: () => server.close(),
  };
});
