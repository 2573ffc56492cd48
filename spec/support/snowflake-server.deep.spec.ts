import { execFile } from 'node:child_process';
import { createHash, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Connection, ConnectionOptions, RowStatement, SnowflakeError, StatementOption } from 'snowflake-sdk';
import { sandboxDriver } from './snowflake-server/driver.ts';
import { forkSnowflakeServer } from './snowflake-server/fork.js';
import type { SnowflakeServerOptions } from './snowflake-server/index.ts';
import { SnowflakeServer } from './snowflake-server/index.ts';
import { acceptsJwt, fingerprint } from './snowflake-server/keypair.ts';

// Everything here goes through the real snowflake-sdk.

const sandbox = sandboxDriver();
let driver: Awaited<ReturnType<typeof sandbox.load>>;
let open: { server: SnowflakeServer; connections: Connection[] }[] = [];

beforeAll(async () => {
  driver = await sandbox.load();
});

afterEach(async () => {
  for (const { server, connections } of open) {
    server.clearFaults();
    await Promise.all(connections.map((connection) => destroy(connection).catch(() => {})));
    await server.close();
  }
  open = [];
});

afterAll(() => sandbox.restore());

async function serve(options?: SnowflakeServerOptions): Promise<SnowflakeServer> {
  const server = await new SnowflakeServer(options).listen();
  open.push({ server, connections: [] });
  return server;
}

async function connect(server: SnowflakeServer, options: Partial<ConnectionOptions> = {}): Promise<Connection> {
  const connection = driver.createConnection({
    account: 'local',
    accessUrl: server.accessUrl,
    username: 'dev',
    password: 'dev',
    sfRetryMaxLoginRetries: 0,
    ...options,
  });
  open.find((entry) => entry.server === server)!.connections.push(connection);
  await new Promise<void>((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve())));
  return connection;
}

const destroy = (connection: Connection) =>
  new Promise<void>((resolve, reject) => connection.destroy((error) => (error ? reject(error) : resolve())));

type Row = Record<string, unknown>;

interface Ran {
  statement: RowStatement;
  rows: Row[];
}

function run(connection: Connection, sqlText: string, options: Partial<StatementOption> = {}): Promise<Ran> {
  return new Promise((resolve, reject) =>
    connection.execute({
      sqlText,
      ...options,
      complete: (error, statement, rows) =>
        error ? reject(error) : resolve({ statement, rows: (rows ?? []) as Row[] }),
    }),
  );
}

/** With streamResult the driver does not send a failed statement twice. */
function start(connection: Connection, sqlText: string): { statement: RowStatement; ended: Promise<RowStatement> } {
  let statement!: RowStatement;
  const ended = new Promise<RowStatement>((resolve, reject) => {
    statement = connection.execute({
      sqlText,
      streamResult: true,
      complete: (error, done) => (error ? reject(error) : resolve(done)),
    });
  });
  return { statement, ended };
}

