import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { cancelRequest } from '../../../../src/kinds/sql/pools/cancel-request.ts';
import { PostgresPool, type PgClient, type PgPackage } from '../../../../src/kinds/sql/pools/postgres-pool.ts';
import { startPostgres, type Postgres } from '../../../support/postgres.ts';
import { describeDriverPool } from './driver-pool.ts';

const driver = pg as unknown as PgPackage;
let server: Postgres;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server?.close());

const settings = (): object => ({ connectionString: server.url() });
const options = { min: 0, max: 2, idleTimeout: Infinity, acquireTimeout: Infinity, maxLifetime: Infinity };
const silent = { connected: () => undefined, refused: () => undefined, heldBack: () => undefined };

describeDriverPool('PostgresPool', {
  open: (wanted, listener) => new PostgresPool(driver, settings(), wanted, listener),
  serverId: async (connection) => (connection as unknown as { processID: number }).processID,
  alive: async (ids) =>
    Number(
      (await server.sql<{ n: string }>('select count(*) n from pg_stat_activity where pid = any($1)', [ids]))[0]!.n,
    ),
  kill: (id) => server.sql('select pg_terminate_backend($1)', [id]),
});

describe('PostgresPool', () => {
  it('asks for the settings of each physical connection, where they are a function', async () => {
    await server.sql(`create role fresh login password 'one'`);
    let password = 'one';
    const users: string[] = [];
    const fresh = (): object => ({ connectionString: server.url({ user: 'fresh', password }) });
    const pool = new PostgresPool(driver, fresh, options, silent);
    const take = (): Promise<pg.Client> =>
      new Promise((resolve, reject) =>
        pool.acquire((error, found) => (found ? resolve(found as unknown as pg.Client) : reject(error))),
      );
    const first = await take();
    await server.sql(`alter role fresh password 'two'`);
    await expect(take()).rejects.toMatchObject({ code: '28P01' });
    password = 'two';
    const second = await take();
    for (const client of [first, second])
      users.push((await client.query<{ user: string }>('select current_user as user')).rows[0]!.user);
    expect(users).toEqual(['fresh', 'fresh']);
    for (const client of [first, second]) pool.release(client as never, true);
    await pool.close();
  });

  it('destroys the socket of a connection that nobody answers', async () => {
    const closed: unknown[] = [];
    const silence = createServer((socket) =>
      socket
        .resume()
        .on('close', () => closed.push(1))
        .on('error', () => undefined),
    );
    await new Promise<void>((resolve) => silence.listen(0, '127.0.0.1', resolve));
    const { port } = silence.address() as AddressInfo;
    const pool = new PostgresPool(driver, { host: '127.0.0.1', port, user: 'a' }, options, silent);
    const waits = new Promise((resolve) => pool.acquire((error) => resolve(error)));
    await new Promise((resolve) => setTimeout(resolve, 50));
    pool.stopConnecting();
    expect(await waits).toBeInstanceOf(Error);
    await pool.close();
    await new Promise((resolve) => silence.close(resolve));
    expect(closed).toHaveLength(1);
  });
});

describe('cancelRequest', () => {
  it('cancels what a client runs, where no connection is free', async () => {
    const client = new pg.Client(server.url());
    await client.connect();
    const running = client.query('select pg_sleep(20)').catch((error: { code: string }) => error.code);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await cancelRequest(driver, client as unknown as PgClient, 1000);
    expect(await running).toBe('57014');
    await client.end();
  });
});
