import { mkdir, realpath, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { follow, type Directories } from '../../../src/sources/watch/trail.ts';
import { tempDirs } from '../support/temp-dir.ts';

describe('follow', () => {
  const tempDir = tempDirs();

  async function root(): Promise<string> {
    return realpath(await tempDir());
  }

  async function trail(path: string) {
    const directories: Directories = new Map();
    return { ...(await follow(path, directories)), directories: [...directories.keys()].sort() };
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
      await follow(join(dir, 'a', 'x'), directories);
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