const failure = (promise: Promise<unknown>): Promise<SnowflakeError & { sqlState?: string }> =>
  promise.then(
    () => Promise.reject(new Error('it should have failed')),
    (error: unknown) => error as SnowflakeError,
  );

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('logging in', () => {
  it('takes the right password and no other', async () => {
    const server = await serve();
    const connection = await connect(server, { role: 'ANALYST', warehouse: 'XS', database: 'PETS', schema: 'PUBLIC' });
    const { rows } = await run(
      connection,
      'select current_user() u, current_role() r, current_warehouse() w, current_database() d, current_schema() s',
    );
    expect(rows).toEqual([{ U: 'DEV', R: 'ANALYST', W: 'XS', D: 'PETS', S: 'PUBLIC' }]);
    expect(await failure(connect(server, { password: 'wrong' }))).toMatchObject({ code: '390100' });
    expect(await failure(connect(server, { username: 'nobody' }))).toMatchObject({ code: '390422' });
  });

  it('judges by the credentials of the moment, so they can be rotated', async () => {
    const server = await serve();
    const before = await connect(server);
    server.users.set('dev', { password: 'new' });
    expect(await failure(connect(server))).toMatchObject({ code: '390100' });
    await connect(server, { password: 'new' });
    await expect(run(before, 'select 1')).resolves.toBeDefined();
  });

  it('verifies a key pair: signature, fingerprint, account and user', async () => {
    const [first, second] = [keyPair(), keyPair()];
    const server = await serve({ users: { jo: { publicKeys: [first.publicKey] } } });
    const byKey = (privateKey: string, options: object = {}) =>
      connect(server, { username: 'jo', authenticator: 'SNOWFLAKE_JWT', privateKey, ...options });
    await byKey(first.privateKey);
    expect(await failure(byKey(second.privateKey))).toMatchObject({ code: '390144' });
    server.users.set('jo', { publicKeys: [first.publicKey, bare(second.publicKey)] });
    await byKey(second.privateKey);
    await byKey(first.privateKey);
    server.users.set('jo', { publicKeys: [second.publicKey] });
    expect(await failure(byKey(first.privateKey))).toMatchObject({ code: '390144' });
    expect(await failure(byKey(second.privateKey, { username: 'other' }))).toMatchObject({ code: '390144' });
  });

  it('sees through a forged token', () => {
    const [own, other] = [keyPair(), keyPair()];
    const token = (claims: object, signer = own) => {
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const mark = fingerprint(createPublicKey(own.publicKey));
      const whole = { iss: `A.JO.${mark}`, sub: 'A.JO', exp: Date.now() / 1000 + 60, ...claims };
      const text = `${part({ alg: 'RS256' })}.${part(whole)}`;
      return `${text}.${sign('RSA-SHA256', Buffer.from(text), signer.privateKey).toString('base64url')}`;
    };
    const accepted = (text: string) => acceptsJwt(text, 'a', 'jo', [own.publicKey]);
    expect(accepted(token({}))).toBe(true);
    expect(accepted(token({ exp: Date.now() + 60_000 }))).toBe(true);
    expect(accepted(token({}, other))).toBe(false);
    expect(accepted(token({ iss: `A.JO.${fingerprint(createPublicKey(other.publicKey))}` }))).toBe(false);
    expect(accepted(token({ sub: 'A.BO' }))).toBe(false);
    expect(accepted(token({ exp: Date.now() / 1000 - 1 }))).toBe(false);
    expect(accepted('a.b.c')).toBe(false);
  });

  it('takes OAuth and programmatic access tokens until they expire', async () => {
    const tokens = [
      { kind: 'oauth', token: 'o-1' },
      { kind: 'pat', token: 'p-1' },
    ] as const;
    const server = await serve({ users: { jo: { tokens } } });
    const byToken = (authenticator: string, token: string) => connect(server, { username: 'jo', authenticator, token });
    const connection = await byToken('OAUTH', 'o-1');
    await byToken('PROGRAMMATIC_ACCESS_TOKEN', 'p-1');
    expect(await failure(byToken('OAUTH', 'p-1'))).toMatchObject({ code: '390303' });
    expect(await failure(byToken('PROGRAMMATIC_ACCESS_TOKEN', 'o-1'))).toMatchObject({ code: '394400' });
    server.users.expireToken('o-1');
    expect(await failure(byToken('OAUTH', 'o-1'))).toMatchObject({ code: '390318' });
    expect(await failure(run(connection, 'select 1'))).toMatchObject({ code: '390318' });
  });

  // In a process of its own: the driver imports an ES module there, which Jest lets nobody do without a flag.
  it('hands out OAuth tokens, to a client and for a code', async () => {
    const server = await serve({ users: { jo: { client: { id: 'app', secret: 'hush' } } } });
    const script = `
      const driver = require('snowflake-sdk');
      driver.configure({ logLevel: 'OFF' });
      const flow = (authenticator, oauthClientSecret) => new Promise((resolve) => driver.createConnection({
        account: 'local', accessUrl: '${server.accessUrl}', username: 'jo', authenticator, oauthClientId: 'app', oauthClientSecret,
        oauthTokenRequestUrl: '${server.accessUrl}/oauth/token-request', oauthAuthorizationUrl: '${server.accessUrl}/oauth/authorize',
        oauthHttpAllowed: true, openExternalBrowserCallback: (url) => void fetch(url),
      }).connectAsync((error) => resolve(error ? 'refused' : 'connected')).catch(() => resolve('refused')));
      (async () => {
        const seen = [];
        for (const [name, secret] of [['OAUTH_CLIENT_CREDENTIALS', 'hush'], ['OAUTH_AUTHORIZATION_CODE', 'hush'], ['OAUTH_CLIENT_CREDENTIALS', 'wrong']])
          seen.push(await flow(name, secret));
        console.log(JSON.stringify(seen));
        process.exit();
      })();`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { env: process.env });
    expect(JSON.parse(stdout)).toEqual(['connected', 'connected', 'refused']);
    expect(server.counters.sessionsOpened).toBe(2);
  });

  it('spends a code and a refresh token once, and only for the right proof', async () => {
    const server = await serve({ users: { jo: { client: { id: 'app', secret: 'hush' } } } });
    const code = async () => {
      const challenge = createHash('sha256').update('proof').digest('base64url');
      const query = `client_id=app&redirect_uri=http://127.0.0.1:1/&state=s&code_challenge=${challenge}`;
      const answer = await fetch(`${server.accessUrl}/oauth/authorize?${query}`, { redirect: 'manual' });
      return new URL(answer.headers.get('location')!).searchParams.get('code')!;
    };
    const token = async (form: Record<string, string>) => {
      const body = new URLSearchParams({ client_id: 'app', client_secret: 'hush', ...form });
      const answer = await fetch(`${server.accessUrl}/oauth/token-request`, { method: 'POST', body });
      return (await answer.json()) as { access_token?: string; refresh_token?: string; error?: string };
    };
    const byCode = { grant_type: 'authorization_code', code: await code(), code_verifier: 'proof' };
    const first = await token(byCode);
    await connect(server, { authenticator: 'OAUTH', username: 'jo', token: first.access_token! });
    expect(await token(byCode)).toEqual({ error: 'invalid_grant' });
    expect(await token({ ...byCode, code: await code(), code_verifier: 'guess' })).toEqual({ error: 'invalid_grant' });
    const refresh = { grant_type: 'refresh_token', refresh_token: first.refresh_token! };
    const second = await token(refresh);
    await connect(server, { authenticator: 'OAUTH', username: 'jo', token: second.access_token! });
    expect(await token(refresh)).toEqual({ error: 'invalid_grant' });
  });

  it('refuses a role that was not granted', async () => {
    const server = await serve({ users: { dev: { password: 'dev', roles: ['ANALYST'] } } });
    const connection = await connect(server, { role: 'analyst' });
    await run(connection, 'use role public');
    expect(await failure(run(connection, 'use role nobody'))).toMatchObject({ code: '002043', sqlState: '02000' });
    expect((await run(connection, 'select current_role() r')).rows).toEqual([{ R: 'PUBLIC' }]);
    expect(await failure(connect(server, { role: 'ACCOUNTADMIN' }))).toMatchObject({ code: '390189' });
  });
});

