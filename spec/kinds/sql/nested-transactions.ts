/* eslint-disable jest/no-export, jest/valid-title -- one suite that several specs run */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  createConnections,
  SqlConnection,
  type ConnectionRegistry,
  type Transaction,
  type TransactionOptions,
} from '../../../src/index.ts';

interface Place {
  readonly family: 'sqlite' | 'postgresql' | 'mysql';
  /** Each connection has a database of its own. */
  readonly alone?: boolean;
  settings(): Record<string, unknown>;
}

/** What drivers throw for a transaction that lost. */
const errors = {
  postgresql: { code: '40001' },
  mysql: { code: 'ER_LOCK_DEADLOCK', errno: 1213, sqlState: '40001' },
  sqlite: { code: 'SQLITE_BUSY_SNAPSHOT' },
};

/** Transactions inside transactions, transactions that are run again, and one connection for a while. */
export function describeNestedTransactions(title: string, { family, alone = false, settings }: Place): void {
  describe(title, () => {
    let hot: ConnectionRegistry;
    let pets: SqlConnection;
    let warned: string[];

    const open = (params: object = {}): Promise<SqlConnection> =>
      hot.connection('pets', { type: SqlConnection, params: { ...settings(), ...params } });
    const kept = async (): Promise<unknown[]> =>
      (await pets.query('select a from nested order by a')).map((row) => row['a']);

    beforeEach(async () => {
      warned = [];
      hot = createConnections({ sources: [] });
      hot.events$.subscribe(
        (event) => void (event.type === 'warning' && event.code !== 'server_notice' && warned.push(event.code)),
      );
      pets = await open({ knex: { pool: { max: 1 } } });
      await pets.execute('drop table if exists nested');
      await pets.execute('create table nested (a int primary key)');
    });
    afterEach(async () => {
      await pets.execute('drop table nested');
      await hot.close();
      expect(warned).toEqual([]);
    });

    describe('a transaction inside a transaction', () => {
      it('is taken back alone when its callback throws or a statement fails, at any depth', async () => {
        await pets.transaction(async (tx) => {
          await tx.execute('insert into nested values (1)');
          const failed = tx.transaction(async (inner) => {
            await inner.execute('insert into nested values (2)');
            await inner.execute('insert into nested values (1)');
          });
          await expect(failed).rejects.toMatchObject({ code: 'query_failed' });
          const seven = await tx.transaction(async (inner) => {
            await inner.execute('insert into nested values (3)');
            await inner
              .transaction(async (innermost) => {
                await innermost.execute('insert into nested values (4)');
                throw new Error('mine');
              })
              .catch((error: Error) => expect(error.message).toBe('mine'));
            await inner.transaction((innermost) => innermost.execute('insert into nested values (5)'));
            return 7;
          });
          expect(seven).toBe(7);
          await tx.execute('insert into nested values (6)');
        });
        expect(await kept()).toEqual([1, 3, 5, 6]);
      });

      it('is gone with the transaction around it, and its tags count when that is committed', async () => {
        const failed = pets.transaction(async (tx) => {
          await tx.transaction((inner) => inner.execute('insert into nested values (1)', { tags: ['n'] }));
          throw new Error('no');
        });
        await expect(failed).rejects.toThrow('no');
        expect(await kept()).toEqual([]);
        const count = async () =>
          (await pets.query('select count(*) as n from nested', { ttl: '1h', tags: ['n'] }))[0]!['n'];
        expect(await count()).toBe(0);
        await pets.transaction((tx) =>
          tx.transaction((inner) => inner.execute('insert into nested values (1)', { tags: ['n'] })),
        );
        expect(await count()).toBe(1);
      });

      it('refuses what would be rolled back with it, options, and what comes after its end', async () => {
        let late: Promise<unknown> | undefined;
        await pets.transaction(async (tx) => {
          await tx.transaction(async (inner) => {
            await expect(tx.execute('insert into nested values (1)')).rejects.toMatchObject({ code: 'nested_lease' });
            await expect(tx.query('select 1')).rejects.toMatchObject({ code: 'nested_lease' });
            await expect(tx.transaction(() => 1)).rejects.toMatchObject({ code: 'nested_lease' });
            await inner.execute('insert into nested values (2)');
            late = new Promise((resolve) => setTimeout(resolve, 20)).then(() =>
              inner.execute('insert into nested values (9)'),
            );
            // It may come before it is awaited.
            late.catch(() => undefined);
          });
          const isolated = tx.transaction as (fn: unknown, options: object) => Promise<unknown>;
          await expect(isolated.call(tx, () => 1, { isolation: 'serializable' })).rejects.toMatchObject({
            code: 'invalid_argument',
          });
          await tx.execute('insert into nested values (3)');
        });
        await expect(late).rejects.toMatchObject({ code: 'transaction_ended' });
        expect(await kept()).toEqual([2, 3]);
      });

      it('that nobody awaited is rolled back with all of it, and writes nothing afterwards', async () => {
        let inside!: Promise<unknown>;
        let [written, ended] = [() => undefined as void, () => undefined as void];
        const first = new Promise<void>((resolve) => (written = resolve));
        const outer = new Promise<void>((resolve) => (ended = resolve));
        const failed = pets.transaction(async (tx) => {
          inside = tx.transaction(async (inner) => {
            await inner.execute('insert into nested values (1)');
            written();
            await outer;
            await inner.execute('insert into nested values (2)');
          });
          inside.catch(() => undefined);
          await first;
        });
        await expect(failed).rejects.toMatchObject({ code: 'nested_lease' });
        ended();
        await expect(inside).rejects.toMatchObject({ code: 'transaction_ended' });
        expect(await kept()).toEqual([]);
      });

      it('nothing runs outside when the server has rolled all of it back and the callback minds nothing', async () => {
        const end = async (tx: Transaction<unknown>): Promise<void> => {
          await expect(tx.execute('insert into nested values (2)')).rejects.toMatchObject({ code: 'query_failed' });
          await expect(tx.transaction(() => 1)).rejects.toMatchObject({ code: 'query_failed' });
        };
        const lose: Record<typeof family, (tx: Transaction<unknown>) => Promise<unknown>> = {
          postgresql: (tx) => tx.execute("do $$ begin raise exception using errcode = '40001'; end $$"),
          mysql: (tx) => tx.execute("begin not atomic signal sqlstate '40001' set mysql_errno = 1213; end"),
          sqlite: (tx) => tx.execute('insert or rollback into nested values (1)'),
        };
        let runs = 0;
        const done = (retry: TransactionOptions['retry']) =>
          pets.transaction(
            async (tx) => {
              await tx.execute('insert into nested values (1)');
              if (runs++ > 0) return;
              await expect(lose[family](tx)).rejects.toMatchObject({ code: 'query_failed' });
              await end(tx);
            },
            { retry },
          );
        await expect(done(false)).rejects.toMatchObject({
          message: expect.stringContaining('rolled the transaction back'),
        });
        expect(await kept()).toEqual([]);
        runs = 0;
        // A statement of SQLite that rolls back did not lose against another transaction.
        if (family === 'sqlite') return;
        await done({ minDelay: 1 });
        expect([await kept(), runs]).toEqual([[1], 2]);
      });

      it('closes the stream that it left open', async () => {
        await pets.insertRows('nested', [{ a: 1 }, { a: 2 }, { a: 3 }]);
        await pets.transaction(async (tx) => {
          const failed = tx.transaction(async (inner) => {
            const rows = inner.stream('select a from nested order by a', { batchSize: 1 })[Symbol.asyncIterator]();
            await rows.next();
            throw new Error('left');
          });
          await expect(failed).rejects.toThrow('left');
          await tx.execute('insert into nested values (4)');
        });
        expect(await kept()).toEqual([1, 2, 3, 4]);
      });
    });

    describe('a transaction that loses against another', () => {
      let other: SqlConnection;
      beforeEach(async () => {
        other = await hot.connection('other', { type: SqlConnection, params: settings() });
        await pets.insertRows('nested', [{ a: 10 }, { a: 20 }]);
        if (family === 'sqlite') await pets.execute('pragma journal_mode = wal');
      });

      /** Two transactions that want what the other has; one of them is refused. SQLite: one reads what the other writes. */
      async function collide(
        options: TransactionOptions,
      ): Promise<{ runs: number; ends: PromiseSettledResult<unknown>[] }> {
        let runs = 0;
        let [arrived, both] = [0, () => undefined as void];
        const together = new Promise<void>((resolve) => (both = resolve));
        const meet = async (): Promise<void> => {
          if (++arrived === 2) both();
          await together;
        };
        const step = (by: SqlConnection, first: number, second: number) =>
          by.transaction(async (tx) => {
            runs++;
            if (family === 'sqlite') await tx.query('select * from nested');
            else await tx.execute(`update nested set a = a + 1 where a = ${first} or a = ${first + 1}`);
            await meet();
            if (family === 'sqlite' && by === pets && runs === 2)
              await new Promise((resolve) => setTimeout(resolve, 50));
            await tx.execute(`update nested set a = a + 1 where a between ${second} and ${second + 9}`);
          }, options);
        const ends = await Promise.allSettled([step(pets, 10, 20), step(other, 20, 10)]);
        return { runs, ends };
      }

      if (!alone)
        it('is run again with retry, and not without', async () => {
          const lost = await collide({});
          expect(lost.runs).toBe(2);
          const reasons = lost.ends.map((end) => (end.status === 'rejected' ? (end.reason as unknown) : undefined));
          expect(reasons.filter((reason) => reason !== undefined)).toMatchObject([{ code: 'query_failed' }]);
          const won = await collide({ retry: { attempts: 5, minDelay: 1 } });
          expect(won.ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
          expect(won.runs).toBe(3);
        });

      it('is run again when an error of the driver is thrown, or one that has it for its cause, and only then', async () => {
        const lost = Object.assign(new Error('lost'), errors[family]);
        const run = async (error: unknown, retry: TransactionOptions['retry']) => {
          let runs = 0;
          const end = pets.transaction(
            async (tx) => {
              await tx.execute('insert into nested values (?)', { params: [100 + ++runs] });
              if (runs < 3) throw error;
            },
            { retry },
          );
          return [
            await end.then(
              () => 'done',
              (thrown: unknown) => thrown,
            ),
            runs,
          ];
        };
        const soon = { attempts: 3, minDelay: 1 };
        expect(await run(lost, soon)).toEqual(['done', 3]);
        const wrapped = new Error('of a mapper', { cause: lost });
        expect(await run(wrapped, { ...soon, attempts: 2 })).toEqual([wrapped, 2]);
        expect(await run(lost, false)).toEqual([lost, 1]);
        expect(await run(lost, undefined)).toEqual([lost, 1]);
        const other = new Error('of the caller');
        expect(await run(other, soon)).toEqual([other, 1]);
        expect(await kept()).toEqual([10, 20, 103]);
        await expect(pets.transaction(() => 1, { retry: { attempt: 3 } as never })).rejects.toMatchObject({
          code: 'invalid_policy',
        });
        await expect(pets.transaction(() => 1, { retry: true as never })).rejects.toMatchObject({
          code: 'invalid_policy',
        });
      });

      it('ends with its timeout and its signal, however many attempts are left', async () => {
        const lost = Object.assign(new Error('lost'), errors[family]);
        const stop = new AbortController();
        const forever = { retry: { attempts: Infinity, minDelay: 1, maxDelay: 5 } };
        const end = pets.transaction(() => Promise.reject(lost), { ...forever, signal: stop.signal });
        setTimeout(() => stop.abort(), 30);
        await expect(end).rejects.toMatchObject({ code: 'cancelled' });
        await expect(pets.transaction(() => Promise.reject(lost), { ...forever, timeout: 50 })).rejects.toBeDefined();
      });
    });

    describe('a session', () => {
      const temporary = family === 'mysql' ? 'create temporary table held (a int)' : 'create temp table held (a int)';

      it('is one connection, and nothing of it is left for the next', async () => {
        const two = await pets.session(async (session) => {
          expect(typeof session.raw).toBe('object');
          await session.execute(temporary);
          await session.execute('insert into held values (1), (2)');
          const rows = [];
          for await (const row of session.stream('select a from held order by a')) rows.push(row);
          expect(rows).toEqual([{ a: 1 }, { a: 2 }]);
          return (await session.query('select a from held')).length;
        });
        expect(two).toBe(2);
        await expect(pets.query('select * from held')).rejects.toMatchObject({ code: 'query_failed' });
        await pets.session((session) => session.execute(temporary));
        expect(await kept()).toEqual([]);
      });

      it('has transactions, whose own parts are savepoints; it serves on when one is rolled back', async () => {
        await pets.session(async (session) => {
          await expect(
            session.transaction(async (tx) => {
              await tx.execute('insert into nested values (1)');
              await expect(session.query('select 1')).rejects.toMatchObject({ code: 'nested_lease' });
              throw new Error('no');
            }),
          ).rejects.toThrow('no');
          await session.transaction(
            async (tx) => {
              await tx.execute('insert into nested values (2)');
              await tx
                .transaction(async (inner) => {
                  await inner.execute('insert into nested values (3)');
                  throw new Error('no');
                })
                .catch(() => undefined);
            },
            { isolation: 'serializable' },
          );
          await session.execute('insert into nested values (4)');
          await expect(session.execute('begin')).rejects.toMatchObject({ code: 'not_supported' });
        });
        expect(await kept()).toEqual([2, 4]);
      });

      it('ends with its callback, throws what that throws, and refuses what comes later', async () => {
        let later!: () => Promise<unknown>;
        const failed = pets.session((session) => {
          later = () => session.query('select 1');
          throw new Error('mine');
        });
        await expect(failed).rejects.toThrow('mine');
        await expect(later()).rejects.toMatchObject({ code: 'transaction_ended' });
        await expect(pets.session('no' as never)).rejects.toMatchObject({ code: 'invalid_argument' });
        await expect(pets.session(() => 1, { isolation: 'serializable' } as never)).rejects.toMatchObject({
          code: 'invalid_argument',
        });
      });

      it('a raw statement that begins a transaction leaves none open', async () => {
        await pets.session(async ({ raw }) => {
          if (family === 'sqlite') (raw as { exec(sql: string): void }).exec('begin; insert into nested values (1)');
          else {
            await query(raw, 'begin');
            await query(raw, 'insert into nested values (1)');
          }
        });
        expect(await kept()).toEqual([]);
      });

      if (family !== 'sqlite')
        it('gives its connection back as it was, without a new one', async () => {
          const [pid, set, get] =
            family === 'mysql'
              ? ['connection_id()', 'set @left = 1, session sql_mode = "NO_BACKSLASH_ESCAPES"', '@left']
              : [
                  'pg_backend_pid()',
                  "set application_name = 'left'",
                  "nullif(current_setting('application_name'), '')",
                ];
          const ask = async (what: string) => (await pets.query(`select ${what} as it`))[0]!['it'];
          await pets.query('select ? as a', { params: ['x'] });
          await pets.query('select ? as a', { params: ['x'] });
          const [before, was] = [await ask(pid), await ask(get)];
          await pets.session((session) => session.execute(set));
          expect([await ask(pid), await ask(get)]).toEqual([before, was]);
          const odd = "it's \\ and \u{1f436}";
          expect(await pets.query('select ? as a', { params: [odd] })).toEqual([{ a: odd }]);
        });
    });
  });
}

function query(raw: unknown, sql: string): Promise<unknown> {
  const client = raw as { query(sql: string, done: (error: unknown, answer: unknown) => void): unknown };
  return new Promise((resolve, reject) =>
    client.query(sql, (error, answer) => (error ? reject(error) : resolve(answer))),
  );
}
