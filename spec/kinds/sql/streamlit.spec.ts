import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BehaviorSubject, firstValueFrom } from 'rxjs';
import {
  createConnections,
  inline,
  SqlConnection,
  tomlFile,
  type ConnectionRegistry,
  type SecretTree,
} from '../../../src/index.ts';
import { startPostgres, type Postgres } from '../../support/postgres.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';

let server: Postgres;
beforeAll(async () => {
  server = await startPostgres();
  await server.sql('create sequence ran');
  await server.sql('create database elsewhere');
  await server.sql('create table pet (name text)');
}, 60_000);
afterAll(() => server?.close());

let hot: ConnectionRegistry;
let secrets$: BehaviorSubject<SecretTree>;
const connections = (url: string): SecretTree => ({
  connections: { pets: { type: 'sql', url }, zoo: { type: 'sql', url } },
});
beforeEach(() => {
  secrets$ = new BehaviorSubject(connections(server.url()));
  hot = createConnections({ sources: [inline(secrets$)] });
});
afterEach(() => hot.close());
const open = (name = 'pets') => hot.connection(name, { type: SqlConnection });
/** How often the statement of the spec has run on the server. */
const ran = async (): Promise<number> => {
  const [row] = await server.sql<{ last_value: string; is_called: boolean }>('select last_value, is_called from ran');
  return row!.is_called ? Number(row!.last_value) : 0;
};
const counted = `select nextval('ran')::int as n`;

describe('2.I a query of Streamlit', () => {
  it('140 is cached by its statement', async () => {
    const pets = await open();
    const before = await ran();
    for (const [sql, ttl] of [
      [counted, '10s'],
      [`${counted}, 2 as b`, '20s'],
      [counted, '10s'],
      [`${counted}, 2 as b`, '20s'],
    ] as const)
      await pets.query(sql, { ttl });
    expect((await ran()) - before).toBe(2);
  });

  it('141 is cached for each name', async () => {
    const before = await ran();
    for (const name of ['pets', 'zoo', 'pets', 'zoo'])
      await (await open(name)).query(`${counted} /* 141 */`, { ttl: '1m' });
    expect((await ran()) - before).toBeLessThanOrEqual(2);
  });

  it('143 is fresh without ttl and with ttl 0, and its text is taken to the letter', async () => {
    const pets = await open();
    const count = async (ttl?: number, sql = 'select count(*)::int as n from pet') =>
      (await pets.query(sql, ttl === undefined ? {} : { ttl }))[0]!['n'];
    const before = Number(await count(60_000));
    await pets.execute(`insert into pet values ('Rex')`);
    expect(await count(60_000)).toBe(before);
    expect(await count()).toBe(before + 1);
    expect(await count(0)).toBe(before + 1);
    expect(await count(60_000, 'select count(*)::int as n from pet ')).toBe(before + 1);
  });

  it('145 does not show rows of the old database after the url has changed', async () => {
    const pets = await open();
    const where = async () => (await pets.query('select current_database() as d', { ttl: '1h' }))[0]!['d'];
    expect(await where()).toBe('postgres');
    secrets$.next(connections(server.url({ database: 'elsewhere' })));
    await hot.reload();
    for (let waits = 0; (await where()) === 'postgres' && waits < 200; waits += 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await where()).toBe('elsewhere');
  });

  it('146 is fresh after everything was forgotten', async () => {
    const pets = await open();
    const [first] = await pets.query(counted, { ttl: '1h' });
    expect(await pets.query(counted, { ttl: '1h' })).toEqual([first]);
    await pets.invalidate();
    expect(await pets.query(counted, { ttl: '1h' })).not.toEqual([first]);
  });

  it('148 is cached for each set of params', async () => {
    const pets = await open();
    const ask = (a: number) => pets.query(`${counted}, :a::int as a`, { params: { a }, ttl: '1h' });
    expect(await ask(1)).not.toEqual(await ask(2));
    expect(await ask(1)).toEqual(await ask(1));
  });

  it.each([
    ['150 runs once when its error is final', "select nextval('ran') / 0", '22012'],
    ['155 runs once when its text is wrong', 'selct 1', '42601'],
  ])('%s', async (_title, sql, sqlState) => {
    const pets = await open();
    const before = await ran();
    const { generation } = await firstValueFrom(pets.status$);
    await expect(pets.query(sql)).rejects.toMatchObject({ code: 'query_failed', sqlState, retryable: false });
    expect((await ran()) - before).toBe(sqlState === '22012' ? 1 : 0);
    expect((await firstValueFrom(pets.status$)).generation).toBe(generation);
  });

  it('151 runs again on a fresh instance when its connection broke', async () => {
    const pets = await open();
    const asked = pets.query(`${counted}, pg_sleep(0.3) /* 151 */`);
    const victim = `select pg_terminate_backend(pid) from pg_stat_activity where query like '%151%' and state = 'active' and pid <> pg_backend_pid()`;
    while ((await server.sql(victim)).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await asked).toHaveLength(1);
  });

  it('153 waits for a server that is away, as long as its timeout lets it', async () => {
    const proxy = await startTcpProxy(server.port);
    secrets$.next(connections(server.url().replace(`:${server.port}/`, `:${proxy.port}/`)));
    await hot.reload();
    const pets = await open();
    proxy.refuse();
    proxy.reset();
    const asked = pets.query('select 1 as one', { timeout: '10s' });
    setTimeout(() => proxy.accept(), 300);
    expect(await asked).toEqual([{ one: 1 }]);
    await hot.close();
    await proxy.close();
  });

  it('160 has a transaction for each session, one knex as its engine', async () => {
    const pets = await open();
    const [one, two] = await Promise.all([pets.transaction((tx) => tx.raw), pets.transaction((tx) => tx.raw)]);
    expect(one).not.toBe(two);
    expect(await pets.use((knex) => knex)).toBe(await pets.use((knex) => knex));
  });
});