describe('warehouses that exist', () => {
  it('have to be there for what reads or writes a table', async () => {
    const server = await serve({ warehouses: ['SMALL'] });
    const connection = await connect(server, { warehouse: 'LARGE' });
    expect((await run(connection, 'select 1 as one')).rows).toEqual([{ ONE: 1 }]);
    await run(connection, 'create table pets (id int)');
    for (const sql of ['insert into pets values (1)', 'select * from pets'])
      expect(await failure(run(connection, sql))).toMatchObject({ code: '000606', sqlState: '57P03' });
    expect(await failure(run(connection, 'use warehouse large'))).toMatchObject({ code: '002043', sqlState: '02000' });
    await run(connection, 'use warehouse small');
    await run(connection, 'insert into pets values (1)');
    expect((await run(connection, 'select * from pets')).rows).toEqual([{ ID: 1 }]);
  });
});

describe('statements', () => {
  it('binds by position and by number', async () => {
    const connection = await connect(await serve());
    const byPosition = await run(connection, `select ? as a, ? + 1 as b, '?' as "c", ? as d`, {
      binds: ['x', 4, null],
    });
    expect(byPosition.rows).toEqual([{ A: 'x', B: 5, c: '?', D: null }]);
    const byNumber = await run(connection, 'select :2 as a, :1 as b, :2 as c', { binds: [1.5, true] });
    expect(byNumber.rows).toEqual([{ A: true, B: 1.5, C: true }]);
  });

  it('follows a path into a variant', async () => {
    const connection = await connect(await serve());
    const { rows } = await run(
      connection,
      `select t.v:a.b[1] as x, v:s::string as s, v:n::int + 1 as n, '10:30' as c from (select parse_json(?) as v) t`,
      { binds: ['{"a": {"b": [1, {"c": 2}]}, "s": "text", "n": 4}'] },
    );
    expect(rows).toEqual([{ X: { c: 2 }, S: 'text', N: 5, C: '10:30' }]);
  });

  it('tells row counts, and inserts in bulk', async () => {
    const connection = await connect(await serve());
    const created = await run(connection, 'create table pets (id number, name string, born date, tags variant)');
    expect(created.rows).toEqual([{ status: 'Table PETS successfully created.' }]);
    const rows = Array.from({ length: 2500 }, (_, id) => [id, `pet ${id}`, '2020-02-29', id === 0 ? null : '{"a":1}']);
    const insert =
      'insert into pets (id, name, born, tags) select column1, column2, column3, parse_json(column4) from values (?, ?, ?, ?)';
    const inserted = await run(connection, insert, { binds: rows as never });
    expect(inserted.statement.getNumUpdatedRows()).toBe(2500);
    expect((await run(connection, 'select count(*), max(name) m from pets where tags is not null')).rows).toEqual([
      { 'COUNT(*)': 2499, M: 'pet 999' },
    ]);
    const updated = await run(connection, 'update pets set name = ? where id = ?', {
      binds: [
        ['a', 1],
        ['b', 2],
        ['c', -1],
      ] as never,
    });
    expect(updated.statement.getNumUpdatedRows()).toBe(2);
    const removed = await run(connection, 'delete from pets where id < :1', { binds: [10] });
    expect(removed.statement.getNumUpdatedRows()).toBe(10);
    expect((await run(connection, 'select 1')).statement.getNumUpdatedRows()).toBe(-1);
  });

  it('does all of a bulk statement or nothing', async () => {
    const connection = await connect(await serve());
    await run(connection, 'create table t (a int, b string)');
    await run(connection, `insert into t values (1, 'old'), (2, 'old')`);
    const half = [
      ['new', '1'],
      ['new', 'x'],
    ];
    const broken = run(connection, 'update t set b = ? where a = ?', { binds: half as never });
    expect(await failure(broken)).toMatchObject({ code: '100038' });
    expect((await run(connection, 'select distinct b from t')).rows).toEqual([{ B: 'old' }]);
    await run(connection, 'begin');
    await run(connection, 'rollback');
  });

  it('carries every type', async () => {
    const connection = await connect(await serve());
    const { rows, statement } = await run(
      connection,
      `select 42 as i, 12345678901234567890::number as big, 12.34::number(10,2) as dec, 1.5::float as r, true as b,
        'it''s "q" \\ ü' as s, null as n, date '1969-12-31' as d, time '12:34:56.789' as t,
        timestamp '1969-12-31 23:59:58.5' as ntz, timestamptz '2024-02-29 12:00:00+02' as tz, '\\xAB\\x01'::binary as bin,
        parse_json('{"a": [1, null]}') as v, {'k': 1, 'l': [true]} as o, [1, 2] as a`,
    );
    const row = rows[0] as Row & Record<'D' | 'NTZ' | 'TZ', Date> & { BIN: Buffer };
    expect(row).toMatchObject({ I: 42, DEC: 12.34, R: 1.5, B: true, S: `it's "q" \\ ü`, N: null, T: '12:34:56' });
    expect(row).toMatchObject({ V: { a: [1, null] }, O: { k: 1, l: [true] }, A: [1, 2] });
    expect([row.D, row.NTZ, row.TZ].map((date) => date.getTime())).toEqual([
      Date.UTC(1969, 11, 31),
      -1500,
      Date.UTC(2024, 1, 29, 10),
    ]);
    expect(row.BIN.toString('hex')).toBe('ab01');
    expect(statement.getColumns()!.map((column) => column.getType())).toEqual(
      `fixed fixed fixed real boolean text fixed date time timestamp_ntz timestamp_tz binary variant object array`.split(
        ' ',
      ),
    );
    const exact = await run(connection, 'select 12345678901234567890::number as big', { fetchAsString: ['Number'] });
    expect(exact.rows).toEqual([{ BIG: '12345678901234567890' }]);
  });

  it.each([
    ['selec 1', '001003', '42000'],
    ['select * from nope', '002003', '42S02'],
    ['select nope from (select 1 as a)', '000904', '42000'],
    ['select nope(1)', '002140', '42601'],
    [`select cast('x' as integer)`, '100038', '22018'],
    ['use schema nope', '002043', '02000'],
    ['select * from a.b.c', '002003', '02000'],
    ['create table a.b.c (n int)', '002003', '02000'],
    ['use database nope', '002043', '02000'],
    ['use nope.s', '002043', '02000'],
    [';', '000900', '42601'],
    ['select 1; select 2', '000008', '0A000'],
  ])('answers %s with %s', async (sql, code, sqlState) => {
    const connection = await connect(await serve());
    expect(await failure(run(connection, sql))).toMatchObject({ code, sqlState });
    await expect(run(connection, 'select 1')).resolves.toBeDefined();
  });

  it('describes without running', async () => {
    const connection = await connect(await serve());
    const { statement, rows } = await run(connection, 'select 1 as a, now() as b', { describeOnly: true });
    expect(rows).toEqual([]);
    expect(statement.getColumns()!.map((column) => `${column.getName()} ${column.getType()}`)).toEqual([
      'A fixed',
      'B timestamp_tz',
    ]);
  });

  it('runs a script, and fetches the results one by one', async () => {
    const server = await serve();
    const connection = await connect(server);
    const seen: unknown[] = [];
    let types: unknown;
    server.inject({ path: 'query-request', edit: ({ data }) => void (types = data['resultTypes']) });
    await new Promise<void>((resolve, reject) =>
      connection.execute({
        sqlText: `create table t (a int); insert into t values (1), (2); select a from t where ';' <> 'x'`,
        parameters: { MULTI_STATEMENT_COUNT: 0 },
        complete: (error, statement, rows) => {
          if (error) return reject(error);
          seen.push(rows);
          const more = statement as unknown as { hasNext(): boolean; NextResult(): void };
          if (more.hasNext()) more.NextResult();
          else resolve();
        },
      }),
    );
    expect(seen).toEqual([
      [{ status: 'Table T successfully created.' }],
      [{ 'number of rows inserted': 2 }],
      [{ A: 1 }, { A: 2 }],
    ]);
    expect(types).toBe([0x6000, 0x3100, 0x1000].join());
  });
});

