import { afterEach, describe, expect, it } from '@jest/globals';
import type { Knex } from 'knex';
import { openPort, type Opened } from '../../support/port.ts';
import { SqlConnection } from '../../../src/kinds/sql/index.ts';
import { sqliteDriver } from '../../support/sqlite-driver.ts';

let port: Opened<SqlConnection, Knex>;
afterEach(() => port.close());

const open = async (): Promise<Knex> => {
  port = openPort(SqlConnection, { url: 'sqlite://', driver: sqliteDriver, knex: { acquireConnectionTimeout: 200 } });
  return port.raw();
};
const many = 'with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000000) select i from n';

describe('knex on a synchronous driver of SQLite', () => {
  it('gives bytes as a Buffer', async () => {
    const knex = await open();
    await knex.schema.createTable('b', (table) => void table.binary('bytes'));
    await knex('b').insert({ bytes: Buffer.from('x') });
    expect(await knex('b').select()).toEqual([{ bytes: Buffer.from('x') }]);
  });

  it('streams without reading everything first, and is free again when the reader leaves', async () => {
    const knex = await open();
    const read: number[] = [];
    for await (const row of knex.raw(many).stream() as AsyncIterable<{ i: number }>) {
      read.push(row.i);
      if (read.length === 10) break;
    }
    expect(read).toHaveLength(10);
    expect(await knex.raw('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('tells the reader of an error in the middle', async () => {
    const knex = await open();
    const reading = async (): Promise<void> => {
      for await (const _ of knex
        .raw('select abs(-9223372036854775807 - column1) from (values (0), (1))')
        .stream() as AsyncIterable<unknown>);
    };
    await expect(reading()).rejects.toThrow(/overflow/);
    expect(await knex.raw('select 1 as one')).toEqual([{ one: 1 }]);
  });
});
