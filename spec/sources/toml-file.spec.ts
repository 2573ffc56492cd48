import { unlinkSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, rename, rm, stat, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { asyncScheduler, config, filter, firstValueFrom, map } from 'rxjs';
import { secretsFeed, type Secrets } from '../../src/secrets/index.ts';
import { inline, tomlFile } from '../../src/sources/index.ts';
import { runInChild } from '../support/child.ts';
import { unreadableMeanwhile } from './support/as-nobody.ts';
import { firstState, messageOf, secretsOf, States } from './support/states.ts';
import { tempDirs } from './support/temp-dir.ts';
import { deepIt } from '../support/depth.ts';

describe('tomlFile', () => {
  const tempDir = tempDirs();

  async function written(text: string | Uint8Array, name = 'secrets.toml'): Promise<string> {
    const path = join(await tempDir(), name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  }

  it('loads a file, trusted, and reads it again when it changes', async () => {
    const path = await written('[connections.pets]\nurl = "sqlite://pets.db"\n');
    const source = tomlFile(path);
    const states = new States(source);
    const first = await states.first(({ state }) => state === 'loaded');
    expect(secretsOf(first)).toEqual({ connections: { pets: { url: 'sqlite://pets.db' } } });
    expect(first.trust).toBe('local');
    expect(source.label).toBe(path);
    await writeFile(path, 'a = 2\n');
    await states.value('a', 2);
    states.stop();
  });

  describe('2.A reading', () => {
    it('2.A 8 two files of which one is there: the other is missing, without an error when it is optional', async () => {
      const path = await written('a = 1');
      const absent = join(await tempDir(), 'secrets.toml');
      expect(secretsOf(await firstState(tomlFile(path)))).toEqual({ a: 1 });
      expect(await firstState(tomlFile(absent, { optional: true }))).toEqual({ state: 'missing', trust: 'local' });
    });

    it('a file that is not optional and not there is an error that says what to do', async () => {
      const path = join(await tempDir(), 'secrets.toml');
      const state = await firstState(tomlFile(path));
      expect(state).toMatchObject({ state: 'missing', error: { code: 'source_missing' } });
      expect(messageOf(state)).toBe(`${path} is not there. Create it, or mark it { optional: true }.`);
    });

    it('2.A 13 an empty file is loaded and empty', async () => {
      expect(secretsOf(await firstState(tomlFile(await written(''))))).toEqual({});
    });

    it('2.A 15 2.A 16 a malformed file is a failed one, and shows nothing of what it says', async () => {
      const path = await written('a = 1\npassword = "hunter2-secret\n');
      const state = await firstState(tomlFile(path));
      expect(state).toMatchObject({ state: 'failed', error: { code: 'source_invalid' } });
      expect(messageOf(state)).toContain(`${path}, line 2, column 27: `);
      expect(JSON.stringify([state, messageOf(state), state.state === 'failed' && state.error.stack])).not.toContain(
        'hunter2',
      );
    });

    it('2.A 20 invalid UTF-8 is an error that names the file; it is not read as something else', async () => {
      const path = await written(Uint8Array.of(0x61, 0x3d, 0x22, 0xff, 0x22));
      const state = await firstState(tomlFile(path));
      expect(state).toMatchObject({ state: 'failed', error: { code: 'source_unreadable' } });
      expect(messageOf(state)).toContain(`${path} is not UTF-8`);
    });

    it('2.A 28 ~ is the home directory, and a relative path starts where the program was when it was named', async () => {
      const home = await tempDir();
      await writeFile(join(home, 'x.toml'), 'a = 1');
      const { stdout } = await runInChild(`
        process.env.HOME = process.env.USERPROFILE = ${JSON.stringify(home)};
        const { tomlFile } = load('src/sources/index.ts');
        tomlFile('~/x.toml').subscribe(({ state }) => console.log(state));
        await new Promise((resolve) => setTimeout(resolve, 300));
      `);
      expect(stdout).toMatch(/^loaded\n/);
      expect(tomlFile('some/x.toml').label).toBe(resolve('some/x.toml'));
    });

    deepIt('a user without a home reads absolute paths, and hears what ~ lacks', async () => {
      const { stdout, stderr } = await runInChild(`
        const { tomlFile, secretsDirectory, snowflakeFiles } = load('src/sources/index.ts');
        const { displayPath } = load('src/cli/text.ts');
        const { createConnections } = load('src/create-connections.ts');
        delete process.env.HOME;
        // Only root may become a user that the system does not know; elsewhere Node.js is made to say what it says of one.
        if (process.getuid?.() === 0) process.setuid(54321);
        else require('node:os').homedir = () => { throw new Error('uv_os_homedir returned ENOENT'); };
        console.log(tomlFile('/a/x.toml').label, secretsDirectory('/a').label, displayPath('/a/x.toml'));
        for (const open of [() => tomlFile('~/x.toml'), () => snowflakeFiles({ env: {} })])
          try { open(); } catch (error) { console.log(error.code, error.message); }
        require('rxjs').firstValueFrom(createConnections().sources$).then((sources) => console.log(sources.length));
      `);
      const lacking =
        'invalid_argument path: ~ is the home directory, and this user has none. Set HOME, or write an absolute path.';
      expect({ stdout, stderr }).toEqual({ stdout: `/a/x.toml /a /a/x.toml\n${lacking}\n${lacking}\n1\n`, stderr: '' });
    });

    it('2.A 30 a directory of that name is read as a directory', async () => {
      const path = join(await tempDir(), 'dir.toml');
      await mkdir(join(path, 'login'), { recursive: true });
      await writeFile(join(path, 'login', 'password'), 'p\n');
      expect(secretsOf(await firstState(tomlFile(path)))).toEqual({ login: { password: 'p' } });
    });

    it('a byte order mark is no part of the first key, and X.TOML is a file like others', async () => {
      expect(secretsOf(await firstState(tomlFile(await written('\uFEFFa = 1', 'X.TOML'))))).toEqual({ a: 1 });
    });
  });

  describe('2.D hot reload', () => {
    it('2.D 51 2.D 53 a comment, another order of keys, and touch: nobody is told of new secrets', async () => {
      const path = await written('a = 1\nb = 2\n');
      const states = new States(tomlFile(path));
      const snapshots: Secrets[] = [];
      const feed = secretsFeed({ sources: [tomlFile(path)], scheduler: asyncScheduler });
      feed.secrets$.subscribe((secrets) => snapshots.push(secrets));
      await states.value('a', 1);
      await utimes(path, new Date(), new Date());
      await states.quiet();
      expect(states.all).toHaveLength(1);
      await writeFile(path, '# why\nb = 2\na = 1\n');
      await states.until(() => states.all.length === 2);
      await states.quiet();
      expect(snapshots).toHaveLength(1);
      feed.close();
      states.stop();
    });

    it('2.D 55 2.D 56 good, malformed, mended: one state each, and the same content as before counts as mended', async () => {
      const path = await written('a = 1');
      const states = new States(tomlFile(path));
      await states.value('a', 1);
      await writeFile(path, 'a = ');
      await states.first(({ state }) => state === 'failed');
      await writeFile(path, 'a = 1');
      await states.until(() => states.all.length === 3);
      await writeFile(path, 'a = 2');
      await states.value('a', 2);
      expect(states.all.map(({ state }) => state)).toEqual(['loaded', 'failed', 'loaded', 'loaded']);
      states.stop();
    });

    it('2.D 58 a deleted file is missing, and is read when it comes back', async () => {
      const path = await written('a = 1');
      const states = new States(tomlFile(path));
      await states.value('a', 1);
      await unlink(path);
      await states.first(({ state }) => state === 'missing');
      await writeFile(path, 'a = 2', { mode: 0o600 });
      await states.value('a', 2);
      expect(states.all.map(({ state }) => state)).toEqual(['loaded', 'missing', 'loaded']);
      states.stop();
    });

    it('2.D 60 deleted and at once created again: one change, and it was never missing', async () => {
      const path = await written('a = 1');
      const states = new States(tomlFile(path));
      await states.value('a', 1);
      unlinkSync(path);
      writeFileSync(path, 'a = 2', { mode: 0o600 });
      await states.value('a', 2);
      await states.quiet();
      expect(states.all.map(({ state }) => state)).toEqual(['loaded', 'loaded']);
      states.stop();
    });

    it('2.D 61 2.D 66 a file that is created later is seen, with its folders', async () => {
      const path = join(await tempDir(), 'a', 'b', 'secrets.toml');
      const states = new States(tomlFile(path, { optional: true }));
      await states.first(({ state }) => state === 'missing');
      await mkdir(join(path, '..'), { recursive: true });
      await writeFile(path, 'a = 1');
      await states.value('a', 1);
      states.stop();
    });

    it('2.D 65 what the program holds is not touched by a file that is saved badly', async () => {
      const path = await written('a = 1');
      const states = new States(tomlFile(path));
      const held = new States(inline({ b: 1 }));
      await states.value('a', 1);
      await writeFile(path, 'a = ');
      await states.first(({ state }) => state === 'failed');
      expect(held.all.map(secretsOf)).toEqual([{ b: 1 }]);
      states.stop();
    });
  });

  describe('bad input', () => {
    it('a file that becomes a directory has failed, and is read when it is a file again', async () => {
      const path = await written('a = 1');
      const states = new States(tomlFile(path));
      await states.value('a', 1);
      await unlink(path);
      await mkdir(path);
      const failed = await states.first(({ state }) => state === 'failed');
      expect(failed).toMatchObject({ error: { code: 'source_unreadable' } });
      expect(messageOf(failed)).toContain(`${path} has become a directory`);
      await rm(path, { recursive: true });
      await writeFile(path, 'a = 2');
      await states.value('a', 2);
      states.stop();
    });

    it('permission denied has failed, and is read when it may be', async () => {
      const path = await written('a = 1');
      const source = tomlFile(path);
      const states = new States(source);
      await states.value('a', 1);
      await unreadableMeanwhile(path, async () => {
        await source.look!();
        const failed = states.all.at(-1)!;
        expect(failed).toMatchObject({ state: 'failed', error: { code: 'source_unreadable' } });
        expect(messageOf(failed)).toContain('permission denied');
      });
      await source.look!();
      expect(secretsOf(states.all.at(-1)!)).toEqual({ a: 1 });
      states.stop();
    });

    it('a link that leads in a circle has failed, and is read when it leads to a file', async () => {
      const directory = await tempDir();
      const path = join(directory, 'secrets.toml');
      await symlink('other.toml', path);
      await symlink('secrets.toml', join(directory, 'other.toml'));
      const states = new States(tomlFile(path));
      const failed = await states.first(({ state }) => state === 'failed');
      expect(messageOf(failed)).toContain('is a link that leads in a circle');
      await writeFile(join(directory, 'new'), 'a = 1');
      await rename(join(directory, 'new'), join(directory, 'other.toml'));
      await states.value('a', 1);
      states.stop();
    });

    it('what is neither a file nor a directory has failed', async () => {
      const state = await firstState(tomlFile('/dev/null'));
      expect(messageOf(state)).toBe('/dev/null is neither a file nor a directory.');
    });

    it('a file inside of a file is missing', async () => {
      expect((await firstState(tomlFile(join(await written('a = 1'), 'x.toml')))).state).toBe('missing');
    });

    it('ten megabytes and ten thousand sections are read', async () => {
      const sections = Array.from({ length: 10_000 }, (_, i) => `[connections.c${i}]\nurl = "u${i}"`).join('\n');
      const state = await firstState(tomlFile(await written(`long = "${'x'.repeat(10_000_000)}"\n${sections}`)));
      expect(state.state === 'loaded' && Object.keys(state.secrets['connections'] as object)).toHaveLength(10_000);
    });

    it('a thousand and a hundred thousand levels are one clear error to those who keep the secrets', async () => {
      for (const levels of [1_000, 100_000]) {
        const path = await written(`[${Array.from({ length: levels }, () => 'a').join('.')}]`);
        const feed = secretsFeed({ sources: [tomlFile(path)], scheduler: asyncScheduler });
        const failed$ = feed.sources$.pipe(
          map(([status]) => status!),
          filter(({ state }) => state === 'failed'),
        );
        const { error } = await firstValueFrom(failed$);
        expect(error!.code).toBe('source_invalid');
        expect(error!.message).toContain('levels deep');
        feed.close();
      }
    });

    it('a subscriber that throws harms nobody else, and the watching goes on', async () => {
      const path = await written('a = 1');
      const thrown: unknown[] = [];
      config.onUnhandledError = (error) => void thrown.push(error);
      try {
        const source = tomlFile(path);
        const faulty = source.subscribe(() => {
          throw new Error('mine');
        });
        const states = new States(source);
        await states.value('a', 1);
        await writeFile(path, 'a = 2');
        await states.value('a', 2);
        await states.quiet();
        expect(thrown).toEqual([new Error('mine'), new Error('mine')]);
        faulty.unsubscribe();
        states.stop();
      } finally {
        config.onUnhandledError = null;
      }
    });
  });

  it('refuses a settle time that is none', () => {
    expect(() => tomlFile('x.toml', { settle: Infinity })).toThrow('settle');
    expect(() => tomlFile('x.toml', { settle: 'soon' as never })).toThrow('settle');
  });

  it('warns of a file that others can read, and takes it back', async () => {
    const path = await written('a = 1');
    await chmod(path, 0o644);
    const states = new States(tomlFile(path));
    const warned = await states.first((state) => state.state === 'loaded' && state.warnings !== undefined);
    expect(warned).toMatchObject({ warnings: [{ code: 'readable_by_others' }] });
    await chmod(path, 0o600);
    await states.until(() => states.all.at(-1) !== warned);
    expect(states.all.at(-1)).not.toHaveProperty('warnings');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    states.stop();
  });

  it('asks by itself where nobody tells of changes', async () => {
    const path = await written('a = 1');
    const states = new States(tomlFile(path, { usePolling: true }));
    await states.value('a', 1);
    await writeFile(path, 'a = 2');
    await states.value('a', 2);
    states.stop();
  });

  it('serves many subscribers with one watch, the newcomer at once with what is known', async () => {
    const path = await written('a = 1');
    const source = tomlFile(path);
    const states = new States(source);
    await states.value('a', 1);
    const late = new States(source);
    expect(late.all).toEqual(states.all);
    states.stop();
    await writeFile(path, 'a = 2');
    await late.value('a', 2);
    late.stop();
    expect(secretsOf(await firstState(source))).toEqual({ a: 2 });
  });

  it('looks again when asked to, without waiting for anything', async () => {
    const path = await written('a = 1');
    const source = tomlFile(path, { settle: '1h' });
    const states = new States(source);
    await states.value('a', 1);
    await writeFile(path, 'a = 2');
    await source.look!();
    expect(secretsOf(states.all.at(-1)!)).toEqual({ a: 2 });
    states.stop();
    await source.look!();
  });

  deepIt('does not keep the process alive', async () => {
    const path = await written('a = 1');
    const ended = await runInChild(`
      const { tomlFile } = load('src/sources/index.ts');
      tomlFile(${JSON.stringify(path)}).subscribe((state) => console.log(state.state));
      await new Promise((resolve) => setTimeout(resolve, 500));
    `);
    expect(ended).toMatchObject({ code: 0, stopped: false, stdout: 'loaded\n' });
  });
});