describe('sessions', () => {
  it('have a place, parameters and a transaction of their own', async () => {
    const server = await serve();
    const [one, two] = [await connect(server), await connect(server)];
    await run(one, 'create schema other');
    await run(one, 'use schema other');
    await run(one, 'use warehouse big');
    await run(one, 'create table t (a int)');
    expect((await run(one, 'select current_schema() s, current_warehouse() w')).rows).toEqual([
      { S: 'OTHER', W: 'BIG' },
    ]);
    expect((await run(two, 'select current_schema() s, current_warehouse() w')).rows).toEqual([{ S: 'main', W: null }]);
    await run(one, 'begin');
    await run(one, 'insert into t values (1)');
    expect((await run(two, 'select count(*) c from other.t')).rows).toEqual([{ C: 0 }]);
    await run(one, 'commit');
    expect((await run(two, 'select count(*) c from other.t')).rows).toEqual([{ C: 1 }]);
    await run(one, 'begin transaction');
    await run(one, 'delete from t');
    await run(one, 'rollback');
    await run(one, 'commit');
    expect((await run(one, 'select count(*) c from t')).rows).toEqual([{ C: 1 }]);
    await run(one, 'begin');
    await run(one, 'insert into t values (2)');
    await failure(run(one, `insert into t select case range when 5 then 'x' else '1' end::int from range(10)`));
    expect(await failure(run(one, 'commit'))).toMatchObject({ code: '000603', sqlState: '25000' });
    expect((await run(one, 'select count(*) c from t')).rows).toEqual([{ C: 1 }]);
    await run(one, `alter session set timezone = 'Europe/Berlin', query_tag = 'x'`);
    const shown = await run(one, `select timestamptz '2024-01-01 00:00:00+00'::varchar s`);
    expect(shown.rows).toEqual([{ S: '2024-01-01 01:00:00+01' }]);
  });

  it('can keep their data in a file', async () => {
    const file = join(sandbox.home, 'dev.duckdb');
    const first = await serve({ file });
    await run(await connect(first), 'create table kept as select 42 as a');
    await first.close();
    const second = await serve({ file });
    expect((await run(await connect(second), 'select a from kept')).rows).toEqual([{ A: 42 }]);
  });

  it('run their queries side by side, and temporary tables stay visible', async () => {
    const connection = await connect(await serve());
    const slow = start(connection, 'call system$wait(60)');
    await run(connection, 'select 1');
    const heavy = start(
      connection,
      'select count(*) from range(1000000000) a, range(1000000) b where a.range % 7 = b.range',
    );
    expect((await run(connection, 'select 2 as a')).rows).toEqual([{ A: 2 }]);
    slow.statement.cancel();
    heavy.statement.cancel();
    expect((await Promise.all([failure(slow.ended), failure(heavy.ended)])).map(({ code }) => code)).toEqual([
      '000604',
      '000604',
    ]);
    await run(connection, 'create temporary table t as select 1 as a');
    const all = await Promise.all(Array.from({ length: 5 }, () => run(connection, 'select a from t')));
    expect(all.map(({ rows }) => rows)).toEqual(Array.from({ length: 5 }, () => [{ A: 1 }]));
  });

  it('are renewed by the driver when their token has expired', async () => {
    const server = await serve();
    const connection = await connect(server);
    server.expireSessions();
    await Promise.all([run(connection, 'select 1'), run(connection, 'select 2'), run(connection, 'select 3')]);
    expect(server.counters).toMatchObject({ sessionsOpened: 1, statements: 3 });
    expect([1, 2, 3]).toContain(server.counters.renewals); // the driver shares a renewal, if it is still under way
    server.expireSessions({ master: true });
    expect(await failure(run(connection, 'select 1'))).toMatchObject({ code: 407002 });
    expect(connection.isUp()).toBe(false);
  });

  it('expire by time as well', async () => {
    const server = await serve({ sessionMs: 50 });
    const connection = await connect(server);
    await new Promise((resolve) => setTimeout(resolve, 60));
    await run(connection, 'select 1');
    expect(server.counters.renewals).toBeGreaterThan(0);
  });

  it('can be lost, with what they were running', async () => {
    const server = await serve();
    const connection = await connect(server);
    const slow = start(connection, 'call system$wait(60)');
    await until(() => server.counters.running === 1);
    await server.forgetSessions();
    expect(await failure(slow.ended)).toMatchObject({ code: '000604' });
    expect(await failure(run(connection, 'select 1'))).toMatchObject({ code: 407002 });
    expect(server.counters).toMatchObject({ sessionsOpen: 0, running: 0 });
  });

  it('that are forgotten may finish what they run', async () => {
    const server = await serve();
    const connection = await connect(server);
    const slow = start(connection, 'call system$wait(1)');
    await until(() => server.counters.running === 1);
    await server.forgetSessions({ finish: true });
    await slow.ended;
    expect(await failure(run(connection, 'select 1'))).toMatchObject({ code: 407002 });
    expect(server.counters).toMatchObject({ sessionsOpen: 0, running: 0, cancels: 0 });
  });

  it('end when the connection is destroyed, and are counted', async () => {
    const server = await serve();
    const connections = [await connect(server), await connect(server)];
    expect(await connections[0]!.isValidAsync()).toBe(true);
    expect(server.counters).toMatchObject({ sessionsOpen: 2, heartbeats: 1 });
    await Promise.all(connections.map(destroy));
    expect(server.counters).toMatchObject({ logins: 2, sessionsOpened: 2, sessionsClosed: 2, sessionsOpen: 0 });
  });
});

