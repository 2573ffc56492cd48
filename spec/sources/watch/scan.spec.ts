import type { BigIntStats } from 'node:fs';
import { mkdir, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { read, sameContents, type Contents } from '../../../src/sources/watch/contents.ts';
import { followLinks, type Directories } from '../../../src/sources/watch/link-path.ts';
import { replaced, sameScan, scan, scanFile, type Scan, type ScannedFile } from '../../../src/sources/watch/scan.ts';
import { tempDirs } from '../support/temp-dir.ts';

describe('see', () => {
  const tempDir = tempDirs();

  async function made(files: readonly string[]): Promise<string> {
    const root = await realpath(await tempDir());
    for (const file of files) {
      await mkdir(dirname(join(root, file)), { recursive: true });
      await writeFile(join(root, file), file);
    }
    return root;
  }

  it('sees a file by an empty name, and the directory where it can change, and itself', async () => {
    const root = await made(['x']);
    const { kind, files, directories } = await scan(join(root, 'x'));
    expect([kind, [...files.keys()], [...directories.keys()]]).toEqual(['file', [''], [root, join(root, 'x')]]);
    expect(files.get('')).toMatchObject({ real: join(root, 'x'), stats: { size: 1n } });
  });

  it('sees all files of a directory at any depth, and each directory on the way', async () => {
    const root = await made(['a', 'b/c', 'b/d/e']);
    const { kind, files, directories } = await scan(root);
    expect([kind, [...files.keys()].sort()]).toEqual(['directory', ['a', 'b/c', 'b/d/e']]);
    expect([...directories.keys()].sort()).toEqual([root, join(root, 'b'), join(root, 'b', 'd')]);
  });

  it('sees what Kubernetes published where it was swapped in, and links beside it that lead nowhere not at all', async () => {
    const root = await made(['..1/user', '..1/db/password', '..1/without-link-yet', 'own']);
    await symlink('..1', join(root, '..data'));
    for (const name of ['user', 'db', 'removed']) await symlink(join('..data', name), join(root, name));
    const { files } = await scan(root);
    expect([...files.keys()].sort()).toEqual(['db/password', 'own', 'user', 'without-link-yet']);
    expect(files.get('user')!.real).toBe(join(root, '..1', 'user'));
  });

  it('says what is missing, and what is neither file nor directory', async () => {
    const root = await made([]);
    expect(await scan(join(root, 'x'))).toMatchObject({ kind: 'missing', problem: { code: 'ENOENT' } });
    expect(await scan('/dev/null')).toMatchObject({
      kind: 'unreadable',
      problem: { path: '/dev/null', code: 'EFTYPE' },
    });
  });

  it('does not enter a directory where a file is looked for', async () => {
    const root = await tempDir();
    await writeFile(join(root, 'a'), 'one');
    expect(await scanFile(root)).toMatchObject({ kind: 'directory', files: new Map() });
    expect((await scanFile(join(root, 'a'))).files.size).toBe(1);
    expect((await scanFile(join(root, 'b'))).kind).toBe('missing');
  });

  it('does not walk in a circle', async () => {
    const root = await made(['a/b']);
    await symlink('.', join(root, 'a', 'self'));
    expect((await scan(root)).problems).toMatchObject(new Map([['a/self', { code: 'ELOOP' }]]));
  });
});

describe('replaced', () => {
  const old = { real: '/a', ino: 1n, dev: 1n, size: 5n, mtimeNs: 10n, ctimeNs: 10n };

  function file({ real, ...stats }: Partial<typeof old> = {}): ScannedFile {
    return { real: real ?? old.real, stats: { ...old, ...stats } as unknown as BigIntStats };
  }

  function scanOf(files: Record<string, ScannedFile>, kind: Scan['kind'] = 'directory'): Scan {
    return { kind, files: new Map(Object.entries(files)), directories: new Map() };
  }

  const renamed = file({ ino: 2n, mtimeNs: 20n, ctimeNs: 25n });
  const swapped = file({ real: '/b', ino: 2n, mtimeNs: 20n, ctimeNs: 20n });
  const before = scanOf({ '': file() }, 'file');

  describe('replaced', () => {
    it.each([
      ['renamed into place', renamed, true],
      ['renamed into place within a clock tick', file({ ino: 2n, mtimeNs: 20n, ctimeNs: 20n }), false],
      ['renamed into place while it is empty', file({ ino: 2n, size: 0n, mtimeNs: 20n, ctimeNs: 25n }), false],
      ['at another place, by a link', swapped, true],
      ['written in place', file({ size: 6n, mtimeNs: 20n, ctimeNs: 20n }), false],
      ['set back in time', file({ mtimeNs: 5n, ctimeNs: 20n }), false],
      ['the same', file(), false],
    ])('a file that is %s', (_, now, expected) => {
      expect(replaced(before, scanOf({ '': now }, 'file'))).toBe(expected);
    });

    it('a file that was not there, or is not any more, was not replaced', () => {
      expect(replaced(scanOf({}, 'missing'), before)).toBe(false);
      expect(replaced(before, scanOf({}, 'missing'))).toBe(false);
      expect(replaced(scanOf({}), scanOf({ a: file() }))).toBe(false);
    });

    it('a directory is replaced when all that changed in it was', () => {
      const two = scanOf({ a: file(), b: file() });
      expect(replaced(two, scanOf({ a: renamed, b: file() }))).toBe(true);
      expect(replaced(two, scanOf({ a: renamed, b: file({ size: 6n }) }))).toBe(false);
      expect(replaced(two, scanOf({ a: renamed, b: file(), c: file() }))).toBe(false);
    });

    it('a directory that was swapped as a whole may have other files', () => {
      const two = scanOf({ a: file(), b: file() });
      expect(replaced(two, scanOf({ a: swapped, c: file() }))).toBe(true);
      expect(replaced(two, scanOf({ a: swapped, b: swapped, c: file() }))).toBe(true);
      expect(replaced(two, scanOf({ a: swapped, b: file(), c: file() }))).toBe(false);
    });
  });

  describe('sameSight', () => {
    it.each([
      ['nothing', file(), true],
      ['the path', file({ real: '/b' }), false],
      ['the inode', file({ ino: 2n }), false],
      ['the device', file({ dev: 2n }), false],
      ['the size', file({ size: 6n }), false],
      ['when it was written', file({ mtimeNs: 9n }), false],
      ['when it was changed', file({ ctimeNs: 11n }), false],
    ])('when %s differs', (_, now, expected) => {
      expect(sameScan(before, scanOf({ '': now }, 'file'))).toBe(expected);
    });

    it('looks at names, kinds and problems', () => {
      expect(sameScan(scanOf({ a: file() }), scanOf({ b: file() }))).toBe(false);
      expect(sameScan(scanOf({ a: file() }), scanOf({ a: file(), b: file() }))).toBe(false);
      expect(sameScan(before, scanOf({ '': file() }))).toBe(false);
      const problem = (code: string) => ({ ...scanOf({}, 'unreadable'), problem: { path: '/a', code } });
      expect(sameScan(problem('EACCES'), problem('EACCES'))).toBe(true);
      expect(sameScan(problem('EACCES'), problem('ELOOP'))).toBe(false);
    });
  });
});

describe('followLinks', () => {
  const tempDir = tempDirs();

  async function root(): Promise<string> {
    return realpath(await tempDir());
  }

  async function trail(path: string) {
    const directories: Directories = new Map();
    return { ...(await followLinks(path, directories)), directories: [...directories.keys()].sort() };
  }

  it('leads to a file, and notes the directory that holds it', async () => {
    const dir = await root();
    await writeFile(join(dir, 'x'), '');
    expect(await trail(join(dir, 'x'))).toMatchObject({ real: join(dir, 'x'), directories: [dir] });
  });

  it('leads over links, absolute and relative, and notes where each of them stands', async () => {
    const dir = await root();
    await mkdir(join(dir, 'releases', '1'), { recursive: true });
    await mkdir(join(dir, 'links'));
    await writeFile(join(dir, 'releases', '1', 'x'), '');
    await symlink(join(dir, 'releases', '1'), join(dir, 'links', 'current'));
    await symlink(join('..', 'links', 'current', 'x'), join(dir, 'links', 'x'));
    expect(await trail(join(dir, 'links', 'x'))).toMatchObject({
      real: join(dir, 'releases', '1', 'x'),
      directories: [join(dir, 'links'), join(dir, 'releases', '1')],
    });
  });

  it('stops at what is missing, and notes the nearest directory that is there', async () => {
    const dir = await root();
    await symlink('absent', join(dir, 'link'));
    expect(await trail(join(dir, 'a', 'b', 'x'))).toMatchObject({ code: 'ENOENT', directories: [dir] });
    expect(await trail(join(dir, 'link', 'x'))).toMatchObject({ code: 'ENOENT', directories: [dir] });
  });

  it('leads to a directory, and notes it', async () => {
    const dir = await root();
    expect(await trail(dir)).toMatchObject({ real: dir, directories: [dir] });
  });

  it('does not follow a circle for ever', async () => {
    const dir = await root();
    await symlink('b', join(dir, 'a'));
    await symlink('a', join(dir, 'b'));
    expect(await trail(join(dir, 'a'))).toMatchObject({ code: 'ELOOP', directories: [dir] });
  });

  it('knows a directory from another at the same path', async () => {
    const dir = await root();
    const identityOf = async () => {
      const directories: Directories = new Map();
      await followLinks(join(dir, 'a', 'x'), directories);
      return directories.get(join(dir, 'a'));
    };
    await mkdir(join(dir, 'a'));
    const before = await identityOf();
    expect(await identityOf()).toBe(before);
    await rename(join(dir, 'a'), join(dir, 'b'));
    await mkdir(join(dir, 'a'));
    expect(await identityOf()).not.toBe(before);
  });
});

describe('read', () => {
  const tempDir = tempDirs();

  it('reads every file that was seen', async () => {
    const root = await tempDir();
    await writeFile(join(root, 'a'), 'one', { mode: 0o600 });
    await writeFile(join(root, 'b'), 'two', { mode: 0o600 });
    const contents = await read(await scan(root));
    const files = contents.kind === 'directory' ? [...contents.files].sort() : [];
    expect(files.map(([name, { bytes, mode }]) => [name, Buffer.from(bytes).toString(), mode & 0o777])).toEqual([
      ['a', 'one', 0o600],
      ['b', 'two', 0o600],
    ]);
  });

  it('says which file it could not read', async () => {
    const root = await tempDir();
    await writeFile(join(root, 'a'), 'one');
    const sight = await scan(root);
    await rm(join(root, 'a'));
    expect(await read(sight)).toMatchObject({ kind: 'unreadable', code: 'ENOENT' });
    expect(await read(await scan('/dev/null'))).toEqual({ kind: 'unreadable', path: '/dev/null', code: 'EFTYPE' });
    expect(await read(await scan(join(root, 'x')))).toEqual({ kind: 'missing' });
  });
});

describe('sameContents', () => {
  const found = (files: Record<string, string>, kind: 'file' | 'directory' = 'directory', mode = 0): Contents => ({
    kind,
    files: new Map(Object.entries(files).map(([name, text]) => [name, { path: '', bytes: Buffer.from(text), mode }])),
  });
  const unreadable = (code: string): Contents => ({ kind: 'unreadable', path: '/a', code });

  it.each<[Contents, Contents]>([
    [found({ a: '1' }), found({ a: '1' })],
    [{ kind: 'missing' }, { kind: 'missing' }],
    [unreadable('EACCES'), unreadable('EACCES')],
  ])('%p is the same as %p', (a, b) => {
    expect(sameContents(a, b)).toBe(true);
  });

  it.each<[Contents, Contents]>([
    [found({ a: '1' }), found({ a: '2' })],
    [found({ a: '1' }), found({ b: '1' })],
    [found({ a: '1' }), found({ a: '1', b: '1' })],
    [found({ a: '1' }), found({ a: '1' }, 'file')],
    [found({ a: '1' }), found({ a: '1' }, 'directory', 0o600)],
    [found({ a: '1' }), { kind: 'missing' }],
    [{ kind: 'missing' }, unreadable('EACCES')],
    [unreadable('ELOOP'), unreadable('EACCES')],
  ])('%p is not the same as %p', (a, b) => {
    expect([sameContents(a, b), sameContents(b, a)]).toEqual([false, false]);
  });
});
