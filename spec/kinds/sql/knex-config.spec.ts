import { describe, expect, it } from '@jest/globals';
import { inMemory, knexConfig } from '../../../src/kinds/sql/knex-config.ts';
import { targetOf } from '../../../src/kinds/sql/target.ts';

const config = (settings: object) =>
  knexConfig(targetOf(settings as never), settings as never, 'client') as Record<string, unknown>;
const url = 'postgres://u:p@h:1/db';

describe('knexConfig', () => {
  it('starts no connection before it is asked, keeps quiet, and keeps values out of messages', () => {
    expect(config({ url })).toMatchObject({
      client: 'client',
      connection: { host: 'h', port: 1, user: 'u', password: 'p', database: 'db', connectionTimeoutMillis: 10_000 },
      pool: { min: 0, max: 10 },
      compileSqlOnError: false,
      log: { warn: expect.any(Function) },
    });
  });

  it('2.H 126 merges the knex table deeply over everything else', () => {
    const knex = {
      pool: { max: 3 },
      connection: { ssl: { servername: 'x' }, application_name: 'a' },
      searchPath: ['a'],
      acquireConnectionTimeout: 5,
    };
    expect(config({ url: `${url}?sslmode=require`, knex })).toMatchObject({
      connection: { host: 'h', ssl: { rejectUnauthorized: false, servername: 'x' }, application_name: 'a' },
      pool: { min: 0, max: 3 },
      searchPath: ['a'],
      acquireConnectionTimeout: 5,
    });
  });

  it('takes the URL that knex is given in its own words', () => {
    const connection = { host: 'h', port: 1, user: 'u', password: 'p', database: 'db' };
    for (const given of [url, { connectionString: url }, { uri: url }])
      expect(config({ knex: { connection: given } })).toMatchObject({ connection });
    const knex = { connection: { connectionString: `${url}?sslmode=require`, ssl: { servername: 'x' } } };
    expect(config({ url: 'postgres://other/x', knex })['connection']).toEqual({
      ...connection,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      ssl: { rejectUnauthorized: false, servername: 'x' },
    });
  });

  it.each([
    ['?application_name=2024&options=5', { application_name: '2024', options: '5' }],
    ['?application_name=true', { application_name: 'true' }],
  ])('B8 sends as text what the protocol sends as text: %s', (query, expected) => {
    expect(config({ url: url + query })).toMatchObject({ connection: expected });
  });

  it('B8 sends as text what knex is told, too, and refuses what has no text', () => {
    const told = (connection: object, from = url) => config({ url: from, knex: { connection } });
    expect(told({ user: 7, database: 1, password: 5n, application_name: true })).toMatchObject({
      connection: { user: '7', database: '1', password: '5', application_name: 'true' },
    });
    expect(told({ user: 7, charset: 5, timezone: 1 }, 'mysql://h/d')).toMatchObject({
      connection: { user: '7', charset: '5', timezone: '1' },
    });
    expect(told({ userName: 7, server: 1 }, 'mssql://h/d')).toMatchObject({
      connection: { userName: '7', server: '1' },
    });
    expect(() => told({ application_name: { a: 1 } })).toThrow('application_name: expected text.');
    const password = () => 'asked';
    expect(told({ password })).toMatchObject({ connection: { password } });
  });

  it.each([
    [url, 'keepAliveInitialDelayMillis', '5', 5],
    [url, 'statement_timeout', 7n, 7],
    [url, 'statement_timeout', false, undefined],
    [url, 'keepAlive', 'false', false],
    [url, 'types', 5, /^types: the driver takes a function or an object of code/],
    [url, 'stream', 'x', /^stream: /],
    [url, 'keepAliveInitialDelayMillis', 'x', /^keepAliveInitialDelayMillis: expected a number from 0/],
    [url, 'query_timeout', -1, /^query_timeout: expected a number/],
    [url, 'lock_timeout', 1e300, /^lock_timeout: expected a number/],
    [url, 'binary', 'perhaps', /^binary: expected true or false/],
    ['mysql://h/d', 'multipleStatements', '1', true],
    ['mysql://h/d', 'connectTimeout', '5', 5],
    ['mysql://h/d', 'authPlugins', { a: 1 }, /^authPlugins: /],
    ['mysql://h/d', 'user', ['a'], /^user: expected text/],
  ])('B8 gives the driver of %s what it takes for %s = %p', (from, name, value, expected) => {
    const of = () => (config({ url: from, knex: { connection: { [name]: value } } })['connection'] as never)[name];
    if (expected instanceof RegExp) expect(of).toThrow(expected);
    else expect(of()).toBe(expected);
  });

  it('B8 leaves alone what code gives a driver', () => {
    const given = { types: { getTypeParser: () => String }, stream: () => undefined };
    expect(config({ url, knex: { connection: given } })).toMatchObject({ connection: given });
  });

  it('takes a schema of PostgreSQL as its search path', () => {
    for (const query of ['schema=a', 'search_path=a', 'currentSchema=a'])
      expect(config({ url: `${url}?${query}` })).toMatchObject({ searchPath: ['a'] });
    expect(config({ url, query: { search_path: 'a, "B"' } })).toMatchObject({ searchPath: ['a', 'B'] });
    expect(() => config({ url: 'mysql://h/d?schema=a' })).toThrow(/^query\.schema: the driver would not hear it/);
  });

  it.each(['isolation_level', 'odbc_connect', 'Trusted_Connection', 'hostaddr', 'service', 'passfile', 'init_command'])(
    'refuses %s, which would do nothing',
    (name) => {
      expect(() => config({ url: `${url}?${name}=yes` })).toThrow(`query.${name}: the driver would not hear it`);
    },
  );

  it('refuses settings of the session that the driver drops, and leaves mysql2 its own timezone', () => {
    for (const where of [`${url}?TimeZone=UTC`, 'mysql://h/d?time_zone=UTC', 'mysql://h/d?sql_mode=ANSI'])
      expect(() => config({ url: where })).toThrow(
        /^query\.\w+: the driver would not hear it: write on_connect = "set/,
      );
    expect(config({ url: 'mysql://h/d?timezone=Z' })).toMatchObject({ connection: { timezone: 'Z' } });
  });

  it("understands SQLAlchemy's options below the knex table", () => {
    const create_engine_kwargs = {
      pool_size: 2,
      max_overflow: 1,
      pool_timeout: 4,
      echo: true,
      connect_args: { connect_timeout: 3, application_name: 'a' },
    };
    expect(config({ url, create_engine_kwargs, knex: { acquireConnectionTimeout: 9 } })).toMatchObject({
      pool: { max: 3 },
      acquireConnectionTimeout: 9,
      connection: { connectionTimeoutMillis: 3000, application_name: 'a' },
    });
  });

  it('gives a database in memory one connection that is never given up', () => {
    expect(config({ url: 'sqlite://', knex: { pool: { max: 5, min: 0 } } })).toMatchObject({
      pool: { min: 1, max: 1 },
      useNullAsDefault: true,
    });
    expect(config({ url: 'sqlite:///x.db' })).toMatchObject({ pool: { min: 0, max: 1 } });
  });

  it('refuses what is no table, and a client that would contradict the dialect', () => {
    expect(() => config({ url, knex: 5 })).toThrow('knex: expected a table.');
    expect(() => config({ url, create_engine_kwargs: 'x' })).toThrow('create_engine_kwargs: expected a table.');
    expect(() => config({ url, knex: { client: 'mysql' } })).toThrow(/^knex\.client/);
  });
});

describe('inMemory', () => {
  it.each([
    ['sqlite://', true],
    ['sqlite:///:memory:', true],
    ['sqlite:///file::memory:?cache=shared&uri=true', true],
    ['sqlite:///file:x?mode=memory&uri=true', true],
    ['sqlite:///x.db', false],
    ['postgres://h', false],
  ])('%s: %s', (text, expected) => {
    expect(inMemory(targetOf({ url: text }))).toBe(expected);
  });
});