describe('results in chunks', () => {
  const numbers = (count: number) =>
    `select seq4() as id, 'name ' || id as name from table(generator(rowcount => ${count}))`;

  it('arrive whole and in order', async () => {
    const server = await serve({ chunkRows: 1000 });
    const { rows } = await run(await connect(server), numbers(10_500));
    expect(rows).toHaveLength(10_500);
    expect(rows.every((row, index) => row.ID === index && row.NAME === `name ${index}`)).toBe(true);
    expect(server.counters.chunks).toBe(10);
  });

  it('are downloaded no further than they are read', async () => {
    const server = await serve({ chunkRows: 100 });
    const done = await start(await connect(server), numbers(10_000)).ended;
    let last: Row | undefined;
    for await (const row of done.streamRows()) {
      last = row;
      if (row.ID === 150) break;
    }
    expect(last).toEqual({ ID: 150, NAME: 'name 150' });
    expect(server.counters.chunks).toBeLessThan(10);
    const part: unknown[] = [];
    for await (const row of done.streamRows({ start: 995, end: 1004 })) part.push(row.ID);
    expect(part).toEqual([995, 996, 997, 998, 999, 1000, 1001, 1002, 1003, 1004]);
  });

  it('come from addresses that can be refused and asked for again', async () => {
    const server = await serve({ chunkRows: 10 });
    const connection = await connect(server);
    server.inject({ path: '/chunks/', status: 403 });
    expect((await run(connection, numbers(25))).rows).toHaveLength(25);
    expect((await fetch(`${server.accessUrl}/chunks/x?key=wrong&index=1`)).status).toBe(403);
  });

  it('can be fetched again by query id', async () => {
    const server = await serve({ chunkRows: 10 });
    const { statement } = await run(await connect(server), numbers(35));
    const other = await connect(server);
    const again = await new Promise<Row[]>((resolve, reject) =>
      other.fetchResult({
        queryId: statement.getQueryId(),
        complete: (error: unknown, _: unknown, rows?: Row[]) => (error ? reject(error) : resolve(rows ?? [])),
      }),
    );
    expect(again).toHaveLength(35);
    expect(server.counters.statements).toBe(1);
  });

  it('are forgotten when many newer ones have come', async () => {
    const connection = await connect(await serve());
    const first = (await run(connection, 'select 1')).statement.getQueryId();
    const fetchFirst = () => connection.getResultsFromQueryId({ queryId: first, sqlText: '' });
    await fetchFirst();
    for (let round = 0; round < 5; round++)
      await Promise.all(Array.from({ length: 100 }, () => run(connection, 'select 2')));
    await failure(fetchFirst());
    expect(await connection.getQueryStatus(first)).toBe('NO_QUERY_DATA');
  });
});

