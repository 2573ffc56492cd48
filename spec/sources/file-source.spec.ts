import { chmod, mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { filter, firstValueFrom } from 'rxjs';
import { SourceError } from '../../src/errors/index.ts';
import {
  dotenvFile,
  fileSource,
  jsonFile,
  secretsDirectory,
  snowflakeFiles,
  tomlFile,
  watchFile$,
  type FileContent,
} from '../../src/sources/index.ts';
import { firstState, States, messageOf, secretsOf } from './support/states.ts';
import { tempDirs } from './support/temp-dir.ts';

describe('fileSource', () => {
  const tempDir = tempDirs();

  async function source(parse: (text: string) => string) {
    const path = join(await tempDir(), 'x');
    await writeFile(path, 'one', { mode: 0o600 });
    const made = fileSource(path, (bytes) => ({ text: parse(Buffer.from(bytes).toString()) }));
    return { path, states: new States(made) };
  }

  it('parses what is new, and only that', async () => {
    const parsed: string[] = [];
    const { path, states } = await source((text) => (parsed.push(text), text));
    await states.value('text', 'one');
    await writeFile(path, 'one');
    await states.quiet();
    await writeFile(path, 'two');
    await states.value('text', 'two');
    await states.quiet();
    expect(parsed).toEqual(['one', 'two']);
    states.stop();
  });

  it('makes a state of whatever is thrown, and shows nothing of what it does not know', async () => {
    const { path, states } = await source((text) => {
      if (text === 'two') return text;
      throw text === 'one' ? new SourceError('source_invalid', 'mine') : new TypeError('a secret: hunter2');
    });
    expect(messageOf(await states.first(({ state }) => state === 'failed'))).toBe('mine');
    await writeFile(path, 'two');
    await states.value('text', 'two');
    await writeFile(path, 'three');
    await states.until(() => states.all.length === 3);
    expect(states.all[2]).toMatchObject({ state: 'failed', error: { code: 'source_invalid' } });
    expect(messageOf(states.all[2]!)).toBe(`${path} cannot be read. Mend it; what was loaded before stays in use.`);
    states.stop();
  });

  it('adds what is wrong with the file behind its state, with the same secrets', async () => {
    const { path, states } = await source((text) => text);
    await states.value('text', 'one');
    await chmod(path, 0o604);
    await states.until(() => states.all.length === 2);
    const [plain, warned] = states.all;
    expect(warned).toMatchObject({ state: 'loaded', warnings: [{ code: 'readable_by_others' }] });
    expect(plain).not.toHaveProperty('warnings');
    states.stop();
  });
});

describe('fileSource with a parser of the user', () => {
  const tempDir = tempDirs();

  async function written(text: string, name = 'secrets.x'): Promise<string> {
    const path = join(await tempDir(), name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  }

  it('takes a promise, tells the parser the path, and keeps its own bytes', async () => {
    const path = await written('one');
    const states = new States(
      fileSource(path, async (bytes, { path }) => {
        const text = Buffer.from(bytes).toString();
        bytes.fill(0);
        return Promise.resolve({ text, path });
      }),
    );
    expect(secretsOf(await states.value('text', 'one'))).toEqual({ text: 'one', path });
    await writeFile(path, 'two');
    await states.value('text', 'two');
    expect(states.all.at(-1)).toMatchObject({ trust: 'local' });
    states.stop();
  });

  it('drops the result for what has changed meanwhile', async () => {
    const path = await written('slow');
    const waiting: (() => void)[] = [];
    const source = fileSource(path, async (bytes) => {
      const text = Buffer.from(bytes).toString();
      if (text === 'slow') await new Promise<void>((resolve) => waiting.push(resolve));
      return { text };
    });
    const states = new States(source);
    await states.until(() => waiting.length === 1);
    await writeFile(path, 'fast');
    await states.value('text', 'fast');
    waiting[0]!();
    await states.quiet();
    expect(states.all.map(secretsOf)).toEqual([{ text: 'fast' }]);
    states.stop();
  });

  describe('in the time of the spec', () => {
    afterEach(() => void jest.useRealTimers());

    it('gives a parser that never ends 30 s, and takes what it gives later', async () => {
      const path = await written('one');
      let end: ((value: { text: string }) => void) | undefined;
      jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
      const states = new States(fileSource(path, () => new Promise((resolve) => (end = resolve))));
      while (!end) await new Promise((resolve) => setImmediate(resolve));
      jest.advanceTimersByTime(29_000);
      expect(states.all).toEqual([]);
      jest.advanceTimersByTime(1_001);
      expect(states.all).toMatchObject([{ state: 'failed', error: { code: 'source_silent' } }]);
      expect(messageOf(states.all[0]!)).toContain(`${path}: parse has not ended within 30 s.`);
      end({ text: 'late' });
      expect(secretsOf(await states.value('text', 'late'))).toEqual({ text: 'late' });
      states.stop();
    });
  });

  it('looks until the promise has ended', async () => {
    const path = await written('one');
    const source = fileSource(path, async (bytes) => {
      await new Promise((resolve) => setImmediate(resolve));
      return { text: Buffer.from(bytes).toString() };
    });
    const states = new States(source);
    await states.value('text', 'one');
    await writeFile(path, 'two');
    await source.look!();
    expect(secretsOf(states.all.at(-1)!)).toEqual({ text: 'two' });
    states.stop();
  });

  it.each([
    ['rejects', () => Promise.reject(new TypeError('hunter2'))],
    ['gives no table', () => 'hunter2' as never],
    ['gives what no source can hold', () => ({ password: () => 'hunter2' })],
    ['gives nothing', () => undefined as never],
  ])('has failed when the parser %s', async (_what, parse) => {
    const state = await firstState(fileSource(await written('x'), parse));
    expect(state).toMatchObject({ state: 'failed', error: { code: 'source_invalid' } });
    expect(messageOf(state)).toContain('secrets.x');
    expect(messageOf(state)).not.toContain('hunter2');
  });

  it('has failed for a directory, also an empty one, until the file takes its place', async () => {
    const path = join(await tempDir(), 'secrets.json');
    await mkdir(path);
    const states = new States(jsonFile(path));
    const failed = await states.first(({ state }) => state === 'failed');
    expect(failed).toMatchObject({ error: { code: 'source_unreadable' } });
    await rmdir(path);
    await writeFile(path, '{ "a": 1 }');
    await states.value('a', 1);
    states.stop();
  });

  it('refuses a parser that is none', () => {
    expect(() => fileSource('x', undefined as never)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
    expect(() => fileSource('x', { optional: true } as never)).toThrow('parse: expected a function');
  });
});

describe('jsonFile', () => {
  const tempDir = tempDirs();

  it('reads a file again when it changes, and says where it is broken', async () => {
    const path = join(await tempDir(), 'secrets.json');
    expect(await firstState(jsonFile(path, { optional: true }))).toEqual({ state: 'missing', trust: 'local' });
    await writeFile(path, '\ufeff{ "a": { "b": [1, null] } }', { mode: 0o600 });
    const states = new States(jsonFile(path));
    expect(secretsOf(await states.first(({ state }) => state === 'loaded'))).toEqual({ a: { b: [1, null] } });
    await writeFile(path, '{\n  "password": "hunter2"\n  "a": 1 }');
    const failed = await states.first(({ state }) => state === 'failed');
    expect(messageOf(failed)).toContain(`${path}, line 3, column 3, is not valid JSON`);
    expect(messageOf(failed)).not.toContain('hunter2');
    await writeFile(path, '{ "a": 2 }');
    await states.value('a', 2);
    states.stop();
  });

  it.each([
    ['secrets.json', '{ "a": 1 }', 'jsonFile'],
    ['SECRETS.JSON', '{ "a": 1 }', 'jsonFile'],
    ['.env', 'DATABASE_URL=postgres://db', 'dotenvFile'],
    ['app.env.local', 'DATABASE_URL=postgres://db', 'dotenvFile'],
  ])('is named by tomlFile for %s, which is no TOML', async (name, text, right) => {
    const path = join(await tempDir(), name);
    await writeFile(path, text, { mode: 0o600 });
    const state = await firstState(tomlFile(path));
    expect(state).toMatchObject({ state: 'failed', error: { code: 'source_invalid' } });
    expect(messageOf(state)).toContain(`By its name it is read by ${right}, not by tomlFile.`);
    await writeFile(path, 'a = 1');
    expect(secretsOf(await firstState(tomlFile(path)))).toEqual({ a: 1 });
  });
});

describe('dotenvFile', () => {
  const tempDir = tempDirs();

  it('reads what Node reads, by prefix and by map, again when it changes, and leaves the environment alone', async () => {
    const path = join(await tempDir(), '.env');
    const text =
      '# mine\nexport HOTLINE__CONNECTIONS__PETS__PASSWORD="a b # c"\nDATABASE_URL=sqlite://one # here\nOTHER=1\n';
    await writeFile(path, text, { mode: 0o600 });
    const states = new States(dotenvFile(path, { map: { DATABASE_URL: 'connections.pets.url' } }));
    expect(secretsOf(await states.first(({ state }) => state === 'loaded'))).toEqual({
      connections: { pets: { password: 'a b # c', url: 'sqlite://one' } },
    });
    await writeFile(path, 'DATABASE_URL=sqlite://two');
    await states.until(() => states.all.length === 2);
    expect(secretsOf(states.all[1]!)).toEqual({ connections: { pets: { url: 'sqlite://two' } } });
    expect(process.env['DATABASE_URL']).toBeUndefined();
    states.stop();
  });

  it('takes all names with an empty prefix, and says which two are at one path', async () => {
    const path = join(await tempDir(), '.env');
    await writeFile(path, 'OPENAI__API_KEY=x\nPORT=1', { mode: 0o600 });
    expect(secretsOf(await firstState(dotenvFile(path, { prefix: '' })))).toEqual({
      openai: { api_key: 'x' },
      port: '1',
    });
    await writeFile(path, 'PORT=hunter2\nport=2');
    const state = await firstState(dotenvFile(path, { prefix: '' }));
    expect(messageOf(state)).toContain(`${path}: port and PORT are at the same path`);
  });
});

describe('file: URLs', () => {
  const tempDir = tempDirs();

  it('are paths for every source that is made of files, as text and as URL', async () => {
    const folder = join(await tempDir(), 'with space');
    await mkdir(folder);
    const file = (name: string): URL => pathToFileURL(join(folder, name));
    const state = (source: Parameters<typeof firstState>[0]) => firstState(source).then(({ state }) => state);
    await writeFile(join(folder, 'a.toml'), 'a = 1', { mode: 0o600 });
    await writeFile(join(folder, 'b.json'), '{ "a": 1 }', { mode: 0o600 });
    await writeFile(join(folder, 'connections.toml'), '[pets]\na = 1', { mode: 0o600 });
    for (const form of [(url: URL) => url, String]) {
      expect(await state(tomlFile(form(file('a.toml'))))).toBe('loaded');
      expect(await state(jsonFile(form(file('b.json'))))).toBe('loaded');
      expect(await state(dotenvFile(form(file('a.toml'))))).toBe('loaded');
      expect(await state(secretsDirectory(form(file('.'))))).toBe('loaded');
      expect(await state(snowflakeFiles({ home: form(file('.')), env: {} }))).toBe('loaded');
    }
    expect(tomlFile(file('a.toml')).label).toBe(join(folder, 'a.toml'));
  });

  it.each([
    new URL('https://example.org/x'),
    'file://elsewhere.example/x',
    'file:secrets.toml',
    'file:///a%2fb',
    {},
    7,
    '',
  ])('refuses %p, which is no path of this machine', (path) => {
    expect(() => tomlFile(path as string)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  });
});

describe('watchFile$', () => {
  const tempDir = tempDirs();

  it('tells the text of a file, that it is missing, and that it cannot be read', async () => {
    const path = join(await tempDir(), 'password');
    const said: FileContent[] = [];
    const contents$ = watchFile$(path);
    const subscription = contents$.subscribe((content) => said.push(content));
    const until = async (state: FileContent['state']) => {
      for (let tries = 0; said.at(-1)?.state !== state && tries < 500; tries += 1)
        await new Promise((resolve) => setTimeout(resolve, 10));
      return said.at(-1)!;
    };
    await until('missing');
    await writeFile(path, ' secret\n');
    expect(await until('loaded')).toEqual({ state: 'loaded', text: ' secret\n' });
    await writeFile(path, Uint8Array.of(0xff));
    expect(await until('failed')).toMatchObject({ error: { code: 'source_unreadable' } });
    await rm(path);
    await until('missing');
    await mkdir(path);
    const failed = await until('failed');
    expect(failed.state === 'failed' && failed.error.message).toBe(`${path} is a directory, and should be a file.`);
    subscription.unsubscribe();
  });

  it('begins anew with each subscription', async () => {
    const path = join(await tempDir(), 'password');
    await writeFile(path, 'one');
    const contents$ = watchFile$(path).pipe(filter(({ state }) => state === 'loaded'));
    expect(await firstValueFrom(contents$)).toMatchObject({ text: 'one' });
    await writeFile(path, 'two');
    expect(await firstValueFrom(contents$)).toMatchObject({ text: 'two' });
  });
});
