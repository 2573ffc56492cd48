import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { shownUrl, parseUrl } from '../../../src/kinds/sql/url.ts';

const server = (rest: object) => ({ query: {}, ...rest });

describe('shownUrl', () => {
  it.each([
    ['postgresql://app:s3cr@t@db.example.org/pets', 'postgresql://app:***@db.example.org/pets'],
    ['mysql+pymysql://u:p#/?x@h:3306/db?ssl=true', 'mysql+pymysql://u:***@h:3306/db?ssl=***'],
    ['mssql://sa:p;x@h\\inst/db', 'mssql://sa:***@h\\inst/db'],
    ['postgres://token@h/d', 'postgres://***@h/d'],
    ['sqlite:///a/b.db', 'sqlite:///a/b.db'],
    ['postgres://u:p@[::1]:5432/db', 'postgres://u:***@[::1]:5432/db'],
  ])('%s without its password', (url, shown) => expect(shownUrl(url)).toBe(shown));

  it('shows the dialect alone where it cannot be told which part is the password', () => {
    expect(shownUrl('postgres://u%40x:p@h/db')).toBe('postgres://***');
    expect(shownUrl('hunter22://u%40x:p@h/db')).toBeUndefined();
    expect(shownUrl(7)).toBeUndefined();
  });
});