describe('long statements', () => {
  it('are polled for', async () => {
    const server = await serve({ longPollMs: 20 });
    const { rows } = await run(await connect(server), 'select system$wait(100, MILLISECONDS)');
    expect(rows).toEqual([{ SYSTEM$WAIT: 'waited 100 milliseconds' }]);
    expect(server.log.filter(({ code }) => code === '333333').length).toBeGreaterThan(1);
    expect(server.counters.statements).toBe(1);
  });

  it('may be started and left', async () => {
    const server = await serve();
    const connection = await connect(server);
    const { statement } = await run(connection, 'select system$wait(50, MILLISECONDS)', { asyncExec: true });
    const queryId = statement.getQueryId();
    expect(await connection.getQueryStatus(queryId)).toBe('RUNNING');
    const result = await connection.getResultsFromQueryId({ queryId, sqlText: '' });
    expect((await collect(result)).length).toBe(1);
    expect(await connection.getQueryStatus(queryId)).toBe('SUCCESS');
  });

  it('are really interrupted by a cancel', async () => {
    const server = await serve();
    const connection = await connect(server);
    const heavy = start(
      connection,
      'select count(*) from range(1000000000) a, range(1000000) b where a.range % 7 = b.range',
    );
    await until(() => server.counters.running === 1);
    await new Promise<void>((resolve, reject) =>
      heavy.statement.cancel((error) => (error ? reject(error) : resolve())),
    );
    expect(await failure(heavy.ended)).toMatchObject({ code: '000604', sqlState: '57014' });
    expect(server.counters).toMatchObject({ cancels: 1, running: 0 });
    await run(connection, 'select 1');
  });

  it('reach the statement timeout of their session', async () => {
    const connection = await connect(await serve());
    await run(connection, 'alter session set statement_timeout_in_seconds = 0.02');
    expect(await failure(start(connection, 'call system$wait(60)').ended)).toMatchObject({ code: '000630' });
  });
});

