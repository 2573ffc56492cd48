/* eslint-disable jest/no-export, jest/valid-title -- one suite that several specs run */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createConnections, SqlConnection, type ConnectionEvent, type ConnectionRegistry } from '../../../src/index.ts';

export interface Place {
  readonly family: 'sqlite' | 'postgresql' | 'mysql';
  settings(): Record<string, unknown>;
}

/** Nobody's write is lost because somebody else began a transaction on a connection of the pool. */
export function describeOpenTransactions(title: string, { family, settings }: Place): void {
  describe(title, () => {
    let hot: ConnectionRegistry;
    let pets: SqlConnection;
    let warnings: Extract<ConnectionEvent, { type: 'warning' }>[];

    const open = async (name: string, more: object = {}): Promise<SqlConnection> =>
      hot.connection(name, { params: { ...settings(), ...more }, type: SqlConnection });
    const rows = async (): Promise<number> =>
      Number((await pets.query('select count(*) as n from left_open'))[0]!['n']);

    beforeEach(async () => {
      hot = createConnections({ sources: [] });
      warnings = [];
      hot.events$.subscribe(
        (event) => void (event.type === 'warning' && event.code !== 'server_notice' && warnings.push(event)),
      );
      pets = await open('pets', { knex: { pool: { max: 1 } } });
      await pets.execute('drop table if exists left_open');
      await pets.execute('create table left_open (a int)');
    });
    afterEach(async () => {
      await pets.execute('drop table left_open');
      await hot.close();
    });

    const controls = [
      'begin',
      ' /* x */ BEGIN ;',
      'start transaction',
      'commit',
      'rollback',
      'savepoint a',
      'release savepoint a',
      'rollback to savepoint a',
      'set transaction isolation level serializable',
      'set autocommit = 0',
      'set session autocommit = 0',
      "xa start 'x'",
      'select 1; begin',
    ];
    it.each(controls)('execute refuses a statement of a transaction, as query does: %s', async (sql) => {
      await expect(pets.execute(sql)).rejects.toMatchObject({ code: 'not_supported', connection: 'pets' });
      await expect(pets.query(sql)).rejects.toMatchObject({ category: 'query' });
      await pets.execute('insert into left_open values (1)');
      expect(await rows()).toBe(1);
    });

    it('a transaction is not ended behind its back, and savepoints work in it', async () => {
      for (const sql of ['commit', 'rollback', 'begin', 'set autocommit = 1'])
        await expect(pets.transaction((tx) => tx.execute(sql))).rejects.toMatchObject({ code: 'not_supported' });
      await pets.transaction(async (tx) => {
        await tx.execute('insert into left_open values (1)');
        await tx.execute('savepoint a');
        await tx.execute('insert into left_open values (2)');
        await tx.execute('rollback to savepoint a');
        await tx.execute('release savepoint a');
      });
      expect(await rows()).toBe(1);
      expect(warnings).toEqual([]);
    });

    it('what use leaves open is rolled back with one warning, and the writes of others are kept', async () => {
      await pets.use(async (knex) => {
        await knex.raw('begin');
      });
      await pets.execute('insert into left_open values (1)');
      expect(warnings).toMatchObject([{ code: 'transaction_left_open', connection: 'pets' }]);
      await hot.close();
      hot = createConnections({ sources: [] });
      pets = await open('again');
      expect(await rows()).toBe(1);
    });

    it('a transaction of knex is ended by knex, and nothing is said', async () => {
      await pets.use((knex) => knex.transaction(async (trx) => trx('left_open').insert({ a: 1 })));
      await pets
        .use((knex) =>
          knex.transaction(async (trx) => {
            await trx('left_open').insert({ a: 2 });
            throw new Error('no');
          }),
        )
        .catch(() => undefined);
      await pets.transaction(async (tx) => {
        await tx.raw('left_open').insert({ a: 3 });
      });
      await expect(pets.execute('insert into nowhere values (1)')).rejects.toBeDefined();
      expect(await rows()).toBe(2);
      expect(warnings).toEqual([]);
    });

    it('a stream of knex gives its connection back once: nobody gets one that somebody else has', async () => {
      const two = await open('two', { knex: { pool: { max: 1 } } });
      await two.execute('insert into left_open values (0)');
      let committed = 0;
      const streaming = async (): Promise<void> => {
        for (let round = 0; round < 20; round++)
          await two.use(async (knex) => {
            for await (const row of knex('left_open').select('a').limit(3).stream()) void row;
          });
      };
      const writing = async (): Promise<void> => {
        for (let round = 0; round < 20; round++)
          await two
            .transaction(async (tx) => {
              await tx.execute('insert into left_open values (1)');
              await tx.query('select 1');
              if (round % 4 === 3) throw new Error('roll back');
            })
            .then(
              () => (committed += 1),
              () => undefined,
            );
      };
      await Promise.all([streaming(), streaming(), streaming(), writing(), writing(), writing(), writing()]);
      expect(committed).toBe(60);
      const [{ n }] = (await two.query('select count(*) as n from left_open where a = 1')) as [{ n: unknown }];
      expect(Number(n)).toBe(60);
    });

    if (family !== 'sqlite')
      it('knex cancels a statement that takes too long, on the server of the connection', async () => {
        const slow = family === 'mysql' ? 'select sleep(10)' : 'select pg_sleep(10)';
        const started = performance.now();
        await expect(pets.use((knex) => knex.raw(slow).timeout(200, { cancel: true }))).rejects.toMatchObject({
          name: 'KnexTimeoutError',
        });
        await pets.query('select 1');
        expect(performance.now() - started).toBeLessThan(5000);
      });

    it('a stream of knex that is left early leaves the pool as it was', async () => {
      await pets.execute('insert into left_open values (0), (1), (2), (3)');
      for (let round = 0; round < 5; round++)
        await pets.use(async (knex) => {
          for await (const row of knex('left_open').select('a').stream()) {
            void row;
            break;
          }
        });
      expect(await rows()).toBe(4);
      expect(
        hot.stats('pets', { params: { ...settings(), knex: { pool: { max: 1 } } }, type: SqlConnection }).pool,
      ).toMatchObject({ used: 0, waiting: 0 });
    });
  });
}
