import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createConnections, inline } from 'hotline';
import { runInChild } from './support/child.ts';
import { clockKind } from './support/clock.ts';

describe('createConnections', () => {
  const where = process.cwd();
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hotline-create-'));
    for (const place of ['home', 'work']) await mkdir(join(directory, place, '.streamlit'), { recursive: true });
    process.chdir(join(directory, 'work'));
  });
  afterEach(async () => {
    process.chdir(where);
    await rm(directory, { recursive: true, force: true });
  });

  const write = (place: string, text: string): Promise<void> =>
    writeFile(join(directory, place, '.streamlit', 'secrets.toml'), text);

  it('reads what Streamlit reads, when nobody says otherwise: the user, then the project over it', async () => {
    await write('home', '[connections.wall]\nzone = "UTC"\nkey = "of the user"\n');
    await write('work', '[connections.wall]\nzone = "CET"\n');
    process.chdir(where);
    // In a process of its own, because the home directory is that of the process.
    const ended = await runInChild(`
      process.env.HOME = process.env.USERPROFILE = ${JSON.stringify(join(directory, 'home'))};
      process.chdir(${JSON.stringify(join(directory, 'work'))});
      const { createConnections, BaseConnection } = load('src/index.ts');
      class Clock extends BaseConnection { connect(config) { return { ...config }; } }
      const hot = createConnections();
      console.log(await (await hot.connection('wall', { type: Clock })).use((raw) => JSON.stringify(raw)));
      await hot.close();
    `);
    expect(ended).toEqual({ code: 0, stopped: false, stdout: '{"zone":"CET","key":"of the user"}\n', stderr: '' });
  });

  it('needs neither file, but says where it looked', async () => {
    const hot = createConnections();
    const { ClockConnection } = clockKind();
    const refused = hot.connection('wall', { type: ClockConnection });
    await expect(refused).rejects.toMatchObject({ code: 'missing_config', connection: 'wall' });
    await expect(refused).rejects.toThrow('secrets.toml');
    await hot.close();
  });

  it('takes other sources instead, and leaves the files alone', async () => {
    await write('work', 'broken =');
    const { ClockConnection } = clockKind();
    const hot = createConnections({ sources: [inline({ connections: { wall: { zone: 'UTC' } } })] });
    const clock = await hot.connection('wall', { type: ClockConnection });
    expect(await clock.use(({ config }) => config['zone'])).toBe('UTC');
    await hot.close();
  });

  it('keeps registries apart', async () => {
    const { ClockConnection, opened } = clockKind();
    const sources = [inline({ connections: { wall: { zone: 'UTC' } } })];
    const [one, other] = [createConnections({ sources }), createConnections({ sources })];
    await one.connection('wall', { type: ClockConnection });
    await other.connection('wall', { type: ClockConnection });
    await one.close();
    expect(opened.map(({ closed }) => closed)).toEqual([true, false]);
    await other.close();
  });

  it('refuses a policy of the wrong shape at once', () => {
    expect(() => createConnections({ ttl: 'soon' as never })).toThrow(
      expect.objectContaining({ code: 'invalid_policy' }),
    );
  });

  it('can be disposed of', async () => {
    const { ClockConnection, opened } = clockKind();
    const hot = createConnections({ sources: [inline({ connections: { wall: { zone: 'UTC' } } })] });
    await hot.connection('wall', { type: ClockConnection });
    await hot[Symbol.asyncDispose]();
    expect(opened.map(({ closed }) => closed)).toEqual([true]);
    await expect(hot.connection('wall', { type: ClockConnection })).rejects.toMatchObject({ code: 'closed' });
  });
});