describe('what goes wrong on purpose', () => {
  it('an error of Snowflake, for one statement', async () => {
    const server = await serve();
    const connection = await connect(server);
    const fault = server.inject({ sql: /pets/, code: '000625', message: 'busy', sqlState: '57014', times: 2 });
    await run(connection, 'select 1');
    expect(await failure(run(connection, 'select 1 as pets'))).toMatchObject({ code: '000625', message: 'busy' });
    expect(fault.hits).toBe(1);
    fault.remove();
    await run(connection, 'select 1 as pets');
  });

  it('an answer that is lost: the driver sends the request again, and it is not done twice', async () => {
    const server = await serve();
    const connection = await connect(server);
    await run(connection, 'create table t (a int)');
    server.inject({ path: '/query-request', drop: 'after' });
    await run(connection, 'insert into t values (1)');
    expect((await run(connection, 'select count(*) c from t')).rows).toEqual([{ C: 1 }]);
    expect(server.log.filter(({ sql }) => sql?.startsWith('insert'))).toHaveLength(2);
  });

  it('an answer changed on its way', async () => {
    const server = await serve();
    const connection = await connect(server);
    server.inject({ sql: /./, edit: (body) => (body.data.rowset = [['changed']]) });
    expect((await run(connection, `select 'real' as a`)).rows).toEqual([{ A: 'changed' }]);
  });

  it('an overloaded server', async () => {
    const server = await serve();
    const connection = await connect(server);
    server.inject({ path: '/query-request', status: 503, body: 'later' });
    expect((await run(connection, 'select 1 as a')).rows).toEqual([{ A: 1 }]);
    expect(server.log.map(({ status }) => status)).toEqual([200, 503, 200]);
  });

  it('an answer that is no answer', async () => {
    const server = await serve();
    const connection = await connect(server);
    server.inject({ path: '/query-request', body: '<html>' });
    expect(await failure(start(connection, 'select 1').ended)).toMatchObject({ code: 401001 });
  });

  it('a server that hangs, is slow or cuts the answer short', async () => {
    const server = await serve();
    const connection = await connect(server);
    server.inject({ path: '/heartbeat', drop: 'midway' });
    expect(await connection.isValidAsync()).toBe(false);
    server.inject({ path: '/heartbeat', delayMs: 20 });
    expect(await connection.isValidAsync()).toBe(true);
    server.inject({ path: '/heartbeat', hang: true });
    const valid = connection.isValidAsync();
    await until(() => server.counters.requests === 4);
    await server.kill();
    expect(await valid).toBe(false);
  });

  it('a server that dies and comes back on the same port, with its sessions', async () => {
    const server = await serve();
    const connection = await connect(server);
    await server.kill();
    expect(await connection.isValidAsync()).toBe(false);
    expect(await failure(connect(server))).toMatchObject({ code: 401001 });
    await server.listen();
    expect((await run(connection, 'select 1 as a')).rows).toEqual([{ A: 1 }]);
  });
});

