import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { createConnections, sharedResults, SqlConnection } from '../../../src/index.ts';
import { immaterial, materialOf } from '../../../src/kinds/sql/cache-scope.ts';

const pg = 'postgresql://u:p@h/d';
const text = (config: Record<string, unknown>) => JSON.stringify(materialOf(config));
const knex = (connection: object) => ({ url: pg, knex: { connection } });
const args = (connect_args: object) => ({ url: pg, create_engine_kwargs: { connect_args } });

describe('materialOf', () => {
  it.each<[Record<string, unknown>]>([
    [{ url: 'postgresql://u:p@h/other' }],
    [{ url: `${pg}?options=-csearch_path%3Da` }],
    [{ url: `${pg}?search_path=a` }],
    [{ url: pg, query: { options: 'x' } }],
    [{ url: pg, knex: { searchPath: ['a'] } }],
    ...['database', 'user', 'host', 'options', 'application_name', 'socketPath'].map(
      (name): [Record<string, unknown>] => [knex({ [name]: 'x' })],
    ),
    [knex({ connectionString: 'postgresql://u@h/other' })],
    [{ url: pg, knex: { connection: 'postgresql://u@h/other' } }],
    [args({ options: '-c search_path=a' })],
    [args({ database: 'x' })],
    [args({ server_settings: { search_path: 'a' } })],
    [{ url: pg, database: 'x' }],
    [{ url: pg, username: 'x' }],
    [{ url: pg, anything: 'else' }],
    [{ url: pg, knex: { pool: { afterCreate: 'x' } } }],
  ])('2.I 145 holds what can change an answer: %j', (config) => {
    expect(text(config)).not.toBe(text({ url: pg }));
  });

  it.each([
    [{ url: 'postgresql://u:other@h/d' }],
    [{ url: pg, password: 'x' }],
    [{ url: `${pg}?sslmode=require&connect_timeout=5&statement_timeout=7` }],
    [{ url: pg, ssl: true }],
    [{ url: pg, sslmode: 'require' }],
    [{ url: pg, query_ttl: '5m', max_rows: 5, autocommit: false }],
    [{ url: pg, query: { sslrootcert: '/x', keepalives: 1 } }],
  ])('leaves out what cannot: %j', (config) => {
    const { query: _query, ...others } = JSON.parse(text(config)) as Record<string, unknown>;
    const { query: _none, ...plain } = JSON.parse(text({ url: pg })) as Record<string, unknown>;
    expect(others).toEqual(plain);
  });

  it('leaves it out in the tables of knex and SQLAlchemy, too', () => {
    expect(text({ url: pg, knex: { pool: { max: 5 }, debug: true, connection: { password: 'a', ssl: true } } })).toBe(
      text({ url: pg, knex: { pool: { max: 6 }, connection: { password: 'b' } } }),
    );
    expect(text({ url: pg, create_engine_kwargs: { pool_size: 5, connect_args: { sslmode: 'require' } } })).toBe(
      text({ url: pg, create_engine_kwargs: { pool_size: 6, connect_args: {} } }),
    );
    expect(text(knex({ connectionString: 'postgresql://u:one@h/d' }))).not.toContain('one');
    expect(materialOf({ url: 'garbage' })).toMatchObject({ url: 'garbage' });
  });

  it.each([
    ['sqlite:///data.db', resolve('data.db')],
    ['sqlite:////var/data.db', '/var/data.db'],
  ])('says on which machine and where the file of %s is', (url, file) => {
    expect(materialOf({ url })).toMatchObject({ here: { machine: hostname(), file } });
  });

  it.each([
    [{ url: 'postgresql://u@127.0.0.1/d' }],
    [{ url: 'postgresql://u@127.1.2.3/d' }],
    [{ url: 'postgresql://u@localhost:5432/d' }],
    [{ url: 'postgresql://u@LOCALHOST./d' }],
    [{ url: 'postgresql://u@[::1]/d' }],
    [{ url: 'postgresql:///d' }],
    [{ url: 'postgresql://u@x/d?host=/run/postgresql' }],
    [{ url: 'mysql://u@h/d?unix_socket=/x' }],
    [{ url: 'mysql://u@h/d', knex: { connection: { socketPath: '/x' } } }],
    [{ url: 'mysql://u@h/d', knex: { connection: { host: 'localhost' } } }],
    [{ url: 'mssql://u@localhost%5CEXPRESS/d' }],
    [{ url: 'mssql://u@./d' }],
  ])('says on which machine a server is that each machine has: %j', (config) => {
    expect(materialOf(config)).toMatchObject({ here: { machine: hostname() } });
  });

  it('says nothing of the machine where all find the same server', () => {
    for (const url of [pg, 'mysql://u@10.0.0.1/d', 'postgresql://u@localhost.example.org/d'])
      expect(materialOf({ url })['here']).toBeUndefined();
  });

  it('is what the docs say', () => {
    const page = readFileSync('docs/guides/shared-cache.md', 'utf8');
    for (const [what, names] of Object.entries(immaterial))
      expect(page).toContain(`- ${what}: ${names.map((name) => `\`${name}\``).join(' ')}
`);
  });
});

describe('A1 rows in a store that processes share', () => {
  const store = () => {
    const map = new Map<string, string>();
    return sharedResults({
      get: async (key) => map.get(key),
      set: async (key, value) => map.set(key, value),
      delete: async (key) => map.delete(key),
    });
  };
  /** Who is asked first, and what the second of two registries is told. */
  const told = async (one: Record<string, unknown>, other: Record<string, unknown>): Promise<unknown[]> => {
    const shared = store();
    const names: unknown[] = [];
    for (const [name, settings] of [
      ['one', one],
      ['other', other],
    ] as const) {
      const hot = createConnections({ sources: [], queryCache: { store: shared } });
      const pets = await hot.connection('pets', { type: SqlConnection, params: settings });
      await pets.execute('create table if not exists pet (name text)');
      await pets.execute('insert into pet values (?)', { params: [name] });
      names.push(...(await pets.query('select name from pet', { ttl: '1h' })).map((row) => row['name']));
      await new Promise(setImmediate);
      await hot.close();
    }
    return names;
  };

  it('are nobody else\u2019s where a database is in memory, or knex names another file', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hotline-scope-'));
    const file = (name: string) => ({
      url: 'sqlite:///x.db',
      knex: { connection: { filename: join(directory, name) } },
    });
    expect(await told({ url: 'sqlite://' }, { url: 'sqlite://' })).toEqual(['one', 'other']);
    expect(await told(file('a.db'), file('b.db'))).toEqual(['one', 'other']);
    // One file is one scope: the second registry is told what the first one found.
    expect(await told(file('c.db'), file('c.db'))).toEqual(['one', 'one']);
    await rm(directory, { recursive: true, force: true });
  });
});
