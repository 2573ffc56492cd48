import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createConnections, inline, SnowflakeConnection, type ConnectionRegistry } from '../../../src/index.ts';
import { inPlatform, leftOpen, snowflakeFallback } from '../../../src/kinds/snowflake/native-files.ts';
import { snowflakeFiles } from '../../../src/sources/index.ts';
import { SnowflakeServer } from '../../support/snowflake-server/index.ts';
import { errorOf, sandbox } from '../../support/snowflake-world.ts';

const driver = sandbox();
afterAll(() => driver.restore());

let server: SnowflakeServer;
let hot: ConnectionRegistry | undefined;
beforeEach(async () => {
  server = await new SnowflakeServer({ users: { dev: { password: 'dev' }, other: { password: 'other' } } }).listen();
});
afterEach(async () => {
  await hot?.close();
  await server.close();
});

/** A registry over a section and Snowflake's own files. */
async function open(native: string, connections: object = {}): Promise<ConnectionRegistry> {
  const file = join(driver.home, 'connections.toml');
  await writeFile(file, native.replaceAll('URL', server.accessUrl), { mode: 0o600 });
  await chmod(file, 0o600);
  const sources = [
    snowflakeFiles({ home: driver.home }),
    inline({ connections: connections as Record<string, never> }),
  ];
  return (hot = createConnections({ sources, retry: { attempts: 1 } }));
}

const login = 'account = "local"\naccess_url = "URL"\nuser = "dev"\npassword = "dev"\n';

/** Where a session is, as the server sees it. */
const place = async (wh: SnowflakeConnection): Promise<unknown> =>
  (await wh.query('select current_warehouse() as w, current_role() as r'))[0];

describe('2.J', () => {
  it('161: a section that is not empty: what was passed over it wins, and `type` is not passed on', async () => {
    const section = {
      type: 'snowflake',
      account: 'local',
      access_url: server.accessUrl,
      user: 'dev',
      password: 'dev',
      role: 'A',
      warehouse: 'S',
    };
    const registry = await open('', { wh: section });
    const wh = await registry.connection('wh', { type: SnowflakeConnection, params: { role: 'B' } });
    expect(await place(wh)).toEqual({ W: 'S', R: 'B' });
    expect(wh.describe().settings.map(({ path }) => path)).not.toContain('type');
  });

  it('163: no section: the connection of that name in Snowflake’s files, with what was passed over it', async () => {
    const registry = await open(`[wh]\n${login}role = "A"\nwarehouse = "S"\n[default]\naccount = "no"`);
    const wh = await registry.connection('wh', { type: SnowflakeConnection });
    expect(await wh.query('select 1 as a')).toEqual([{ A: 1 }]);
    const other = await registry.connection('wh', { type: SnowflakeConnection, params: { role: 'B' } });
    expect(await place(other)).toEqual({ W: 'S', R: 'B' });
  });

  it('163: no section, and the name of the kind: the default one', async () => {
    const registry = await open(`[default]\n${login}`);
    expect(
      await (await registry.connection('snowflake', { type: SnowflakeConnection })).query('select 1 as a'),
    ).toEqual([{ A: 1 }]);
  });

  it('165: nothing is configured at all: it says so', async () => {
    const registry = await open('[elsewhere]\naccount = "x"');
    expect(await errorOf(registry.connection('wh', { type: SnowflakeConnection }))).toMatchObject({
      code: 'missing_config',
      connection: 'wh',
    });
    expect(await errorOf(registry.connection('snowflake', { type: SnowflakeConnection }))).toMatchObject({
      code: 'missing_config',
    });
  });

  it('165: something is configured, and the server refuses: it says that', async () => {
    const registry = await open(`[wh]\n${login}`);
    const wrong = registry.connection('wh', { type: SnowflakeConnection, params: { password: 'wrong-password' } });
    expect(await errorOf(wrong)).toMatchObject({ code: 'auth_failed', connection: 'wh' });
  });
});

