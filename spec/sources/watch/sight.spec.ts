import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { see, seeFile } from '../../../src/sources/watch/sight.ts';
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

  it('sees a file by an empty name, and the directory where it can change', async () => {
    const root = await made(['x']);
    const { kind, files, directories } = await see(join(root, 'x'));
    expect([kind, [...files.keys()], [...directories.keys()]]).toEqual(['file', [''], [root]]);
    expect(files.get('')).toMatchObject({ real: join(root, 'x'), stats: { size: 1n } });
  });

  it('sees all files of a directory at any depth, and each directory on the way', async () => {
    const root = await made(['a', 'b/c', 'b/d/e']);
    const { kind, files, directories } = await see(root);
    expect([kind, [...files.keys()].sort()]).toEqual(['directory', ['a', 'b/c', 'b/d/e']]);
    expect([...directories.keys()].sort()).toEqual([root, join(root, 'b'), join(root, 'b', 'd')]);
  });

  it('sees what Kubernetes published where it was swapped in, and links beside it that lead nowhere not at all', async () => {
    const root = await made(['..1/user', '..1/db/password', '..1/without-link-yet', 'own']);
    await symlink('..1', join(root, '..data'));
    for (const name of ['user', 'db', 'removed']) await symlink(join('..data', name), join(root, name));
    const { files } = await see(root);
    expect([...files.keys()].sort()).toEqual(['db/password', 'own', 'user', 'without-link-yet']);
    expect(files.get('user')!.real).toBe(join(root, '..1', 'user'));
  });

  it('says what is missing, and what is neither file nor directory', async () => {
    const root = await made([]);
    expect(await see(join(root, 'x'))).toMatchObject({ kind: 'missing', problem: { code: 'ENOENT' } });
    expect(await see('/dev/null')).toMatchObject({
      kind: 'unreadable',
      problem: { path: '/dev/null', code: 'EFTYPE' },
    });
  });

  it('does not enter a directory where a file is looked for', async () => {
    const root = await tempDir();
    await writeFile(join(root, 'a'), 'one');
    expect(await seeFile(root)).toMatchObject({ kind: 'directory', files: new Map() });
    expect((await seeFile(join(root, 'a'))).files.size).toBe(1);
    expect((await seeFile(join(root, 'b'))).kind).toBe('missing');
  });

  it('does not walk in a circle', async () => {
    const root = await made(['a/b']);
    await symlink('.', join(root, 'a', 'self'));
    expect(await see(root)).toMatchObject({ kind: 'unreadable', problem: { code: 'ELOOP' } });
  });
});