describe('2.H the settings of Streamlit', () => {
  it('123 says that nothing is configured', async () => {
    await expect(hot.connection('nothing', { type: SqlConnection })).rejects.toMatchObject({
      code: 'missing_config',
      connection: 'nothing',
    });
  });

  it('123 says so too when params say only how, or nothing that it knows', async () => {
    for (const params of [{ autocommit: true }, { pasword: 'x' }, { knex: { pool: { max: 1 } } }])
      await expect(hot.connection('nothing', { type: SqlConnection, ...params })).rejects.toMatchObject({
        code: 'missing_config',
        connection: 'nothing',
      });
  });

  it('135 takes autocommit from the secrets, and nothing but true and false', async () => {
    const url = server.url();
    secrets$.next({
      connections: { off: { type: 'sql', url, autocommit: false }, odd: { type: 'sql', url, autocommit: 'perhaps' } },
    });
    await hot.reload();
    const off = await hot.connection('off', { type: SqlConnection });
    await expect(off.execute("insert into pet values ('Rex')")).rejects.toMatchObject({ code: 'not_supported' });
    expect(await off.transaction((tx) => tx.query('select 1 as one'))).toEqual([{ one: 1 }]);
    await expect(hot.connection('odd', { type: SqlConnection })).rejects.toMatchObject({
      code: 'invalid_config',
      message: '"odd": autocommit: expected true or false. It is from inline.',
    });
  });

  it('138 says where a bad setting is from, and what a network means by its no', async () => {
    const bad = (params: object) =>
      hot.connection('bad', { type: SqlConnection, retry: { attempts: 1 }, ...params }).catch(String);
    expect(await bad({ url: 'postgres://u:hunter2@h:port/db' })).toMatch(/ port: .* It is from params\.$/);
    expect(await bad({ url: 'hunter2 garbage' })).toMatch(
      / url: .*postgresql:\/\/host:5432\/database.* It is from params\.$/,
    );
    expect(await bad({ url: 'postgres://u:hunter2@127.0.0.1:1/db' })).toMatch(/ECONNREFUSED.* Nothing listens there/);
    expect(await bad({ url: 'sqlite:///no/such/directory/pets.db' })).toMatch(/^OpenError/);
    expect(await bad({ url: 'sqlite://', max_rows: 0 })).toMatch(/ max_rows: .* It is from params\.$/);
  });

  it('125 says what is missing when there is only a type', async () => {
    secrets$.next({ connections: { bare: { type: 'sql' } } });
    await hot.reload();
    await expect(hot.connection('bare', { retry: { attempts: 1 } })).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringContaining('missing dialect, username, host'),
    });
  });

  it('128 lets a param win over the url of the section', async () => {
    const pets = await hot.connection('pets', { type: SqlConnection, database: 'elsewhere' });
    expect(await pets.query('select current_database() as d')).toEqual([{ d: 'elsewhere' }]);
  });

  it('136 warns of a name that it does not know, with the nearest that it does', async () => {
    const warnings: unknown[] = [];
    hot.events$.subscribe((event) => event.type === 'warning' && warnings.push(event));
    secrets$.next({ connections: { typo: { type: 'sql', url: 'sqlite://', pasword: 'secret-value' } } });
    await hot.reload();
    await hot.connection('typo', { type: SqlConnection });
    expect(warnings).toEqual([expect.objectContaining({ message: expect.stringMatching(/pasword.*password/) })]);
    expect(JSON.stringify(warnings)).not.toContain('secret-value');
  });

  it('shows where it goes, and neither the url nor the password', async () => {
    const shown = JSON.stringify((await open()).describe());
    expect(shown).not.toContain(new URL(server.url()).password);
    expect(shown).toContain('postgres:***@');
  });
});