describe('parseUrl', () => {
  it.each([
    [
      'postgresql+psycopg2://AzureDiamond:hunter2@localhost:5432/postgres',
      {
        dialect: 'postgresql',
        driver: 'psycopg2',
        username: 'AzureDiamond',
        password: 'hunter2',
        host: 'localhost',
        port: '5432',
        database: 'postgres',
      },
    ],
    ['mysql+pymysql://u@h', { dialect: 'mysql', driver: 'pymysql', username: 'u', host: 'h' }],
    ['postgres://h/db', { dialect: 'postgres', host: 'h', database: 'db' }],
    ['postgresql:///db', { dialect: 'postgresql', database: 'db' }],
    [
      'postgresql://u:p@[::1]:5432/db',
      { dialect: 'postgresql', username: 'u', password: 'p', host: '::1', port: '5432', database: 'db' },
    ],
    [
      'mssql+pyodbc://sa:p@db\\SQLEXPRESS/x',
      { dialect: 'mssql', driver: 'pyodbc', username: 'sa', password: 'p', host: 'db\\SQLEXPRESS', database: 'x' },
    ],
    [
      'oracle+cx_oracle://u:p@h:1521/?service_name=XE',
      {
        dialect: 'oracle',
        driver: 'cx_oracle',
        username: 'u',
        password: 'p',
        host: 'h',
        port: '1521',
        query: { service_name: 'XE' },
      },
    ],
    [
      'cockroachdb://root@h:26257/bank?sslmode=disable',
      {
        dialect: 'cockroachdb',
        username: 'root',
        host: 'h',
        port: '26257',
        database: 'bank',
        query: { sslmode: 'disable' },
      },
    ],
    ['redshift://u:@h/db', { dialect: 'redshift', username: 'u', password: '', host: 'h', database: 'db' }],
    [
      'postgres://h/db?a=1&b=x+y&b=z%26',
      { dialect: 'postgres', host: 'h', database: 'db', query: { a: '1', b: ['x y', 'z&'] } },
    ],
    ['  postgres://h/db\n', { dialect: 'postgres', host: 'h', database: 'db' }],
    ['postgres://h/my%20db', { dialect: 'postgres', host: 'h', database: 'my db' }],
    [
      'postgres://h/db?application_name=a@b',
      { dialect: 'postgres', host: 'h', database: 'db', query: { application_name: 'a@b' } },
    ],
  ])('reads %s', (url, parts) => {
    expect(parseUrl(url)).toEqual(server(parts));
  });

  it.each([
    ['sqlite:///pets.db', 'pets.db'],
    ['sqlite+pysqlite:///dir/pets.db', 'dir/pets.db'],
    ['sqlite:////var/pets.db', '/var/pets.db'],
    ['sqlite:///C:\\pets.db', 'C:\\pets.db'],
    ['sqlite:///my%20pets.db', 'my pets.db'],
    ['sqlite:///a@b:c.db', 'a@b:c.db'],
    ['sqlite:pets.db', 'pets.db'],
    ['file:pets.db', 'pets.db'],
    ['sqlite://', ':memory:'],
    ['sqlite:///', ':memory:'],
    ['sqlite:///:memory:', ':memory:'],
    ['sqlite://:memory:', ':memory:'],
  ])('reads the file in %s', (url, database) => {
    expect(parseUrl(url)).toMatchObject({ database, query: {} });
  });

  it('reads the options of a file', () => {
    expect(parseUrl('sqlite:///file:pets.db?mode=ro&uri=true')).toMatchObject({
      database: 'pets.db',
      query: { mode: 'ro', uri: 'true' },
    });
  });

  describe('2.H 131 the password of a url', () => {
    it.each([
      ['postgres://u:p%40ss@h/db', 'p@ss', 'h'],
      ['postgres://u:p@ss@h/db', 'p@ss', 'h'],
      ['postgres://u:p@:%23ss@h:1/db', 'p@:#ss', 'h'],
      ['postgres://u:p#ss@h/db', 'p#ss', 'h'],
      ['postgres://u:p/s/s@h/db', 'p/s/s', 'h'],
      ['postgres://u:p?ss@h/db', 'p?ss', 'h'],
      ['postgres://u:p/s@s@h/db', 'p/s@s', 'h'],
      ['postgres://u:12/3@h/db', '12/3', 'h'],
      ['postgres://u:50%@h/db', '50%', 'h'],
      ['postgres://u:%C3%BC@h/db', 'ü', 'h'],
      ['postgres://u:ü€@h/db', 'ü€', 'h'],
    ])('%s', (url, password, host) => {
      const parts = parseUrl(url);
      expect(parts.host).toBe(host);
      expect(parts.password).toBe(password);
    });

    it('round-trips whatever it is, encoded', () => {
      fc.assert(
        fc.property(fc.string({ unit: 'grapheme' }), (password) => {
          expect(parseUrl(`postgres://u:${encodeURIComponent(password)}@h:5/db`)).toEqual(
            server({ dialect: 'postgres', username: 'u', password, host: 'h', port: '5', database: 'db' }),
          );
        }),
      );
    });

    it('is found when it is raw, whatever it is but "/" and "?"', () => {
      fc.assert(
        fc.property(
          fc.string().filter((text) => !/[/?%]/.test(text)),
          (password) => {
            expect(parseUrl(`postgres://u:${password}@h:5/db`).password).toBe(password);
          },
        ),
      );
    });
  });

  it('C20 is read in linear time, and has a longest', () => {
    const url = (length: number) => `postgres://h/d?${'a=1&'.repeat(length / 4)}`;
    const time = (length: number) => {
      const start = performance.now();
      expect(parseUrl(url(length)).query['a']).toHaveLength(length / 4);
      return performance.now() - start;
    };
    time(8000);
    expect(time(32_000)).toBeLessThan(1000);
    expect(() => parseUrl(url(40_000))).toThrow(/^url: what is written there has over 32768 characters\./);
    expect(() => parseUrl(`postgres://u:${'@:/?'.repeat(20_000)}`)).toThrow(/over 32768/);
  });

  describe('2.H 138 what is no url', () => {
    const secret = 'hunter2-hunter2';
    it.each([
      '',
      ' ',
      secret,
      `://${secret}`,
      `postgres:${secret}`,
      `postgres:/u:${secret}@h`,
      `postgres://u:${secret}@h1:1,h2:2/db`,
      `postgres://u:${secret}@h:5:5/db`,
      `postgres://u:p@x/${secret}@h/db`,
      `postgres://u:${secret}@[::1/db`,
      `sqlite://${secret}/x.db`,
    ])('is refused and not shown: %#', (url) => {
      let caught: unknown;
      try {
        parseUrl(url);
      } catch (error) {
        caught = error;
      }
      expect(caught).toMatchObject({ code: 'invalid_config' });
      expect(inspect(caught)).not.toContain(secret);
    });
  });
});
