import { describe, expect, it } from '@jest/globals';
import Database from 'libsql';
import { libsqlRows } from '../../../../src/kinds/sql/engines/libsql-rows.ts';

const open = () => {
  const database = new Database(':memory:');
  database.exec('create table many (i integer)');
  database.exec(
    'insert into many with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000) select i from n',
  );
  return database;
};
const rows = (database: object, sql = 'select i from many order by i') => libsqlRows(database, sql, []);

describe('libsqlRows', () => {
  it('gives every row', () => {
    expect([...rows(open())]).toHaveLength(1000);
  });

  it('keeps no lock when it is left', () => {
    const database = open();
    for (const { i } of rows(database)) if (i === 150) break;
    database.exec('drop table many');
  });

  it('leaves another one of the same connection alone when it is left', () => {
    const database = open();
    const [one, two] = [rows(database), rows(database)];
    one.next();
    two.next();
    one.return();
    expect([...two]).toHaveLength(999);
    database.exec('drop table many');
  });

  it('keeps no lock when a row cannot be made', () => {
    const database = open();
    expect(() => [
      ...rows(database, 'select abs(case when i < 500 then i else -9223372036854775807 - 1 end) from many'),
    ]).toThrow(/overflow/);
    database.exec('drop table many');
  });
});
