import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Contents } from '../../../src/sources/watch/contents.ts';
import { scan } from '../../../src/sources/watch/scan.ts';
import { WatchedDirectories } from '../../../src/sources/watch/watched-directories.ts';
import { Watcher } from '../../../src/sources/watch/watcher.ts';
import { deepIt, depth } from '../../support/depth.ts';
import { tempDirs } from '../support/temp-dir.ts';
import { otherPaths, plain, scenarios as all } from './scenarios.ts';
import { mayMount, tryOut, within, type Result } from './trial.ts';

describe('watcher', () => {
  /** So long that nothing settles while a spec runs. */
  const never = 3_600_000;

  describe('Watcher', () => {
    const tempDir = tempDirs();

    async function watching(settle: number, text?: string) {
      const path = join(await tempDir(), 'x');
      if (text !== undefined) await writeFile(path, text);
      const told: string[] = [];
      const directories: string[][] = [];
      const watcher = new Watcher(path, settle, {
        contents: (contents) => told.push(show(contents)),
        scanned: (seen) => directories.push([...seen.keys()]),
      });
      return { path, told, directories, watcher };
    }

    function show(contents: Contents): string {
      if (contents.kind !== 'file') return contents.kind;
      return Buffer.from(contents.files.get('')!.bytes).toString();
    }

    it('believes the first look, and every one that it is asked for', async () => {
      const { path, told, watcher } = await watching(never, 'one');
      await watcher.scan('asked');
      await writeFile(path, 'two');
      await watcher.scan('asked');
      await watcher.scan('asked');
      expect(told).toEqual(['one', 'two']);
      watcher.close();
    });

    it('waits with a file that is written in place', async () => {
      const { path, told, watcher } = await watching(100, 'one');
      await watcher.scan('asked');
      await writeFile(path, 'two');
      await watcher.scan('woken');
      expect(told).toEqual(['one']);
      for (let tries = 0; told.length < 2 && tries < 500; tries += 1)
        await new Promise((resolve) => setTimeout(resolve, 10));
      expect(told).toEqual(['one', 'two']);
      watcher.close();
    });

    it('does not wait with a file that is renamed into place', async () => {
      const { path, told, watcher } = await watching(never, 'one');
      await watcher.scan('asked');
      await writeFile(`${path}.tmp`, 'two');
      await new Promise((resolve) => setTimeout(resolve, 30));
      await rename(`${path}.tmp`, path);
      await watcher.scan('woken');
      expect(told).toEqual(['one', 'two']);
      watcher.close();
    });

    it('does not believe what changed while a look that had settled waited its turn', async () => {
      const { path, told, watcher } = await watching(never, 'one');
      await watcher.scan('asked');
      await writeFile(path, 'half');
      await Promise.all([watcher.scan('woken'), watcher.scan('settled')]);
      expect(told).toEqual(['one']);
      watcher.close();
    });

    it('finds, by itself, what was written again without looking any different', async () => {
      const { path, told, watcher } = await watching(20, 'aaa');
      await watcher.scan('asked');
      for (const text of ['bbb', 'ccc', 'ddd']) await writeFile(path, text);
      await watcher.scan('woken');
      for (let tries = 0; told.at(-1) !== 'ddd' && tries < 1_000; tries += 1)
        await new Promise((resolve) => setTimeout(resolve, 5));
      expect(told.at(-1)).toBe('ddd');
      watcher.close();
    });

    it('reads again, when it is woken, what was written a moment ago and looks the same', async () => {
      const path = join(await tempDir(), 'x');
      await writeFile(path, 'aaa');
      const sight = await scan(path);
      const told: string[] = [];
      const tell = { contents: (contents: Contents) => told.push(show(contents)), scanned: () => undefined };
      const watcher = new Watcher(path, 0, tell, () => Promise.resolve(sight));
      await watcher.scan('asked');
      await new Promise((resolve) => setTimeout(resolve, 50));
      await writeFile(path, 'bbb');
      await watcher.scan('woken');
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(told).toEqual(['aaa', 'bbb']);
      watcher.close();
    });

    it('looks once for many who wake it while it looks', async () => {
      const { directories, watcher } = await watching(never, 'one');
      await watcher.scan('asked');
      const before = directories.length;
      await Promise.all(Array.from({ length: 20 }, () => watcher.scan('woken')));
      expect(directories.length - before).toBe(1);
      watcher.close();
    });

    it('tells where the next change may show, as soon as that is somewhere else', async () => {
      const { path, directories, watcher } = await watching(never);
      await watcher.scan('asked');
      expect(directories.at(-1)).toEqual([join(path, '..')]);
      await mkdir(path);
      await watcher.scan('woken');
      expect(directories.at(-1)).toEqual([path]);
      watcher.close();
    });

    it('says nothing after it was closed', async () => {
      const { path, told, watcher } = await watching(0, 'one');
      await watcher.scan('asked');
      await writeFile(path, 'two');
      const look = watcher.scan('asked');
      watcher.close();
      await look;
      await watcher.scan('asked');
      expect(told).toEqual(['one']);
    });
  });
});

