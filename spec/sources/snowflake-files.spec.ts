import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { snowflakeFiles } from '../../src/sources/index.ts';
import { snowflakeTree, type SnowflakeFile } from '../../src/sources/snowflake-files.ts';
import { States, firstState, messageOf, secretsOf } from './support/states.ts';
import { tempDirs } from './support/temp-dir.ts';

describe('snowflake files', () => {
  const owned = { mode: 0o600 };
  const env = {};

  describe('snowflakeFiles', () => {
    const tempDir = tempDirs();

    it('finds them under SNOWFLAKE_HOME, and watches both', async () => {
      const home = await tempDir();
      const states = new States(snowflakeFiles({ env: { SNOWFLAKE_HOME: home } }));
      const missing = await states.first(({ state }) => state === 'missing');
      expect(missing).toMatchObject({ error: { code: 'source_missing' } });
      expect(messageOf(missing)).toContain(`There is no connections.toml or config.toml in ${home}`);

      await writeFile(join(home, 'config.toml'), '[connections.dev]\naccount = "c"', owned);
      await states.until(() => states.all.length === 2);
      await writeFile(join(home, 'connections.toml'), '[prod]\naccount = "p"', owned);
      await states.until(() => states.all.length === 3);
      expect(states.all.slice(1).map(secretsOf)).toEqual([
        { snowflake: { connections: { dev: { account: 'c' } } } },
        { snowflake: { connections: { prod: { account: 'p' } } } },
      ]);
      expect(states.all[1]!.trust).toBe('local');
      states.stop();
    });

    it('may be missing when it is optional, with a home that is not there', async () => {
      const home = join(await tempDir(), 'absent');
      expect(await firstState(snowflakeFiles({ home, optional: true, env }))).toEqual({
        state: 'missing',
        trust: 'local',
      });
    });

    it('expands ~ in SNOWFLAKE_HOME, and looks into ~/.snowflake without it', () => {
      expect(snowflakeFiles({ env: { SNOWFLAKE_HOME: '~/flake' } }).label).toMatch(/^\/.*\/flake$/);
      expect(snowflakeFiles({ env }).label).toMatch(/^\/.*\/\.snowflake$/);
    });

    it('fails while others may write it, without its content having changed, and goes on when they may not', async () => {
      const home = await tempDir();
      const path = join(home, 'connections.toml');
      await writeFile(path, '[prod]\naccount = "p"', owned);
      const source = snowflakeFiles({ home, env });
      const states = new States(source);
      await states.first(({ state }) => state === 'loaded');
      await chmod(path, 0o666);
      const failed = await states.first(({ state }) => state === 'failed');
      expect(messageOf(failed)).toContain(`${path} can be written by others than its owner (mode 666)`);
      await chmod(path, 0o600);
      await states.until(() => states.all.length === 3);
      expect(states.all.at(-1)!.state).toBe('loaded');
      states.stop();
    });

    it('fails at a directory of that name, and looks again when asked to', async () => {
      const home = await tempDir();
      const source = snowflakeFiles({ home, env });
      const states = new States(source);
      await states.first(({ state }) => state === 'missing');
      await mkdir(join(home, 'config.toml'));
      await source.look!();
      expect(messageOf(states.all.at(-1)!)).toContain('config.toml is a directory, and should be a file');
      states.stop();
    });
  });
});

describe('snowflake tree', () => {
  const file = (name: string, text: string, mode = 0o100600): SnowflakeFile => ({
    path: `/home/me/.snowflake/${name}`,
    bytes: Buffer.from(text),
    mode,
  });
  const config = file(
    'config.toml',
    'default_connection_name = "dev"\n[connections.dev]\naccount = "from config"\n[cli]\nx = 1',
  );
  const connections = file('connections.toml', '[prod]\naccount = "from connections"\n');

  describe('snowflakeTree', () => {
    it('is nothing where there is nothing', () => {
      expect(snowflakeTree(undefined, undefined, {})).toBeUndefined();
    });

    it('reads the connections of config.toml and the name of the usual one', () => {
      expect(secretsOf(snowflakeTree(config, undefined, {})!)).toEqual({
        snowflake: { connections: { dev: { account: 'from config' } }, default_connection_name: 'dev' },
      });
    });

    it('takes connections.toml instead of all connections of config.toml, and keeps the usual name', () => {
      const state = snowflakeTree(config, connections, {})!;
      expect(secretsOf(state)).toEqual({
        snowflake: { connections: { prod: { account: 'from connections' } }, default_connection_name: 'dev' },
      });
      const originOf = state.state === 'loaded' ? state.originOf! : () => undefined;
      expect(originOf(['snowflake', 'connections', 'prod', 'account'])).toBe(connections.path);
      expect(originOf(['snowflake', 'default_connection_name'])).toBe(config.path);
    });

    it('takes the variables before the files', () => {
      const env = { SNOWFLAKE_CONNECTIONS: '[ci]\naccount = "env"', SNOWFLAKE_DEFAULT_CONNECTION_NAME: 'ci' };
      const expected = { snowflake: { connections: { ci: { account: 'env' } }, default_connection_name: 'ci' } };
      expect(secretsOf(snowflakeTree(config, connections, env)!)).toEqual(expected);
      expect(secretsOf(snowflakeTree(undefined, undefined, env)!)).toEqual(expected);
    });

    it.each([0o100620, 0o100602, 0o100666])(
      'refuses a file that others may write (%i), naming file and mode',
      (mode) => {
        const open = file('connections.toml', '[prod]', mode);
        const said = `${open.path} can be written by others than its owner (mode ${(mode & 0o777).toString(8)})`;
        expect(() => snowflakeTree(undefined, open, {})).toThrow(said);
        expect(() => snowflakeTree(open, undefined, {})).toThrow(said);
      },
    );

    it('warns of a file that others may read, and takes one that only its owner may read', () => {
      const warned = snowflakeTree(file('config.toml', '', 0o100644), file('connections.toml', '', 0o100640), {});
      expect(warned).toMatchObject({ warnings: [{ code: 'readable_by_others' }, { code: 'readable_by_others' }] });
      expect(snowflakeTree(undefined, file('connections.toml', '', 0o100400), {})).not.toHaveProperty('warnings');
    });

    it('names the file or the variable that is broken, and shows nothing of it', () => {
      const broken = 'password = hunter2-secret';
      const attempt =
        (...args: Parameters<typeof snowflakeTree>) =>
        () =>
          snowflakeTree(...args);
      expect(attempt(undefined, file('connections.toml', broken), {})).toThrow(
        /^(?!.*hunter2)\/home\/me\/\.snowflake\/connections\.toml, line 1, column 12/,
      );
      expect(attempt(undefined, undefined, { SNOWFLAKE_CONNECTIONS: broken })).toThrow(
        /^(?!.*hunter2)env:SNOWFLAKE_CONN/,
      );
    });

    it('reads what the Node driver cannot: dotted keys, dates without a time, mixed arrays', () => {
      const modern = file('connections.toml', 'a.account = "x"\n[b]\nday = 1979-05-27\nmixed = [1, "two"]\n');
      expect(
        Object.keys((snowflakeTree(undefined, modern, {}) as never)['secrets']['snowflake']['connections']),
      ).toEqual(['a', 'b']);
    });
  });
});
