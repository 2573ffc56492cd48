import { afterEach, describe, expect, it } from '@jest/globals';
import { SqlConnection } from '../../../src/kinds/sql/index.ts';
import { openPort } from '../../support/port.ts';

const open = (config: object) => {
  const port = openPort(SqlConnection, config as never);
  opened.push(port);
  return port;
};
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const port of opened.splice(0)) await port.close();
});

describe('SqlConnection', () => {
  it('runs statements on a database in memory', async () => {
    const { connection } = open({ url: 'sqlite://' });
    await connection.execute('create table pet (id integer primary key, name text)');
    expect(await connection.execute('insert into pet (name) values (?), (?)', { params: ['Rex', 'Tom'] })).toEqual({
      rows: [],
      rowCount: 2,
    });
    expect(await connection.query('select name from pet where id = :id', { params: { id: 2 } })).toEqual([
      { name: 'Tom' },
    ]);
  });
});
