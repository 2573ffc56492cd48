import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { knexConfig } from '../../../src/kinds/sql/knex-config.ts';
import { targetOf } from '../../../src/kinds/sql/target.ts';
import { parseUrl } from '../../../src/kinds/sql/url.ts';

type Parts = Readonly<Record<string, unknown>>;

const require = createRequire(join(process.cwd(), 'spec/kinds/sql/url-cases.spec.ts'));
const parsePg = createRequire(require.resolve('pg'))('pg-connection-string') as (url: string) => Parts;
const { parseUrl: parseMysql2 } = require(
  join(dirname(require.resolve('mysql2/package.json')), 'lib/connection_config.js'),
) as { parseUrl: (url: string) => Parts };

/** What the driver is given, without what hotline adds. */
function given(url: string): Parts {
  const config = { url };
  const settings = knexConfig(targetOf(config), config, 'client').connection as Parts;
  const { connectionTimeoutMillis: _time, connectTimeout: _other, keepAlive: _alive, ...rest } = settings;
  return rest;
}

/** What counts as not said. */
function said(parts: Parts): Parts {
  const entries = Object.entries(parts).map(
    ([name, value]) => [name, name === 'port' ? Number(value) : value] as const,
  );
  return Object.fromEntries(
    entries.filter(
      ([, value]) => value !== undefined && value !== null && value !== '' && value !== 0 && !Number.isNaN(value),
    ),
  );
}

describe('URLs of SQLAlchemy', () => {
  const server = { username: 'u', password: 'p', host: 'h' };

  it.each<[string, Parts]>([
    ['postgresql://u:p@h:110//usr/db_file.db', { ...server, port: '110', database: '/usr/db_file.db' }],
    ['postgresql://u:p@h/d', { ...server, database: 'd' }],
    ['postgresql+psycopg2://u:p@h/d', { ...server, driver: 'psycopg2', database: 'd' }],
    ['postgresql://u:p@h', server],
    ['postgresql://u:p@/d', { username: 'u', password: 'p', database: 'd' }],
    ['postgresql://u@h', { username: 'u', host: 'h' }],
    ['postgresql://u:p@127.0.0.1:1521', { ...server, host: '127.0.0.1', port: '1521' }],
    ['postgresql://h/d', { host: 'h', database: 'd' }],
    ['postgresql://h', { host: 'h' }],
    ['postgresql://h/?arg1=val1&arg2=val2', { host: 'h', query: { arg1: 'val1', arg2: 'val2' } }],
    ['postgresql+asyncpg:///d', { driver: 'asyncpg', database: 'd' }],
    ['sqlite:///:memory:', { database: ':memory:' }],
    ['sqlite:///foo/bar/im/a/file', { database: 'foo/bar/im/a/file' }],
    ['sqlite:///E:/pets/hello.db', { database: 'E:/pets/hello.db' }],
    ['sqlite:///E:/hello.db?foo=bar&hoho=lala', { database: 'E:/hello.db', query: { foo: 'bar', hoho: 'lala' } }],
    ['sqlite:///hello.db?a=b&c=d&c=e', { database: 'hello.db', query: { a: 'b', c: ['d', 'e'] } }],
    ['sqlite:////usr/local/_xtest@example.com/members.db', { database: '/usr/local/_xtest@example.com/members.db' }],
    ['postgresql://u:apples%2Foranges@h/d', { ...server, password: 'apples/oranges', database: 'd' }],
    ['postgresql://u:apples+oranges@h/d', { ...server, password: 'apples+oranges', database: 'd' }],
    ['postgresql://u%40x:p@h/d', { ...server, username: 'u@x', database: 'd' }],
    [
      'postgresql://u:p@[2001:da8::116]:80/d?foo=bar',
      { ...server, host: '2001:da8::116', port: '80', database: 'd', query: { foo: 'bar' } },
    ],
    ['postgresql://u:p@h?query=but_no_db', { ...server, query: { query: 'but_no_db' } }],
    ['postgresql://u:p@h:450?query=but_no_db', { ...server, port: '450', query: { query: 'but_no_db' } }],
    ['postgresql://u:p with spaces@h:450/d', { ...server, password: 'p with spaces', port: '450', database: 'd' }],
    ['postgresql://u:@h/d', { username: 'u', password: '', host: 'h', database: 'd' }],
  ])('%s', (url, parts) => {
    const { dialect: _dialect, ...found } = parseUrl(url);
    expect(found).toEqual({ query: {}, ...parts });
  });

  it.each([
    ['a raw @ behind the host', 'postgresql://u:p@h/with@sign'],
    ['several hosts', 'postgresql://u:p@h1:1,h2:2/d'],
    ['a port that is none', 'postgresql://u:p@h:port/d'],
    ['no slashes', 'postgresql:u@h'],
    ['no dialect', 'hello'],
  ])('%s is one error', (_what, url) => {
    expect(() => targetOf({ url })).toThrow(expect.objectContaining({ code: 'invalid_config' }));
  });
});