const deep = depth(false, true);
const mounting = deep && (await mayMount());
if (deep && !mounting) console.warn('Skipped: the single-file mounts, as this user may not mount.');

describe('watch path', () => {
  /** Every scenario; `npm test` tries each a few times, and those of other paths not at all. */
  const scenarios = [...all, ...(deep ? otherPaths(mounting) : [])].map((scenario) => ({
    ...scenario,
    times: Math.min(scenario.times, depth(4, Infinity)),
  }));

  /** How many scenarios are tried side by side. */
  const lanes = 4;

  describe('a watched path, while another process writes', () => {
    const results = new Map<string, Result>();

    beforeAll(async () => {
      const waiting = [...scenarios];
      const lane = async () => {
        for (let next = waiting.shift(); next; next = waiting.shift())
          results.set(next.name, await tryOut(next, join('spec', 'sources', 'watch', 'writer.js')));
      };
      await Promise.all(Array.from({ length: lanes }, lane));
    }, 180_000);

    it.each(scenarios.map(({ name, times }) => ({ name, times })))(
      '$name, $times times: every change is seen, none of them half',
      ({ name, times }) => {
        const { latencies, ...result } = results.get(name)!;
        expect(result).toEqual({ name, changes: times, missed: 0, partial: 0 });
        expect(latencies).toHaveLength(times);
      },
    );

    deepIt('a write by another path is seen as soon as one by its own', () => {
      const usual = within(results.get(plain)!, 0.95);
      for (const { name } of otherPaths(mounting))
        expect({ name, late: within(results.get(name)!, 0.95) > usual + 150 }).toEqual({ name, late: false });
    });

    it('enough changes were tried', () => {
      expect([...results.values()].reduce((sum, { changes }) => sum + changes, 0)).toBeGreaterThanOrEqual(
        depth(50, 500),
      );
    });
  });
});

describe('directories', () => {
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  describe('WatchedDirectories', () => {
    const tempDir = tempDirs();

    function listening() {
      const woken: number[] = [];
      const directories = new WatchedDirectories(
        () => woken.push(performance.now()),
        () => undefined,
      );
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

    deepIt('wakes when something changes in a directory that it was told of, and in no other', async () => {
      const [here, there] = [await tempDir(), await tempDir()];
      const { directories, during } = listening();
      directories.update(new Map([[here, '1']]), true);
      expect(await during(() => writeFile(join(here, 'x'), ''))).toBeGreaterThan(0);
      expect(await during(() => writeFile(join(there, 'x'), ''))).toBe(0);
      directories.update(new Map([[there, '1']]), true);
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
      directories.update(new Map([[path, await identity()]]), true);
      await rename(path, `${path}.old`);
      await mkdir(path);
      directories.update(new Map([[path, await identity()]]), true);
      expect(await during(() => writeFile(join(path, 'x'), ''))).toBeGreaterThan(0);
      directories.close();
    });

    deepIt(
      'asks instead of listening when it was woken for nothing too often, and not when there was something',
      async () => {
        const path = await tempDir();
        const many = (directories: WatchedDirectories, moved: boolean) => {
          for (let i = 0; i < 200; i += 1) directories.update(new Map([[path, '1']]), moved);
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
      },
    );
  });
});
