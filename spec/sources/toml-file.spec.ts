import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { tomlFile } from '../../src/sources/index.ts';
import { firstState, messageOf, secretsOf, States } from './support/states.ts';
import { tempDirs } from './support/temp-dir.ts';

describe('tomlFile', () => {
  const tempDir = tempDirs();

  it('loads a file, trusted, and reads it again when it changes', async () => {
    const path = join(await tempDir(), 'secrets.toml');
    await writeFile(path, '[connections.pets]\nurl = "sqlite://pets.db"\n');
    const source = tomlFile(path);
    const states = new States(source);
    const first = await states.first(({ state }) => state === 'loaded');
    expect(secretsOf(first)).toEqual({ connections: { pets: { url: 'sqlite://pets.db' } } });
    expect(first.trust).toBe('local');
    expect(source.label).toBe(path);
    await writeFile(path, 'a = 2\n');
    await states.first((state) => state.state === 'loaded' && state.secrets['a'] === 2);
    states.stop();
  });

  it('does not show what a broken file says', async () => {
    const path = join(await tempDir(), 'secrets.toml');
    await writeFile(path, 'a = 1\npassword = "hunter2-secret\n');
    const state = await firstState(tomlFile(path));
    expect(messageOf(state)).toContain(`${path}, line 2, column 27: `);
    expect(JSON.stringify([state, messageOf(state), state.state === 'failed' && state.error.stack])).not.toContain(
      'hunter2',
    );
  });
});
