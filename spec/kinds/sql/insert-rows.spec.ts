import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BulkInsert } from '../../../src/kinds/query/insert-rows.ts';
import { rowBatches } from '../../../src/kinds/query/row-batches.ts';
import { multiRowInserts } from '../../../src/kinds/sql/insert-rows.ts';
import { startPostgres, type Postgres } from '../../support/postgres.ts';
import { describeInsertRows } from './insert-rows.ts';
import { sqliteDriver } from '../../support/sqlite-driver.ts';

let server: Postgres;
beforeAll(async () => void (server = await startPostgres()), 60_000);
afterAll(() => server?.close());

describeInsertRows('PostgreSQL', () => ({ url: server.url() }));
describeInsertRows('SQLite', () => ({ url: 'sqlite://', driver: sqliteDriver }));

describe('the statements', () => {
  const all = async (rows: object[], family: 'mssql' | 'oracle' | 'mysql', options = {}): Promise<BulkInsert[]> => {
    const inserts: BulkInsert[] = [];
    for await (const one of multiRowInserts('shop.pet', rows as Record<string, unknown>[], options, family))
      inserts.push(one);
    return inserts;
  };

  it('are as each database writes them', async () => {
    const rows = [
      { id: 1, 'a]`"b': 2 },
      { id: 2, 'a]`"b': 3 },
    ];
    expect((await all(rows, 'mssql')).map(({ sql }) => sql)).toEqual([
      'insert into [shop].[pet] ([id], [a]]`"b]) values (?, ?), (?, ?)',
    ]);
    expect((await all(rows, 'mysql')).map(({ sql }) => sql)).toEqual([
      'insert into `shop`.`pet` (`id`, `a]``"b`) values (?, ?), (?, ?)',
    ]);
    const one = 'insert into "shop"."pet" ("id", "a]`""b") values (?, ?)';
    expect((await all(rows, 'oracle')).map(({ sql }) => sql)).toEqual([one, one]);
  });

  it('have no onConflict where the database has none', async () => {
    for (const family of ['mssql', 'oracle'] as const)
      await expect(all([{ id: 1 }], family, { onConflict: 'ignore' })).rejects.toMatchObject({ code: 'not_supported' });
  });

  it('hold what there is room for, and a row that is longer goes alone', async () => {
    const sizes: number[] = [];
    const rows = [{ a: 'xx' }, { a: 'x'.repeat(50) }, { a: Buffer.alloc(3) }, { a: 'y' }, { a: [] }];
    for await (const { rowCount } of rowBatches(rows, {}, { values: 3, length: 10 })) sizes.push(rowCount);
    expect(sizes).toEqual([1, 1, 3]);
  });
});
