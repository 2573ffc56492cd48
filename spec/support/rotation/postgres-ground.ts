import { startPostgres, type Postgres } from '../postgres.ts';
import type { Ground } from './ground.ts';
import { serverTargets, slowLine } from './server-targets.ts';

const user = 'app';
const firstPassword = 'first-password';

/** Two real servers of thirty connections each, with a role whose password can be altered. */
export async function openPostgres(): Promise<Ground> {
  const settings = { max_connections: 30 };
  const servers = [await startPostgres({ settings }), await startPostgres({ settings })] as const;
  const [first, second] = servers;
  for (const server of servers) {
    await server.sql(`create role ${user} login password '${firstPassword}'`);
    for (const database of ['pets', 'pets_new', 'pets_newer']) await server.sql(`create database ${database}`);
  }
  const at = serverTargets('postgresql', user, firstPassword);
  const line = await slowLine(at, first.port, ['pets_new', 'pets_newer']);
  const everywhere = <T>(act: (server: Postgres) => Promise<T>): Promise<T[]> => Promise.all(servers.map(act));

  return {
    name: 'PostgreSQL',
    where: `select inet_server_port() || '/' || current_database() as place, pg_sleep(0.004)`,
    home: at(first.port, 'pets'),
    sameServer: [at(first.port, 'pets_new'), at(first.port, 'pets_newer')],
    elsewhere: at(second.port, 'pets_new'),
    role: {
      firstPassword,
      at: (password) => at(first.port, 'pets', password),
      async alterPassword(password) {
        await everywhere((server) => server.sql(`alter role ${user} password '${password}'`));
      },
      async cutAll() {
        await everywhere((server) =>
          server.sql(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${user}'`),
        );
      },
    },
    line,
    async connections() {
      const counts = await everywhere((server) =>
        server.sql<{ n: number }>(`select count(*)::int as n from pg_stat_activity where usename = '${user}'`),
      );
      return counts.flat().reduce((sum, { n }) => sum + n, 0);
    },
    async close() {
      await line.close();
      await everywhere((server) => server.close());
    },
  };
}
