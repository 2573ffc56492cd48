import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { secretsDirectory, tomlFile } from '../../src/sources/index.ts';
import { readDirectory } from '../../src/sources/secrets-directory.ts';
import { unreadableMeanwhile } from './support/as-nobody.ts';
import { States, firstState, messageOf, secretsOf } from './support/states.ts';
import { tempDirs } from './support/temp-dir.ts';

describe('secretsDirectory', () => {
  const tempDir = tempDirs();

  async function put(root: string, files: Record<string, string>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, name)), { recursive: true });
      await writeFile(join(root, name), text);
    }
  }

  async function mounted(files: Record<string, string>): Promise<string> {
    const root = await tempDir();
    await put(root, files);
    return root;
  }

  /** As the kubelet does it: a new directory, swapped in by one rename, links to what is in it, the old one removed. */
  async function publish(root: string, version: string, files: Record<string, string>): Promise<void> {
    await put(join(root, `..${version}`), files);
    await symlink(`..${version}`, join(root, '..data_tmp'));
    await rename(join(root, '..data_tmp'), join(root, '..data'));
    for (const name of new Set(Object.keys(files).map((file) => file.split('/')[0]!)))
      await symlink(join('..data', name), join(root, name)).catch(() => undefined);
  }

  it('2.C 36 folders are tables and files are strings, trusted, at any depth', async () => {
    const root = await mounted({
      'login/username': 'u\n',
      'login/password': 'p',
      'token/token': 't',
      flat: 'f',
      'a/b/c/d': 'x',
    });
    const state = await firstState(secretsDirectory(root));
    expect(secretsOf(state)).toEqual({
      login: { username: 'u', password: 'p' },
      token: { token: 't' },
      flat: 'f',
      a: { b: { c: { d: 'x' } } },
    });
    expect(state.trust).toBe('local');
    expect(state.state === 'loaded' && state.originOf!(['login', 'username'])).toBe(join(root, 'login', 'username'));
  });

  it('2.C 38 the layout of Kubernetes is read once, without what starts with two dots', async () => {
    const root = await tempDir();
    await publish(root, '2024_1', { user: 'u', 'tls.crt': 'c', 'db/user': 'd' });
    expect(secretsOf(await firstState(secretsDirectory(root)))).toEqual({
      user: 'u',
      'tls.crt': 'c',
      db: { user: 'd' },
    });
  });

  it('2.C 40 a missing directory is missing, without an error when it is optional', async () => {
    const root = join(await tempDir(), 'absent');
    expect(await firstState(secretsDirectory(root, { optional: true }))).toEqual({ state: 'missing', trust: 'local' });
    expect(await firstState(secretsDirectory(root))).toMatchObject({
      state: 'missing',
      error: { code: 'source_missing' },
    });
  });

  it('2.C 41 a missing file beside it harms nothing', async () => {
    const root = await mounted({ a: '1' });
    expect((await firstState(tomlFile(join(root, 'x.toml'), { optional: true }))).state).toBe('missing');
    expect(secretsOf(await firstState(secretsDirectory(root)))).toEqual({ a: '1' });
  });

  it('2.C 43 2.C 46 a second file in a folder, and a new folder, leave the shape of the rest as it was', async () => {
    const root = await mounted({ 'token/token': 't' });
    const states = new States(secretsDirectory(root));
    await states.until(() => states.all.length === 1);
    await put(root, { 'token/second': 's' });
    await states.until(() => states.all.length === 2);
    await put(root, { 'fresh/key': 'k' });
    await states.first(
      (state) => state.state === 'loaded' && (state.secrets['fresh'] as { key?: string })?.key === 'k',
    );
    expect([states.all[0]!, states.all[1]!, states.all.at(-1)!].map(secretsOf)).toEqual([
      { token: { token: 't' } },
      { token: { token: 't', second: 's' } },
      { token: { token: 't', second: 's' }, fresh: { key: 'k' } },
    ]);
    states.stop();
  });

  it('2.C 45 a file that changes inside of a folder is read again', async () => {
    const root = await mounted({ 'login/password': 'old', 'login/user': 'u' });
    const states = new States(secretsDirectory(root));
    await states.until(() => states.all.length === 1);
    await put(root, { 'login/password': 'new' });
    await states.until(() => states.all.length === 2);
    expect(secretsOf(states.all[1]!)).toEqual({ login: { password: 'new', user: 'u' } });
    states.stop();
  });

  it('2.C 48 a connection can be mounted as one file', async () => {
    const root = await mounted({ 'connections/pets.toml': 'url = "x"', 'connections/wh.json': '{"account":"a"}' });
    expect(secretsOf(await firstState(secretsDirectory(root)))).toEqual({
      connections: { pets: { url: 'x' }, wh: { account: 'a' } },
    });
  });

  it('a Kubernetes swap is one change, keys that come and go included', async () => {
    const root = await tempDir();
    await publish(root, '1', { user: 'u1', password: 'p1', old: 'o' });
    const states = new States(secretsDirectory(root));
    await states.until(() => states.all.length === 1);
    await publish(root, '2', { user: 'u2', password: 'p2', new: 'n' });
    await rm(join(root, 'old'));
    await rm(join(root, '..1'), { recursive: true });
    await states.until(() => states.all.length > 1);
    await states.quiet();
    expect(states.all.map(secretsOf)).toEqual([
      { user: 'u1', password: 'p1', old: 'o' },
      { user: 'u2', password: 'p2', new: 'n' },
    ]);
    states.stop();
  });

  it('an empty directory is loaded and empty', async () => {
    expect(secretsOf(await firstState(secretsDirectory(await tempDir())))).toEqual({});
  });

  it('links to files and to folders elsewhere are followed, and what they lead to is watched', async () => {
    const elsewhere = await mounted({ 'db/user': 'u1', token: 't1' });
    const root = await tempDir();
    await symlink(join(elsewhere, 'db'), join(root, 'db'));
    await symlink(join(elsewhere, 'token'), join(root, 'token'));
    await symlink(join(elsewhere, 'nowhere'), join(root, 'dangling'));
    const states = new States(secretsDirectory(root));
    await states.until(() => states.all.length === 1);
    await put(elsewhere, { 'db/user': 'u2' });
    await states.until(() => states.all.length === 2);
    await put(elsewhere, { token: 't2' });
    await states.until(() => states.all.length === 3);
    expect(states.all.map(secretsOf)).toEqual([
      { db: { user: 'u1' }, token: 't1' },
      { db: { user: 'u2' }, token: 't1' },
      { db: { user: 'u2' }, token: 't2' },
    ]);
    states.stop();
  });

  it('a folder that contains itself has failed, and is read when it does not', async () => {
    const root = await mounted({ 'a/b': '1' });
    await symlink('..', join(root, 'a', 'up'));
    const states = new States(secretsDirectory(root));
    const failed = await states.first(({ state }) => state === 'failed');
    expect(messageOf(failed)).toContain('leads in a circle');
    await rm(join(root, 'a', 'up'));
    expect(secretsOf(await states.first(({ state }) => state === 'loaded'))).toEqual({ a: { b: '1' } });
    states.stop();
  });

  it('a leaf that may not be read fails the source, and is named', async () => {
    const root = await mounted({ 'login/user': 'u', 'login/password': 'p' });
    const source = secretsDirectory(root);
    const states = new States(source);
    await states.until(() => states.all.length === 1);
    await unreadableMeanwhile(join(root, 'login'), async () => {
      await source.look!();
      expect(messageOf(states.all.at(-1)!)).toContain('permission denied');
    });
    states.stop();
  });

  it('a file is no directory', async () => {
    const root = await mounted({ 'x.toml': 'a = 1' });
    const state = await firstState(secretsDirectory(join(root, 'x.toml')));
    expect(state).toMatchObject({ state: 'failed', error: { code: 'source_unreadable' } });
    expect(messageOf(state)).toContain('should be a directory: use tomlFile');
  });
});

