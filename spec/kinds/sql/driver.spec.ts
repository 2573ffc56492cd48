import { describe, expect, it } from '@jest/globals';
import { loadDriver } from '../../../src/kinds/sql/driver.ts';
import { nodeSqlite } from '../../../src/kinds/sql/node-sqlite.ts';
import { targetOf } from '../../../src/kinds/sql/target.ts';

const load = (url: string, driver?: string) => loadDriver(targetOf({ url, ...(driver && { driver }) }));

describe('loadDriver', () => {
  it('takes the first driver that is installed', () => {
    // better-sqlite3 comes first, and is not installed here.
    expect(load('sqlite://')).toEqual({ package: 'libsql', client: expect.any(Function) });
    expect(load('mysql+pymysql://u@h')).toEqual({ package: 'mysql2', client: 'mysql2' });
    expect(load('cockroachdb://u@h')).toEqual({ package: 'pg', client: 'cockroachdb' });
  });

  it.each([
    ['mssql+pyodbc://u@h', undefined, 'mssql needs the package tedious, which is not installed: npm install tedious'],
    [
      'oracle+cx_oracle://u@h',
      undefined,
      'oracle needs the package oracledb, which is not installed: npm install oracledb',
    ],
    ['sqlite://', 'sqlite3', 'sqlite needs the package sqlite3, which is not installed: npm install sqlite3'],
    ...(nodeSqlite()
      ? []
      : [
          [
            'sqlite://',
            'node:sqlite',
            'this Node.js has no node:sqlite that hotline can use: it is in 22.16 and later.',
          ],
        ]),
    ['mysql://u@h', 'mariadb', 'mysql needs the package mariadb, which is not installed: npm install mariadb'],
  ] as [string, string | undefined, string][])('says what to install for %s', (url, driver, message) => {
    expect(() => load(url, driver)).toThrow(expect.objectContaining({ code: 'missing_driver', message }));
  });
});
