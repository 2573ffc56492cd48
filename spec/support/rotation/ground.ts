import { startPostgres, type Postgres } from '../postgres.ts';
import { startTcpProxy, type TcpProxy } from '../tcp-proxy.ts';
import type { Target } from './contender.ts';

/** Two real servers of thirty connections each, with a role whose password can be altered. */
export interface Ground {
  readonly home: Target;
  /** Two more databases of the server that `home` is on. */
  readonly sameServer: readonly [Target, Target];
  readonly otherServer: Target;
  /** Two targets behind lines so slow that opening takes half a second, until `fast()`. */
  readonly slow: readonly [Target, Target];
  fast(): void;
  alterPassword(password: string): Promise<void>;
  /** Cuts every connection of the role. */
  cutAll(): Promise<void>;
  /** How many connections the role has on both servers. */
  connections(): Promise<number>;
  /** As it was at first. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

const user = 'app';
const firstPassword = 'first-password';
const oneWay = 80;

export async function openGround(): Promise<Ground> {
  const settings = { max_connections: 30 };
  const servers = [await startPostgres({ settings }), await startPostgres({ settings })] as const;
  const [first, second] = servers;
  for (const server of servers) {
    await server.sql(`create role ${user} login password '${firstPassword}'`);
    for (const database of ['pets', 'pets_new', 'pets_newer']) await server.sql(`create database ${database}`);
  }
  const proxies = [await startTcpProxy(first.port), await startTcpProxy(first.port)] as const;
  const at = ({ port }: Postgres | TcpProxy, database: string): Target => ({
    port,
    database,
    user,
    password: firstPassword,
  });
  const everywhere = <T>(act: (server: Postgres) => Promise<T>): Promise<T[]> => Promise.all(servers.map(act));
  const slowly = (milliseconds: number): void => proxies.forEach((proxy) => proxy.delay(milliseconds));

  const alterPassword = async (password: string): Promise<void> => {
    await everywhere((server) => server.sql(`alter role ${user} password '${password}'`));
  };

  return {
    home: at(first, 'pets'),
    sameServer: [at(first, 'pets_new'), at(first, 'pets_newer')],
    otherServer: at(second, 'pets_new'),
    slow: [at(proxies[0], 'pets_new'), at(proxies[1], 'pets_newer')],
    fast: () => slowly(0),
    alterPassword,
    async cutAll() {
      await everywhere((server) =>
        server.sql(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${user}'`),
      );
    },
    async connections() {
      const counts = await everywhere((server) =>
        server.sql<{ n: number }>(`select count(*)::int as n from pg_stat_activity where usename = '${user}'`),
      );
      return counts.flat().reduce((sum, { n }) => sum + n, 0);
    },
    async reset() {
      slowly(oneWay);
      await alterPassword(firstPassword);
    },
    async close() {
      await Promise.all(proxies.map((proxy) => proxy.close()));
      await everywhere((server) => server.close());
    },
  };
}
