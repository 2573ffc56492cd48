import { startPostgres } from '../../support/postgres.ts';
import { describeFreshCredentials } from './fresh-credentials.ts';

describeFreshCredentials('a password of PostgreSQL that comes from a provider', async () => {
  const server = await startPostgres();
  const admin = (sql: string): Promise<void> => server.sql(sql).then(() => undefined);
  const endSessions = (role: string): Promise<void> =>
    admin(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${role}'`);
  await admin(`create role writers; create role keeper login in role writers; create table kept (a int)`);
  await admin(`grant all on kept to writers`);
  return {
    port: server.port,
    dialect: 'postgresql',
    database: 'postgres',
    refusal: '28P01',
    admin,
    password: (password) => admin(`alter role keeper password '${password}'`),
    endSessions: () => endSessions('keeper'),
    count: async () => (await server.sql<{ n: number }>('select count(*)::int as n from kept'))[0]!.n,
    create: (role, password) => admin(`create role ${role} login password '${password}' in role writers`),
    async drop(role) {
      await endSessions(role);
      await admin(`drop role ${role}`);
    },
    async roles() {
      const made = await server.sql<{ rolname: string }>(`select rolname from pg_roles where rolname like 'made_%'`);
      return made.map(({ rolname }) => rolname);
    },
    close: () => server.close(),
  };
});
