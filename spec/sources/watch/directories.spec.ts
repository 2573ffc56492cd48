import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { WatchedDirectories } from '../../../src/sources/watch/directories.ts';
import { tempDirs } from '../support/temp-dir.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('WatchedDirectories', () => {
  const tempDir = tempDirs();

  function listening() {
    const woken: number[] = [];
    const directories = new WatchedDirectories(() => woken.push(performance.now()));
    /** How often it wakes us while something is done, and shortly after. */
    const during = async (act: () => Promise<unknown>) => {
      await pause(200);
      const before = woken.length;
      await act();
      await pause(200);
      return woken.length - before;
    };
    return { directories, during };
  }

  it('wakes when something changes in a directory that it was told of, and in no other', async () => {
    const [here, there] = [await tempDir(), await tempDir()];
    const { directories, during } = listening();
    directories.looked(new Map([[here, '1']]), true);
    expect(await during(() => writeFile(join(here, 'x'), ''))).toBeGreaterThan(0);
    expect(await during(() => writeFile(join(there, 'x'), ''))).toBe(0);
    directories.looked(new Map([[there, '1']]), true);
    expect(await during(() => writeFile(join(here, 'x'), 'more'))).toBe(0);
    expect(await during(() => writeFile(join(there, 'x'), 'more'))).toBeGreaterThan(0);
    directories.close();
    expect(await during(() => writeFile(join(there, 'x'), 'most'))).toBe(0);
  });

  it('listens to another directory of the same path', async () => {
    const path = join(await tempDir(), 'a');
    const { directories, during } = listening();
    const identity = async () => String((await stat(path)).ino);
    await mkdir(path);
    directories.looked(new Map([[path, await identity()]]), true);
    await rename(path, `${path}.old`);
    await mkdir(path);
    directories.looked(new Map([[path, await identity()]]), true);
    expect(await during(() => writeFile(join(path, 'x'), ''))).toBeGreaterThan(0);
    directories.close();
  });

  it('asks instead of listening when it was woken for nothing too often, and not when there was something', async () => {
    const path = await tempDir();
    const many = (directories: WatchedDirectories, moved: boolean) => {
      for (let i = 0; i < 200; i += 1) directories.looked(new Map([[path, '1']]), moved);
    };
    const noise = async () => {
      for (let i = 0; i < 100; i += 1) await writeFile(join(path, 'log'), String(i));
    };
    const calm = listening();
    many(calm.directories, true);
    expect(await calm.during(noise)).toBeGreaterThan(20);
    calm.directories.close();

    const busy = listening();
    many(busy.directories, false);
    const [woken, seconds] = [await busy.during(() => Promise.all([noise(), pause(1_000)])), 1.4];
    expect(woken).toBeGreaterThan(0);
    expect(woken).toBeLessThanOrEqual(4 * seconds + 5);
    busy.directories.close();
    expect(await busy.during(() => pause(300))).toBe(0);
  });
});
