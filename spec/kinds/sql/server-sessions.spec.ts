import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { createConnections, logEvents, SqlConnection, type ConnectionRegistry } from '../../../src/index.ts';
import { startPostgres, type Postgres } from '../../support/postgres.ts';

let server: Postgres;
let hot: ConnectionRegistry;
beforeAll(async () => void (server = await startPostgres({ settings: { max_connections: 12 } })), 60_000);
afterAll(() => server?.close());
beforeEach(() => void (hot = createConnections({ sources: [] })));
afterEach(() => hot.close());
const open = (params: object = {}, query = '', name = 'pets') =>
  hot.connection(name, { type: SqlConnection, params: { url: server.url() + query, ...params } });

describe('the name that the server shows', () => {
  const shown = async (params?: object, query?: string, name?: string) =>
    (await (await open(params, query, name)).query("select current_setting('application_name') as it"))[0]!['it'];

  it('is that of the connection', async () => {
    expect(await shown()).toBe('hotline:pets');
    expect(await shown({}, '', 'the shop')).toBe('hotline:the shop');
  });

  it.each<[object, string]>([
    [{}, '?application_name=mine'],
    [{}, '?fallback_application_name=mine'],
    [{}, '?options=-c%20application_name%3Dmine'],
    [{ query: { application_name: 'mine' } }, ''],
    [{ knex: { connection: { application_name: 'mine' } } }, ''],
    [{ create_engine_kwargs: { connect_args: { application_name: 'mine' } } }, ''],
    [{ create_engine_kwargs: { connect_args: { server_settings: { application_name: 'mine' } } } }, ''],
  ])('is another one where it is written: %j %s', async (params, query) => {
    expect(await shown(params, query)).toBe('mine');
  });

  it('is that of PGAPPNAME', async () => {
    process.env['PGAPPNAME'] = 'mine';
    try {
      expect(await shown()).toBe('mine');
    } finally {
      delete process.env['PGAPPNAME'];
    }
  });
});

it('a notice of the server is an event, without secrets and bound values', async () => {
  const said: string[] = [];
  const lines: string[] = [];
  hot.events$.subscribe((event) => {
    if (event.type === 'warning') said.push(`${event.code} ${event.message}`);
  });
  const log = (line: string) => void lines.push(line);
  logEvents(hot, { debug: () => undefined, info: log, warn: () => lines.push('warn'), error: log });
  const pets = await open();
  await pets.execute('create table if not exists pet (a text)');
  await pets.execute('create table if not exists pet (a text)');
  expect(said).toEqual([
    expect.stringMatching(/^server_notice "pets": the server says: NOTICE 42P07: relation "pet" already exists/),
  ]);
  expect(lines.filter((line) => /42P07|^warn$/.test(line))).toEqual([expect.stringContaining('[server_notice]')]);
  await pets.execute(
    "create function tell(x text) returns text language plpgsql as $$ begin raise warning 'got %', x; return x; end $$",
  );
  await pets.query('select tell(:x)', { params: { x: 'very secret value' } });
  await pets.session((session) => session.execute('select 1'));
  await pets.query('select tell(:x)', { params: { x: 'very secret value' } });
  expect(said.slice(1)).toEqual(Array(2).fill(expect.stringContaining('WARNING 01000: got [redacted]')));
});

it('a notice that nobody listens to is not printed', async () => {
  const printed: unknown[] = [];
  const listener = (warning: Error) => void printed.push(warning.message);
  process.on('warning', listener);
  await (await open()).execute('drop table if exists nothing');
  await wait(20);
  process.off('warning', listener);
  expect(printed).toEqual([]);
});

describe('knex.pool.min', () => {
  it('is open before the instance serves, and before one that replaces it does', async () => {
    const pets = await open({ knex: { pool: { min: 3, max: 5 } } });
    expect(pets.stats().pool).toMatchObject({ size: 3, idle: 3, used: 0 });
    await Promise.all([
      pets.reset(),
      hot.connection('pets', {
        type: SqlConnection,
        params: { url: server.url(), knex: { pool: { min: 3, max: 5 } } },
      }),
    ]);
    await pets.ping();
    expect(pets.stats().pool).toMatchObject({ size: 3 });
    const one = await open({}, '', 'one');
    expect(one.stats().pool).toMatchObject({ size: 1 });
  });

  it('opens what the server allows, and says that it is fewer', async () => {
    const codes: string[] = [];
    hot.events$.subscribe((event) => void (event.type === 'warning' && codes.push(event.code)));
    const pets = await open({ knex: { pool: { min: 20, max: 20 } } });
    expect(codes).toEqual(['pool_below_min']);
    expect(await pets.query('select 1 as one')).toEqual([{ one: 1 }]);
  });
});
