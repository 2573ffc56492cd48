import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BehaviorSubject, filter, firstValueFrom, map } from 'rxjs';
import { createConnections, inline, SqlConnection, type ConnectionRegistry } from '../../../src/index.ts';
import { startPgBouncer, type PgBouncer } from '../../support/pgbouncer.ts';
import { startPostgres, type Postgres } from '../../support/postgres.ts';

const users = { ann: 'one-of-the-spec', bob: 'two-of-the-spec' };

describe('in front of PostgreSQL', () => {
  let server: Postgres;
  beforeAll(async () => {
    server = await startPostgres({ settings: { max_connections: 200 } });
    for (const [user, password] of Object.entries(users)) {
      await server.sql(`create role ${user} login password '${password}'`);
      await server.sql(`grant all on schema public to ${user}`);
    }
  }, 60_000);
  afterAll(() => server?.close());

  describe.each(['transaction', 'session'] as const)('PgBouncer in %s mode', (mode) => {
    let pooler: PgBouncer;
    let hot: ConnectionRegistry;
    let db: SqlConnection;
    const secrets$ = new BehaviorSubject({});
    const as = (user: keyof typeof users): object => ({
      connections: {
        pets: { type: 'sql', url: `postgresql://${user}:${users[user]}@127.0.0.1:${pooler.port}/postgres` },
      },
    });
    beforeAll(async () => {
      pooler = await startPgBouncer({ mode, to: server.port, users, size: mode === 'session' ? 40 : 5 });
      secrets$.next(as('ann'));
      hot = createConnections({ sources: [inline(secrets$)] });
      db = (await hot.connection('pets')) as SqlConnection;
    }, 60_000);
    afterAll(async () => {
      await hot?.close();
      await pooler?.close();
    });

    /** Resolves when the server runs the statement no more: the caller is told before the server is. */
    const stopped = async (text: string): Promise<void> => {
      const running = `select 1 from pg_stat_activity where state = 'active' and query like $1`;
      while ((await server.sql(running, [`${text}%`])).length > 0);
    };

    it('is recognised, and every place that shows connections says so', async () => {
      expect(db.stats().pool).toMatchObject({ pooler: true });
      expect(db.describe()).toMatchObject({ pooler: true });
      expect(await firstValueFrom(db.status$)).toMatchObject({ state: 'ready', pooler: true });
    });

    it.each([
      ['a wrong password', 'auth', (url: string) => url.replace(users.ann, 'another')],
      ['no such user', 'auth', (url: string) => url.replace('ann:', 'eve:')],
      ['no such database', 'config', (url: string) => url.replace('/postgres', '/nowhere')],
      ['a startup parameter it does not take', 'config', (url: string) => `${url}?statement_timeout=5000`],
    ])('%s is refused as %s', async (name, category, change) => {
      const url = change(`postgresql://ann:${users.ann}@127.0.0.1:${pooler.port}/postgres`);
      const refused = hot.connection(name.replaceAll(' ', '-'), { type: SqlConnection, url, retry: { attempts: 1 } });
      await expect(refused).rejects.toMatchObject({ category });
    });

    it('a statement that takes too long is stopped on the server, and the connection serves on', async () => {
      const text = `select pg_sleep(600), '${mode}'`;
      const late = db.query(text, { timeout: 300, retry: { attempts: 1 } });
      await expect(late).rejects.toMatchObject({ category: 'timeout' });
      await stopped(text);
      // Ten at once would fill the pool of the pooler, if one of them went on.
      const all = Array.from({ length: 10 }, () => db.query(text, { timeout: 300, retry: { attempts: 1 } }));
      for (const one of await Promise.allSettled(all)) expect(one).toMatchObject({ status: 'rejected' });
      await stopped(text);
      expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
    });

    it('a stream that is left is stopped on the server, too', async () => {
      const text = `select generate_series(1, 1e9::int) as g, pg_sleep(0.001) -- ${mode}`;
      for await (const row of db.stream(text, { batchSize: 10 })) {
        expect(row).toMatchObject({ g: 1 });
        break;
      }
      await stopped(text);
    });

    it('statements that come again are answered, whichever session they meet', async () => {
      const again = Array.from({ length: 200 }, (_, n) => db.query('select :n::int as n', { params: { n } }));
      expect((await Promise.all(again)).flat()).toEqual(Array.from({ length: 200 }, (_, n) => ({ n })));
      expect(await db.query('select name from pg_prepared_statements')).toEqual([]);
    });

    it('transactions, COPY and streams work', async () => {
      await db.execute(`create table pet_${mode} (id int primary key, name text)`);
      const pets = Array.from({ length: 5000 }, (_, id) => ({ id, name: `pet ${id}` }));
      expect(await db.insertRows(`pet_${mode}`, pets)).toEqual({ rowCount: 5000 });
      await db.transaction(async (tx) => {
        await tx.execute(`delete from pet_${mode} where id >= 4000`);
        await tx.transaction(async (inner) => inner.execute(`delete from pet_${mode} where id >= 3000`));
      });
      let count = 0;
      for await (const batch of db.batches(`select * from pet_${mode}`, { batchSize: 500 })) count += batch.length;
      expect(count).toBe(3000);
    });

    it('a channel is listened to in session mode, and live$ says in transaction mode that none can be', async () => {
      const channel = `pets_${mode}`;
      const seen = firstValueFrom(db.live$('select 1 as one', { refresh: { channel } }));
      if (mode === 'session') expect(await seen).toEqual([{ one: 1 }]);
      else
        await expect(seen).rejects.toMatchObject({
          code: 'not_supported',
          message: expect.stringMatching(/cannot be heard.*transaction mode.*session mode/),
        });
    }, 30_000);

    it('a rotation under load fails no query', async () => {
      let over = false;
      const names = new Set<unknown>();
      const outcomes = { done: 0, failed: [] as unknown[] };
      const worker = async (): Promise<void> => {
        while (!over)
          try {
            const [row] = await db.query('select current_user as name, :n::int as n', { params: { n: outcomes.done } });
            names.add(row!['name']);
            outcomes.done += 1;
          } catch (error) {
            outcomes.failed.push(error);
          }
      };
      const workers = Array.from({ length: 12 }, worker);
      const swapped = (generation: number): Promise<unknown> =>
        firstValueFrom(db.status$.pipe(filter((now) => now.generation > generation && now.state === 'ready')));
      for (const user of ['bob', 'ann', 'bob'] as const) {
        const { generation } = await firstValueFrom(db.status$);
        const next = swapped(generation);
        secrets$.next(as(user));
        await next;
        const { done } = outcomes;
        while (outcomes.done < done + 200) await new Promise((resolve) => setImmediate(resolve));
      }
      over = true;
      await Promise.all(workers);
      expect(outcomes.failed).toEqual([]);
      expect(names).toEqual(new Set(['ann', 'bob']));
      expect(await db.query('select current_user as name')).toEqual([{ name: 'bob' }]);
      expect(await firstValueFrom(db.status$.pipe(map(({ pooler }) => pooler)))).toBe(true);
    }, 60_000);
  });
});