describe('the secrets.toml of a Streamlit app', () => {
  it('is read as it is: each section connects, or says which package is missing', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hotline-streamlit-'));
    const path = join(directory, 'secrets.toml');
    const { host, port } = server;
    const parsed = new URL(server.url());
    await writeFile(
      path,
      `[connections.url]
type = "sql"
url = "postgresql+psycopg2://postgres:${parsed.password}@${host}:${port}/postgres?sslmode=disable"
[connections.parts]
type = "sql"
dialect = "postgresql"
driver = "asyncpg"
username = "postgres"
password = "${parsed.password}"
host = "${host}"
port = "${port}"
database = "postgres"
[connections.parts.query]
application_name = "streamlit"
[connections.parts.create_engine_kwargs]
pool_size = 2
pool_pre_ping = true
[connections.relative]
type = "sql"
url = "sqlite+pysqlite:///${directory}/pets.db"
[connections.memory]
type = "sql"
url = "sqlite://"
[connections.cockroach]
type = "sql"
url = "cockroachdb://postgres:${parsed.password}@${host}:${port}/postgres?sslmode=disable"
[connections.sqlserver]
type = "sql"
url = "mssql+pyodbc://sa:secret-password@db.example.com:1433/pets?driver=ODBC+Driver+18+for+SQL+Server"
[connections.oracle]
type = "sql"
url = "oracle+cx_oracle://scott:secret-password@db.example.com:1521/?service_name=XE"
[connections.mariadb]
type = "sql"
driver = "mariadb"
url = "mariadb+pymysql://root:secret-password@127.0.0.1/test"
[connections.duckdb]
type = "sql"
url = "duckdb:///pets.duckdb"
[connections.snowflake]
type = "sql"
url = "snowflake://scott:secret-password@account/db"
`,
    );
    const files = createConnections({ sources: [tomlFile(path)] });
    const outcome = async (name: string): Promise<string> => {
      try {
        const connection = await files.connection(name, { type: SqlConnection, retry: { attempts: 1 } });
        const [row] = await connection.query('select 1 as one');
        return `connected ${String(row!['one'])}`;
      } catch (error) {
        expect(error).toMatchObject({ connection: name });
        expect((error as Error).message).not.toContain('secret-password');
        return (error as Error).message;
      }
    };
    const outcomes = Object.fromEntries(
      await Promise.all(
        ['url', 'parts', 'relative', 'memory', 'sqlserver', 'oracle', 'mariadb', 'duckdb', 'snowflake'].map(
          async (name) => [name, await outcome(name)] as const,
        ),
      ),
    );
    expect(outcomes).toEqual({
      url: 'connected 1',
      parts: 'connected 1',
      relative: 'connected 1',
      memory: 'connected 1',
      sqlserver: expect.stringContaining('npm install tedious'),
      oracle: expect.stringContaining('npm install oracledb'),
      mariadb: expect.stringContaining('npm install mariadb'),
      duckdb: expect.stringContaining('@duckdb/node-api'),
      snowflake: expect.stringContaining('type = "snowflake"'),
    });
    // There is no CockroachDB here; its protocol is PostgreSQL's, and knex asks the server for its version.
    expect(await outcome('cockroach')).toMatch(/connected 1|version/);
    await files.close();
    await rm(directory, { recursive: true, force: true });
  }, 60_000);
});
