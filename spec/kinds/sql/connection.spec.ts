import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { QueryTrace } from '../../../src/index.ts';
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
      insertId: 2,
    });
    expect(await connection.query('select name from pet where id = :id', { params: { id: 2 } })).toEqual([
      { name: 'Tom' },
    ]);
  });

  it('A4 publishes statements without the values that stand in them', async () => {
    const seen: unknown[] = [];
    const listen = (trace: unknown) => seen.push((trace as QueryTrace).sql);
    const { connection } = open({ url: 'sqlite://' });
    await connection.query('select 1');
    subscribe('hotline:query', listen);
    await connection.query("select 'secret-1' as a, ? as b, 4711 as c -- secret-2", { params: ['secret-3'] });
    await connection.execute("create table pet (name text default 'secret-4')");
    for await (const _ of connection.stream("select 'secret-5' as a")) break;
    unsubscribe('hotline:query', listen);
    expect([...new Set(seen)]).toEqual([
      'select ? as a, ? as b, ? as c',
      'create table pet (name text default ?)',
      'select ? as a',
    ]);
  });
});
