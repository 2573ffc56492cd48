/* eslint-disable jest/no-export, jest/valid-title -- one suite that several specs run */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BehaviorSubject } from 'rxjs';
import {
  createConnections,
  inline,
  polled,
  SqlConnection,
  type ConnectionRegistry,
  type SecretTree,
} from '../../../src/index.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';

/** A pool of a driver; `held` runs a statement on a connection that is checked out. */
export interface KeptPool {
  query(sql: string): Promise<unknown>;
  held(sql: string): Promise<unknown>;
}

/** A server with the role `keeper` (password: first), who may write into the table kept (a int). */
export interface Keep {
  readonly port: number;
  readonly dialect: string;
  readonly database: string;
  /** What the driver says of a wrong password. */
  readonly refusal: string;
  /** Runs a statement as the administrator. */
  admin(sql: string): Promise<void>;
  password(password: string): Promise<void>;
  /** Ends every session of the role. */
  endSessions(): Promise<void>;
  count(): Promise<number>;
  /** A pool for libraries. */
  pool(pets: SqlConnection): KeptPool;
  close(): Promise<void>;
}

/** What a checkout does that the server refuses, on a connection that was ready before. */
export function describeRefusedCheckouts(title: string, start: () => Promise<Keep>): void {
  describe(title, () => {
    let server: Keep;
    let proxy: TcpProxy;
    let hot: ConnectionRegistry;
    let pets: SqlConnection;
    let pool: KeptPool;
    let secrets$: BehaviorSubject<SecretTree>;

    const section = (password: string): SecretTree => ({
      connections: {
        pets: {
          type: 'sql',
          url: `${server.dialect}://keeper:${password}@127.0.0.1:${proxy.port}/${server.database}`,
          knex: { pool: { max: 5 } },
        },
      },
    });
    /** A password that the server takes from now on, and no session that was opened with the one before. */
    const alter = async (password: string): Promise<void> => {
      await server.password(password);
      await server.endSessions();
      // The driver hears of it.
      await sleep(50);
    };
    beforeAll(async () => {
      server = await start();
    }, 60_000);
    afterAll(() => server?.close());
    beforeEach(async () => {
      proxy = await startTcpProxy(server.port);
      await server.password('first');
      await server.admin('truncate table kept');
      secrets$ = new BehaviorSubject(section('first'));
      hot = createConnections({ sources: [inline(secrets$)] });
      pets = await hot.connection('pets', { type: SqlConnection });
      pool = server.pool(pets);
    });
    afterEach(async () => {
      await hot.close({ timeout: 0 });
      await proxy.close();
    });
    const read = async (): Promise<number> => {
      for await (const { a } of pets.stream<{ a: number }>('select 1 as a')) return a;
      return 0;
    };
    const ways: Record<string, () => Promise<unknown>> = {
      query: () => pets.query('select 1 as a'),
      execute: () => pets.execute('insert into kept values (1)'),
      transaction: () => pets.transaction((tx) => tx.execute('insert into kept values (1)')),
      stream: () => read(),
      'query of a pool': () => pool.query('insert into kept values (1)'),
      'checkout of a pool': () => pool.held('insert into kept values (1)'),
    };
    const reads = ['query', 'stream'];

    it.each(Object.keys(ways))('is tried again until the next secrets are there: %s', async (way) => {
      await alter('second');
      const calls = Array.from({ length: 12 }, () => ways[way]!());
      await sleep(300);
      expect(pets.stats()).toMatchObject({ leases: 12 });
      secrets$.next(section('second'));
      await Promise.all(calls);
      expect(await server.count()).toBe(reads.includes(way) ? 0 : 12);
    });

    it('is tried again by one login at a time for all that wait', async () => {
      await alter('second');
      const before = proxy.accepted;
      const calls = Array.from({ length: 40 }, () => pets.query('select 1 as a'));
      await sleep(700);
      // Five at first, as many as the pool may have, and then one at each step: 25, 50, 100, 200, 400 ms.
      expect(proxy.accepted - before).toBeLessThanOrEqual(11);
      await server.password('first');
      expect(await Promise.all(calls)).toHaveLength(40);
    });

    it.each([0, 20, 200, 1000])(
      'the secret is saved %i ms before the password is altered: nothing fails',
      async (ms) => {
        secrets$.next(section('second'));
        await sleep(ms);
        await alter('second');
        const all = Object.keys(ways).flatMap((way) => Array.from({ length: 3 }, () => ways[way]!()));
        const begun = performance.now();
        expect(await Promise.all(all)).toHaveLength(18);
        // Not when the back-off of the candidate is over, which is 5 s.
        expect(performance.now() - begun).toBeLessThan(3000);
      },
    );

    it('has the sources looked at', async () => {
      let saved = 'first';
      const load = () => ({ secrets: section(saved) });
      const polling = createConnections({ sources: [polled(load, { every: Infinity })] });
      const polledPets = await polling.connection('pets', { type: SqlConnection });
      await alter('second');
      saved = 'second';
      expect(await polledPets.execute('insert into kept values (1)')).toMatchObject({ rowCount: 1 });
      await polling.close({ timeout: 0 });
    });

    it('gives the usual error when its time is over, in time', async () => {
      await alter('second');
      const begun = performance.now();
      const refused = { code: 'auth_failed', category: 'auth', connection: 'pets', cause: { code: server.refusal } };
      await expect(pets.query('select 1', { timeout: 400 })).rejects.toMatchObject(refused);
      // Not the timeout, which would hide why; a busy machine may take its time.
      expect(performance.now() - begun).toBeLessThan(2000);
      await expect(pets.execute('insert into kept values (1)', { timeout: 300 })).rejects.toMatchObject(refused);
      await expect(pets.transaction(() => undefined, { timeout: 300 })).rejects.toMatchObject(refused);
      expect(pets.stats().leases).toBe(0);
      // The last login that was tried may not have been answered yet.
      const busy = () => pets.stats().pool?.size !== 0 || pets.stats().pool?.waiting !== 0;
      for (let look = 0; look < 100 && busy(); look++) await sleep(20);
      expect(pets.stats().pool).toMatchObject({ size: 0, waiting: 0 });
    });

    it('of a pool gives the error of the driver when its time is over', async () => {
      await alter('second');
      const begun = performance.now();
      const calls = [pool.query('select 1'), pool.held('select 1')];
      for (const call of calls) await expect(call).rejects.toMatchObject({ code: server.refusal });
      expect(performance.now() - begun).toBeGreaterThan(4000);
      expect(pets.stats().leases).toBe(0);
    });

    it('ends with its signal, and with the registry', async () => {
      await alter('second');
      const stop = new AbortController();
      const [cancelled, closed] = [pets.query('select 1', { signal: stop.signal }), pets.query('select 1')];
      setTimeout(() => stop.abort(), 100);
      await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
      void hot.close({ timeout: 50 });
      await expect(closed).rejects.toMatchObject({ code: 'closed' });
    });

    it('waits for a server that starts again', async () => {
      proxy.refuse();
      proxy.reset();
      await sleep(20);
      const call = pets.execute('insert into kept values (1)');
      await sleep(200);
      proxy.accept();
      expect((await call).rowCount).toBe(1);
    });

    it('takes a connection that comes back meanwhile', async () => {
      const call = await pets.transaction(async () => {
        await server.password('second');
        const waiting = pets.query('select 1 as a');
        await sleep(100);
        return { waiting };
      });
      expect(await call.waiting).toEqual([{ a: 1 }]);
    });

    it('stays with its instance inside `use`, and fails with the error of the driver', async () => {
      await alter('second');
      const call = pets.use((knex) => knex.raw('select 1 as a'));
      await sleep(100);
      secrets$.next(section('second'));
      await sleep(200);
      await server.password('first');
      expect(JSON.stringify(await call)).toContain('"a":1');
    });

    it('a first opening fails as it always did', async () => {
      secrets$.next(section('wrong'));
      const other = createConnections({ sources: [inline(section('wrong'))], retry: { attempts: 1 } });
      const begun = performance.now();
      await expect(other.connection('pets')).rejects.toMatchObject({ code: 'auth_failed' });
      expect(performance.now() - begun).toBeLessThan(2000);
      await other.close();
    });
  });
}