describe('URLs of pg', () => {
  it.each([
    'postgres://brian:pw@boom:381/lala',
    'postgres://brian:pw@boom/lala',
    'postgres://brian@boom/lala',
    'postgres://boom/lala',
    'postgres:///lala',
    'postgres://boom',
    'postgres://u:p%40ss@boom/lala',
    'postgres://u%20x:p%20s@boom/la%20la',
    'postgres://u:p@boom/lala?host=/unix/socket',
    'postgres:///?host=/unix/socket&port=5433',
    'postgres://u@%2Funix%2Fsocket/lala',
    'postgres://u:p@boom/lala?user=v&password=q&port=7',
    'postgres://u:p@boom/lala?application_name=TheApp',
    'postgres://u:p@boom/lala?fallback_application_name=TheAppFallback',
    'postgres://u:p@boom/lala?options=-c%20geqo%3Doff',
    'postgres://u:p@boom/lala?ssl=0',
    'postgres://u:p@boom/lala?sslmode=disable',
    'postgres://u:p@boom/lala?sslmode=no-verify',
    'postgres://u:p@boom/lala?sslmode=verify-full',
  ])('%s is what it is there', (url) => {
    const { sslmode: _mode, ...expected } = said(parsePg(url));
    expect(said(given(url))).toEqual(expected);
  });

  it.each<[string, string, Parts]>([
    ['require encrypts, as in libpq', 'postgres://h/d?sslmode=require', { ssl: { rejectUnauthorized: false } }],
    ['so does prefer', 'postgres://h/d?sslmode=prefer', { ssl: { rejectUnauthorized: false } }],
    ['true is a table', 'postgres://h/d?ssl=true', { ssl: {} }],
    ['a raw # is part of a password', 'postgres://u:p#w@h/d', { user: 'u', password: 'p#w', host: 'h', database: 'd' }],
    ['an IPv6 address has no brackets', 'postgres://[::1]:5/d', { host: '::1', port: 5, database: 'd' }],
    ['dbname counts', 'postgres://h/?dbname=d', { host: 'h', database: 'd' }],
  ])('here: %s', (_what, url, expected) => {
    expect(given(url)).toMatchObject(expected);
  });

  it.each(['/some/path dbname', 'socket:/some/path/?db=d', 'postgres://h:1,i:2/d'])('%s is one error', (url) => {
    expect(() => given(url)).toThrow(expect.objectContaining({ code: 'invalid_config' }));
  });
});

describe('URLs of mysql2', () => {
  it.each([
    'mysql://u:p@h:3307/d',
    'mysql://u:p@h/d',
    'mysql://u@h',
    'mysql://u:p%40%3A%2F@h/d',
    'mysql://%75:%70@h/%64%20x',
    'mysql://u:p@[::1]:3307/d',
    'mysql://u:p@h/d?charset=utf8mb4',
    'mysql://u:p@h/d?multipleStatements=true&rowsAsArray=false',
    'mysql://u:p@h/d?timezone=Z&dateStrings=true',
    'mysql://u:p@h/d?ssl=false',
  ])('%s is what it is there', (url) => {
    const { ssl, ...expected } = said(parseMysql2(url));
    expect(said(given(url))).toEqual(ssl ? { ...expected, ssl } : expected);
  });

  it.each<[string, string, Parts]>([
    ['parts in the query count', 'mysql://u:p@h/d?user=v&host=i', { user: 'v', host: 'i' }],
    ['a raw @ is part of a password', 'mysql://u:p#s@s@h/d', { password: 'p#s@s', host: 'h' }],
    ['true proves who signed', 'mysql://h/d?ssl=true', { ssl: { checkServerIdentity: expect.any(Function) } }],
    [
      'a table that does not ask for the name has it not verified, as there',
      'mysql://h/d?ssl={"rejectUnauthorized":true}',
      { ssl: { checkServerIdentity: expect.any(Function) } },
    ],
    ['a text stays one', 'mysql://1:2@h/3', { user: '1', password: '2', database: '3' }],
  ])('here: %s', (_what, url, expected) => {
    expect(given(url)).toMatchObject(expected);
  });
});
