import { describe, expect, it } from '@jest/globals';
import { targetOf } from '../../../src/kinds/sql/target.ts';

const target = (config: object) => {
  const { dialect, ...rest } = targetOf(config as never);
  return { family: dialect.family, ...rest };
};
const messageOf = (config: object): string => {
  try {
    targetOf(config as never);
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid_config' });
    return (error as Error).message;
  }
  return 'accepted';
};

describe('targetOf', () => {
  it('2.H 120 takes a url as it is', () => {
    expect(target({ url: 'postgresql+psycopg2://u:p@h:5432/db' })).toEqual({
      family: 'postgresql',
      name: 'postgresql',
      driver: 'psycopg2',
      username: 'u',
      password: 'p',
      host: 'h',
      port: 5432,
      database: 'db',
      query: {},
    });
  });

  it('2.H 121 takes the parts', () => {
    const parts = {
      dialect: 'postgres',
      driver: 'psycopg2',
      username: 'AzureDiamond',
      password: 'hunter2',
      host: 'localhost',
      port: '5432',
      database: 'postgres',
    };
    expect(target(parts)).toEqual(target({ url: 'postgres+psycopg2://AzureDiamond:hunter2@localhost:5432/postgres' }));
  });

  it('2.H 125 names everything that is missing at once', () => {
    expect(messageOf({})).toMatch(/missing dialect, username, host/);
    expect(messageOf({ dialect: 'postgresql' })).toMatch(/missing username, host/);
    expect(messageOf({ host: 'h', username: 'u' })).toMatch(/missing dialect:/);
    expect(messageOf({ dialect: 'sqlite' })).toMatch(/missing database/);
  });

  it('2.H 128 puts an explicit setting over the same part of the url', () => {
    expect(
      target({
        url: 'postgres://u:p@h:1/db?sslmode=require',
        host: 'other',
        port: 2,
        password: 'q',
        query: { application_name: 'a' },
      }),
    ).toMatchObject({
      username: 'u',
      password: 'q',
      host: 'other',
      port: 2,
      database: 'db',
      query: { sslmode: 'require', application_name: 'a' },
    });
  });

  it('2.H 130 takes a password as it is', () => {
    const password = 'p@:/?#[]%';
    expect(target({ dialect: 'mysql', username: 'u', host: 'h', password })).toMatchObject({ password });
    expect(target({ dialect: 'mysql', username: 'u', host: 'h', password: 12345 })).toMatchObject({
      password: '12345',
    });
  });

  it('2.H 133 ignores an empty driver', () => {
    expect(target({ dialect: 'postgresql', driver: '', username: 'u', host: 'h' })).toMatchObject({
      driver: undefined,
    });
    expect(target({ url: 'mysql+pymysql://u@h', driver: '' })).toMatchObject({ driver: 'pymysql' });
  });

  it('2.H 138 says that an empty url leaves everything out', () => {
    expect(messageOf({ url: '' })).toMatch(/missing dialect/);
    expect(messageOf({ url: 'garbage' })).not.toContain('garbage');
  });

  it.each([0, 65_536, -1, 1.5, '', 'abc', '5432x', true, [5432]])('refuses port %p without showing it', (port) => {
    expect(messageOf({ url: 'postgres://h/db', port })).toBe('port: expected a whole number from 1 to 65535.');
  });

  it.each([1, 65_535, '5432', ' 5432 '])('accepts port %p', (port) => {
    expect(target({ url: 'postgres://h/db', port }).port).toBe(Number(port));
  });

  it('refuses a port in a url that is none', () => {
    expect(messageOf({ url: 'postgres://h:99999/db' })).toMatch(/^port/);
    expect(messageOf({ url: 'postgres://h:/db' })).toMatch(/^port/);
  });

  it('names a setting of the wrong shape', () => {
    expect(messageOf({ dialect: 5 })).toBe('dialect: expected text, got a number.');
    expect(messageOf({ url: ['postgres://h'] })).toBe('url: expected text, got an array.');
    expect(messageOf({ url: 'postgres://h', query: 'a=1' })).toBe('query: expected a table, got a string.');
    expect(messageOf({ url: 'postgres://h', query: { a: { b: 1 } } })).toMatch(/^query\.a: expected text/);
  });

  it('takes numbers and booleans in query', () => {
    expect(target({ url: 'postgres://h', query: { a: 5, b: true, c: ['x', 'y'] } }).query).toEqual({
      a: 5,
      b: true,
      c: ['x', 'y'],
    });
  });

  it('takes filename as the database of SQLite', () => {
    expect(target({ dialect: 'sqlite', filename: 'pets.db' })).toMatchObject({ family: 'sqlite', database: 'pets.db' });
  });

  it.each([
    ['postgres://a:b@h:1/d?host=/run', { host: '/run', port: 1 }],
    [
      'postgres://a:b@h:1/d?user=u&password=p&port=2&dbname=e',
      { host: 'h', port: 2, username: 'u', password: 'p', database: 'e' },
    ],
    ['mysql:///d?host=h', { host: 'h', database: 'd' }],
    ['mssql:///d?port=5&host=h', { host: 'h', port: 5 }],
  ])('takes the parts from the query of %s, as libpq does', (url, parts) => {
    expect(target({ url })).toMatchObject({ ...parts, query: {} });
  });

  it('takes numbers and booleans as text where they are names', () => {
    expect(target({ dialect: 'mysql', host: 'h', username: 7, password: true, database: 1 })).toMatchObject({
      username: '7',
      password: 'true',
      database: '1',
    });
  });

  it('takes a socket instead of a host', () => {
    expect(
      target({ dialect: 'mysql', username: 'u', query: { unix_socket: '/run/mysqld.sock' } }).host,
    ).toBeUndefined();
  });
});