describe('Snowflake’s own files', () => {
  it('are used where a section says nothing, setting by setting, with their origin', async () => {
    const registry = await open(`[wh]\n${login}role = "A"\nwarehouse = "S"`, {
      wh: { type: 'snowflake', warehouse: 'XL' },
    });
    const wh = await registry.connection('wh', { type: SnowflakeConnection });
    expect(await place(wh)).toEqual({ W: 'XL', R: 'A' });
    const role = wh.describe().settings.find(({ path }) => path === 'role');
    expect(role?.origin).toBe(join(driver.home, 'connections.toml'));
  });

  it('are asked for by `connection_name`', async () => {
    const registry = await open(`[prod]\n${login}[wh]\naccount = "no"`, {
      wh: { type: 'snowflake', connection_name: 'prod' },
    });
    expect(await (await registry.connection('wh', { type: SnowflakeConnection })).query('select 1 as a')).toEqual([
      { A: 1 },
    ]);
    const missing = registry.connection('other', { type: SnowflakeConnection, params: { connection_name: 'nope' } });
    expect(await errorOf(missing)).toMatchObject({
      code: 'invalid_config',
      connection: 'other',
      message: expect.stringContaining('There are: prod, wh.'),
    });
  });

  it('are watched: a change of the password of another user takes effect', async () => {
    const registry = await open(`[wh]\n${login}`);
    const wh = await registry.connection('wh', { type: SnowflakeConnection });
    const user = async (): Promise<unknown> => (await wh.query('select current_user() as u'))[0]!['U'];
    expect(await user()).toBe('DEV');
    const file = join(driver.home, 'connections.toml');
    await writeFile(file, `[wh]\n${login}`.replaceAll('URL', server.accessUrl).replaceAll('"dev"', '"other"'));
    await expect(
      (async () => {
        while ((await user()) !== 'OTHER') await new Promise((resolve) => setTimeout(resolve, 20));
      })(),
    ).resolves.toBeUndefined();
  });

  it('do not mix their credentials with those of the section', () => {
    const native = { account: 'a', authenticator: 'snowflake_jwt', private_key_file: '/k', user: 'u', role: 'r' };
    expect(leftOpen(native, { password: 'p', username: 'v' })).toEqual({ account: 'a', role: 'r' });
    expect(leftOpen(native, { role: 's' })).toEqual({
      account: 'a',
      authenticator: 'snowflake_jwt',
      private_key_file: '/k',
      user: 'u',
    });
  });
});

const env = { SNOWFLAKE_HOST: 'host', SNOWFLAKE_ACCOUNT: 'account', SNOWFLAKE_SCHEMA: 's' };

describe('2.J, inside Snowflake', () => {
  // The original takes the session of the platform and ignores what is passed; here what is passed is never ignored.
  it('168: inside Snowflake: its host, and its token from the file that it writes anew', () => {
    const found = inPlatform(env, (path) => path === '/snowflake/session/token');
    expect(found?.settings).toEqual({
      host: 'host',
      account: 'account',
      authenticator: 'oauth',
      token_file_path: '/snowflake/session/token',
      database: undefined,
      schema: 's',
    });
    expect(found?.origin(['token_file_path'])).toBe('/snowflake/session/token');
    expect(found?.origin(['host'])).toContain('environment');
  });

  it('168: anywhere else: nothing', () => {
    expect(inPlatform(env, () => false)).toBeUndefined();
    expect(inPlatform({ SNOWFLAKE_HOST: 'host' }, () => true)).toBeUndefined();
    expect(inPlatform({}, () => true)).toBeUndefined();
    const secrets = { reveal: (): never => undefined as never, origin: (): undefined => undefined };
    expect(snowflakeFallback({ name: 'wh', settings: {}, hasSection: false, secrets })).toBeUndefined();
  });
});