describe('directory tree', () => {
  function read(files: Record<string, string | Uint8Array>) {
    return readDirectory(
      '/run/secrets',
      new Map(
        Object.entries(files).map(([name, text]) => [
          name,
          { path: `/real/${name}`, bytes: Buffer.from(text), mode: 0 },
        ]),
      ),
    );
  }

  describe('readDirectory', () => {
    it('2.C 36 a folder is a table, a file a string, and a folder with one file stays a table', () => {
      const files = { 'login/username': 'u', 'login/password': 'p', 'token/token': 't', flat: 'f' };
      expect(secretsOf(read(files))).toEqual({
        login: { username: 'u', password: 'p' },
        token: { token: 't' },
        flat: 'f',
      });
    });

    it('takes the white space off both ends of a string, and nothing in the middle', () => {
      expect(secretsOf(read({ key: '\n  -----BEGIN-----\nabc\n-----END-----\n \n' }))).toEqual({
        key: '-----BEGIN-----\nabc\n-----END-----',
      });
    });

    it('2.C 48 a leaf of TOML or JSON is a table, so that connections can be mounted', () => {
      const files = {
        'connections/pets.toml': 'url = "x"\nport = 1',
        'connections/wh.JSON': '{"account":"a"}',
        'a/b/c/d': 'deep',
      };
      expect(secretsOf(read(files))).toEqual({
        connections: { pets: { url: 'x', port: 1 }, wh: { account: 'a' } },
        a: { b: { c: { d: 'deep' } } },
      });
    });

    it('knows the file of each value', () => {
      const state = read({ 'connections/pets.toml': 'url = "x"', token: 't' });
      const originOf = state.state === 'loaded' ? state.originOf! : () => undefined;
      expect(originOf(['connections', 'pets', 'url'])).toBe(join('/run/secrets', 'connections/pets.toml'));
      expect(originOf(['token'])).toBe(join('/run/secrets', 'token'));
    });

    it.each<[string, Record<string, string | Uint8Array>, string]>([
      [
        'two files of one name',
        { 'pets.toml': 'a = 1', 'pets.json': '{}' },
        'pets.toml and /run/secrets/pets.json are at the same path',
      ],
      [
        'a file and a folder of one name',
        { 'pets.toml': 'a = 1', 'pets/url': 'x' },
        'is inside of /run/secrets/pets.toml',
      ],
      ['broken TOML', { 'a/pets.toml': 'password = hunter2-secret' }, '/run/secrets/a/pets.toml, line 1, column 12'],
      ['broken JSON', { 'pets.json': '{"a" hunter2-secret' }, '/run/secrets/pets.json, line 1'],
      ['what is not UTF-8', { 'login/key': Uint8Array.of(0xff, 0xfe) }, '/run/secrets/login/key is not UTF-8'],
      ['an unsafe name', { '__proto__/x': '1' }, '__proto__'],
    ])('refuses %s, and names the file', (_, files, message) => {
      expect(() => read(files)).toThrow(message);
      expect(() => read(files)).not.toThrow('hunter2');
    });
  });
});
