import { spawn } from 'node:child_process';
import { chmod, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
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
      await writeFile(join(root, name), text, { mode: 0o600 });
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

  it('passes over the litter of editors, desktops and git, and what `ignore` names', async () => {
    const text = { key: 'k', 'db/user': 'u' };
    const litter = [
      '.DS_Store',
      '._key',
      '.key.swp',
      '.key.swo',
      'key~',
      '#key#',
      '4913',
      'db/Thumbs.db',
      '.git/index',
      '.nfs00a1',
    ];
    const root = await mounted({
      ...text,
      ...Object.fromEntries(litter.map((name) => [name, '\u0000'])),
      'x/y': '1',
      'x/z': '2',
    });
    await symlink('somebody@host.1:1', join(root, '.#key'));
    for (const name of litter) await writeFile(join(root, name), Uint8Array.of(0xff, 0xfe));
    const state = await firstState(secretsDirectory(root, { ignore: (path) => path === 'x/y' }));
    expect(secretsOf(state)).toEqual({ key: 'k', db: { user: 'u' }, x: { z: '2' } });
    expect(() => secretsDirectory(root, { ignore: '*.p12' as never })).toThrow(/ignore: expected a function/);
  });

  it('leaves out a file that is no text, with a warning, and goes on with the others', async () => {
    const root = await mounted({ key: 'one' });
    await writeFile(join(root, 'store.p12'), Uint8Array.of(0x30, 0x82, 0xff));
    const states = new States(secretsDirectory(root));
    const state = await states.value('key', 'one');
    expect(secretsOf(state)).toEqual({ key: 'one' });
    expect(state).toMatchObject({
      warnings: [{ code: 'not_text', message: expect.stringContaining(`${root}/store.p12 is no text`) }],
    });
    await put(root, { key: 'two' });
    await states.value('key', 'two');
    states.stop();
  });

  it('keeps the last value of a file that is broken, says so, and reads the others', async () => {
    const root = await mounted({ 'pets.toml': 'a = 1', key: 'one', word: 'w' });
    const states = new States(secretsDirectory(root));
    await states.value('key', 'one');
    await put(root, { 'pets.toml': 'a = ' });
    const failed = await states.first(({ state }) => state === 'failed');
    expect(messageOf(failed)).toContain(`${join(root, 'pets.toml')}, line 1`);
    await writeFile(join(root, 'word'), Uint8Array.of(0xff));
    await put(root, { key: 'two', 'half.toml': 'b = ' });
    const two = await states.value('key', 'two');
    expect(secretsOf(two)).toEqual({ pets: { a: 1 }, key: 'two', word: 'w' });
    await states.until(() => states.all.at(-1)!.state === 'failed');
    await put(root, { 'pets.toml': 'a = 2', 'half.toml': 'b = 1', word: 'v' });
    await states.until(() => states.all.at(-1)!.state === 'loaded');
    expect(secretsOf(states.all.at(-1)!)).toEqual({ pets: { a: 2 }, half: { b: 1 }, key: 'two', word: 'v' });
    states.stop();
  });

  it('with vim open on one file, another one that is rotated is read at once', async () => {
    const root = await mounted({ key: 'one', open: 'o' });
    const vim = spawn('script', ['-qc', 'vim -u NONE open', '/dev/null'], {
      cwd: root,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    try {
      const isOpen = async (): Promise<boolean> => (await readdir(root)).includes('.open.swp');
      for (let tries = 0; !(await isOpen()); tries++) {
        if (tries > 200) throw new Error('vim did not open');
        await new Promise((done) => setTimeout(done, 20));
      }
      const states = new States(secretsDirectory(root));
      await states.value('key', 'one');
      await put(root, { key: 'two' });
      expect(secretsOf(await states.value('key', 'two'))).toEqual({ key: 'two', open: 'o' });
      states.stop();
    } finally {
      vim.stdin.end(':qa!\n\u001b:qa!\n');
      await new Promise((done) => vim.once('exit', done));
    }
  });

  it('warns of a file that is open to others: with chmod, and on a mount of Kubernetes with defaultMode', async () => {
    const root = await mounted({ key: 'k', 'db/user': 'u' });
    await chmod(join(root, 'key'), 0o600);
    await chmod(join(root, 'db/user'), 0o644);
    const warned = async (directory: string): Promise<unknown> => {
      const states = new States(secretsDirectory(directory));
      const state = await states.first((one) => one.state === 'loaded' && one.warnings !== undefined);
      states.stop();
      return state.state === 'loaded' && state.warnings;
    };
    expect(await warned(root)).toEqual([
      { code: 'readable_by_others', message: expect.stringContaining(`Run: chmod 600 ${join(root, 'db/user')}`) },
    ]);
    const mount = await tempDir();
    await publish(mount, '1', { 'pets.toml': 'a = 1' });
    await chmod(join(mount, '..data/pets.toml'), 0o644);
    expect(await warned(mount)).toEqual([
      {
        code: 'mount_readable_by_others',
        message: expect.stringMatching(/pets\.toml is open .*mode 644.*defaultMode: 0400/),
      },
    ]);
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

  it.each(['login', 'login/password'])(
    '%s that may not be read keeps its values, is named, and holds nothing up',
    async (closed) => {
      const root = await mounted({ 'login/user': 'u', 'login/password': 'p', key: 'one' });
      await Promise.all(['', 'login/user', 'login/password', 'key'].map((path) => chmod(join(root, path), 0o755)));
      const source = secretsDirectory(root);
      const states = new States(source);
      await states.value('key', 'one');
      await unreadableMeanwhile(join(root, closed), async () => {
        await source.look!();
        expect(messageOf(await states.first(({ state }) => state === 'failed'))).toBe(
          `${join(root, closed)} may not be read by this process: permission denied. Check who owns it and its mode.`,
        );
      });
      await put(root, { key: 'two' });
      expect(secretsOf(await states.value('key', 'two'))).toEqual({ login: { user: 'u', password: 'p' }, key: 'two' });
      states.stop();
    },
  );

  it('a rotation beside a file that may never be read is seen, also where it was so from the start', async () => {
    const root = await mounted({ key: 'one', 'db/user': 'u' });
    await symlink('loop', join(root, 'loop'));
    await symlink('/dev/null', join(root, 'db', 'device'));
    const states = new States(secretsDirectory(root));
    expect(secretsOf(await states.value('key', 'one'))).toEqual({ key: 'one', db: { user: 'u' } });
    expect(messageOf(await states.first(({ state }) => state === 'failed'))).toMatch(/loop|null/);
    await put(root, { key: 'two' });
    await states.value('key', 'two');
    await rm(join(root, 'loop'));
    await rm(join(root, 'db', 'device'));
    await states.until(() => states.all.at(-1)!.state === 'loaded');
    states.stop();
  });

  it('a directory in which nothing may be read has failed', async () => {
    const root = await tempDir();
    await symlink('loop', join(root, 'loop'));
    expect(await firstState(secretsDirectory(root))).toMatchObject({
      state: 'failed',
      error: { code: 'source_unreadable' },
    });
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
    const states = readDirectory(
      '/run/secrets',
      new Map(
        Object.entries(files).map(([name, text]) => [
          name,
          { path: `/real/${name}`, bytes: Buffer.from(text), mode: 0 },
        ]),
      ),
    );
    return 'state' in states ? states : states.at(-1)!;
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
      [
        'a table that is not UTF-8',
        { 'login/a.toml': Uint8Array.of(0xff, 0xfe) },
        '/run/secrets/login/a.toml is not UTF-8',
      ],
      ['an unsafe name', { '__proto__/x': '1' }, '__proto__'],
    ])('refuses %s, and names the file', (_, files, message) => {
      expect(() => read(files)).toThrow(message);
      expect(() => read(files)).not.toThrow('hunter2');
    });
  });
});

describe('a directory without folders', () => {
  it.each([
    ['connections__pets__url', ['connections', 'pets', 'url']],
    ['connections__pets.toml', ['connections', 'pets']],
    ['a/b__c', ['a', 'b', 'c']],
    ['__init__', ['__init__']],
    ['a___b', ['a___b']],
  ])('%s is at %j', (name, path) => {
    const bytes = Buffer.from(name.endsWith('.toml') ? 'url = "x"' : 'x');
    const state = readDirectory('/run/secrets', new Map([[name, { bytes } as never]]));
    let tree: unknown = (state as { secrets: unknown }).secrets;
    for (const key of path) tree = (tree as Record<string, unknown>)[key];
    expect(tree).toEqual(name.endsWith('.toml') ? { url: 'x' } : 'x');
  });
});
