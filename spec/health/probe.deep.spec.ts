import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createConnections, inline, type ConnectionRegistry, type SqlConnection } from 'hotline';
import { healthProbe, healthReport, type HealthProbe } from 'hotline/health';
import { startPostgres, type Postgres } from '../support/postgres.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

describe('healthProbe on a real PostgreSQL', () => {
  let postgres: Postgres;
  let proxy: TcpProxy;
  let hot: ConnectionRegistry;
  let pets: SqlConnection;
  let probe: HealthProbe;

  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  afterAll(() => postgres.close());
  beforeEach(async () => {
    proxy = await startTcpProxy(postgres.port);
    const url = postgres.url().replace(String(postgres.port), String(proxy.port));
    const section = { type: 'sql', url, knex: { pool: { min: 0, max: 2 } } };
    hot = createConnections({ sources: [inline({ connections: { pets: section } })] });
    pets = await hot.connection('pets', { type: 'sql' });
    probe = healthProbe(hot, { every: 50, timeout: 400 });
  });
  afterEach(async () => {
    proxy.thaw();
    await hot.close({ timeout: 500 });
    await proxy.close();
  });

  const health = async () => (await healthReport(hot, { probe })).connections['pets']!;
  const until = async (server: string) => {
    for (let look = 0; look < 100 && (await health()).server !== server; look++) await sleep(50);
    return health();
  };

  /** Holds every connection of the pool, with a caller that waits. */
  const fill = () => {
    const holding = [1, 2].map(() => pets.query('select pg_sleep(3)'));
    const waiting = pets.query('select 1');
    return Promise.allSettled([...holding, waiting]);
  };

  it('tells that a server is frozen, though no query has failed, and that it is back', async () => {
    expect(await until('answers')).toMatchObject({ status: 'up', server: 'answers' });
    proxy.freeze();
    expect(await until('silent')).toMatchObject({ status: 'down', state: 'ready', server: 'silent', error: 'timeout' });
    proxy.thaw();
    expect(await until('answers')).toMatchObject({ status: 'up', server: 'answers' });
  }, 30_000);

  it('tells a busy pool from a dead server: by the probe and by ping', async () => {
    const filled = fill();
    await sleep(500);
    expect(await until('answers')).toMatchObject({ status: 'up', server: 'answers', busy: true });
    const pinged = await healthReport(hot, { connections: ['pets'], ping: true, timeout: 1000 });
    expect(pinged).toMatchObject({ status: 'up', connections: { pets: { server: 'answers', busy: true } } });
    proxy.freeze();
    expect(await until('silent')).toMatchObject({ status: 'down', server: 'silent', busy: true });
    proxy.thaw();
    await filled;
    expect(await until('answers')).toEqual({ status: 'up', state: 'ready', generation: 1, server: 'answers' });
    const [{ n }] = (await postgres.sql<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
    )) as [{ n: number }];
    expect(n).toBeLessThanOrEqual(2);
  }, 30_000);

  it('tells that a server refuses', async () => {
    await until('answers');
    proxy.refuse();
    proxy.reset();
    expect(await until('fails')).toMatchObject({ status: 'down' });
    proxy.accept();
    expect(await until('answers')).toMatchObject({ status: 'up' });
  }, 30_000);
});
