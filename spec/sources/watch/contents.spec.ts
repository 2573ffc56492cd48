import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { read, sameContents, type Contents } from '../../../src/sources/watch/contents.ts';
import { see } from '../../../src/sources/watch/sight.ts';
import { tempDirs } from '../support/temp-dir.ts';

describe('read', () => {
  const tempDir = tempDirs();

  it('reads every file that was seen', async () => {
    const root = await tempDir();
    await writeFile(join(root, 'a'), 'one', { mode: 0o600 });
    await writeFile(join(root, 'b'), 'two', { mode: 0o600 });
    const contents = await read(await see(root));
    const files = contents.kind === 'directory' ? [...contents.files].sort() : [];
    expect(files.map(([name, { bytes, mode }]) => [name, Buffer.from(bytes).toString(), mode & 0o777])).toEqual([
      ['a', 'one', 0o600],
      ['b', 'two', 0o600],
    ]);
  });

  it('says which file it could not read', async () => {
    const root = await tempDir();
    await writeFile(join(root, 'a'), 'one');
    const sight = await see(root);
    await rm(join(root, 'a'));
    expect(await read(sight)).toMatchObject({ kind: 'unreadable', code: 'ENOENT' });
    expect(await read(await see('/dev/null'))).toEqual({ kind: 'unreadable', path: '/dev/null', code: 'EFTYPE' });
    expect(await read(await see(join(root, 'x')))).toEqual({ kind: 'missing' });
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