it('runs in a process of its own as well', async () => {
  const server = await forkSnowflakeServer({ chunkRows: 1000 });
  try {
    await server.call('users.set', 'jo', { password: 'x' });
    const connection = driver.createConnection({ account: 'local', ...server, username: 'jo', password: 'x' });
    await new Promise<void>((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve())));
    expect((await run(connection, 'select seq4() from table(generator(rowcount => 5000))')).rows).toHaveLength(5000);
    await server.call('inject', { sql: /pets/, code: '000625', times: Infinity });
    expect(await failure(run(connection, 'select 1 as pets'))).toMatchObject({ code: '000625' });
    await destroy(connection);
    expect(await server.call('counters')).toMatchObject({ sessionsOpened: 1, sessionsOpen: 0, chunks: 4 });
    await expect(server.call('nonsense.at.all')).rejects.toThrow();
  } finally {
    await server.close();
  }
});

it('leaves no log of the driver in the working directory', () => {
  expect(existsSync('snowflake.log')).toBe(false);
});

async function collect(statement: RowStatement): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const row of statement.streamRows()) rows.push(row);
  return rows;
}

function keyPair(): { publicKey: string; privateKey: string } {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

/** As Snowflake's documentation has people paste it: the base64 lines alone. */
const bare = (pem: string) => pem.replace(/-----[^-]+-----/g, '').trim();
