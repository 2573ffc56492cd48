import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Contents } from '../../../src/sources/watch/contents.ts';
import { see } from '../../../src/sources/watch/sight.ts';
import { Watcher } from '../../../src/sources/watch/watcher.ts';
import { tempDirs } from '../support/temp-dir.ts';

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
      looked: (seen) => directories.push([...seen.keys()]),
    });
    return { path, told, directories, watcher };
  }

  function show(contents: Contents): string {
    if (contents.kind !== 'file') return contents.kind;
    return Buffer.from(contents.files.get('')!.bytes).toString();
  }

  it('believes the first look, and every one that it is asked for', async () => {
    const { path, told, watcher } = await watching(never, 'one');
    await watcher.look('asked');
    await writeFile(path, 'two');
    await watcher.look('asked');
    await watcher.look('asked');
    expect(told).toEqual(['one', 'two']);
    watcher.close();
  });

  it('waits with a file that is written in place', async () => {
    const { path, told, watcher } = await watching(100, 'one');
    await watcher.look('asked');
    await writeFile(path, 'two');
    await watcher.look('woken');
    expect(told).toEqual(['one']);
    for (let tries = 0; told.length < 2 && tries < 500; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(told).toEqual(['one', 'two']);
    watcher.close();
  });

  it('does not wait with a file that is renamed into place', async () => {
    const { path, told, watcher } = await watching(never, 'one');
    await watcher.look('asked');
    await writeFile(`${path}.tmp`, 'two');
    await new Promise((resolve) => setTimeout(resolve, 30));
    await rename(`${path}.tmp`, path);
    await watcher.look('woken');
    expect(told).toEqual(['one', 'two']);
    watcher.close();
  });

  it('does not believe what changed while a look that had settled waited its turn', async () => {
    const { path, told, watcher } = await watching(never, 'one');
    await watcher.look('asked');
    await writeFile(path, 'half');
    await Promise.all([watcher.look('woken'), watcher.look('settled')]);
    expect(told).toEqual(['one']);
    watcher.close();
  });

  it('finds, by itself, what was written again without looking any different', async () => {
    const { path, told, watcher } = await watching(20, 'aaa');
    await watcher.look('asked');
    for (const text of ['bbb', 'ccc', 'ddd']) await writeFile(path, text);
    await watcher.look('woken');
    for (let tries = 0; told.at(-1) !== 'ddd' && tries < 1_000; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect(told.at(-1)).toBe('ddd');
    watcher.close();
  });

  it('reads again, when it is woken, what was written a moment ago and looks the same', async () => {
    const path = join(await tempDir(), 'x');
    await writeFile(path, 'aaa');
    const sight = await see(path);
    const told: string[] = [];
    const tell = { contents: (contents: Contents) => told.push(show(contents)), looked: () => undefined };
    const watcher = new Watcher(path, 0, tell, () => Promise.resolve(sight));
    await watcher.look('asked');
    await new Promise((resolve) => setTimeout(resolve, 50));
    await writeFile(path, 'bbb');
    await watcher.look('woken');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(told).toEqual(['aaa', 'bbb']);
    watcher.close();
  });

  it('looks once for many who wake it while it looks', async () => {
    const { directories, watcher } = await watching(never, 'one');
    await watcher.look('asked');
    const before = directories.length;
    await Promise.all(Array.from({ length: 20 }, () => watcher.look('woken')));
    expect(directories.length - before).toBe(1);
    watcher.close();
  });

  it('tells where the next change may show, as soon as that is somewhere else', async () => {
    const { path, directories, watcher } = await watching(never);
    await watcher.look('asked');
    expect(directories.at(-1)).toEqual([join(path, '..')]);
    await mkdir(path);
    await watcher.look('woken');
    expect(directories.at(-1)).toEqual([path]);
    watcher.close();
  });

  it('says nothing after it was closed', async () => {
    const { path, told, watcher } = await watching(0, 'one');
    await watcher.look('asked');
    await writeFile(path, 'two');
    const look = watcher.look('asked');
    watcher.close();
    await look;
    await watcher.look('asked');
    expect(told).toEqual(['one']);
  });
});
