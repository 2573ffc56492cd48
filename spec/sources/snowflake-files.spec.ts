import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { snowflakeFiles } from '../../src/sources/index.ts';
import { firstState, messageOf, secretsOf, States } from './support/states.ts';
import { tempDirs } from './support/temp-dir.ts';

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
