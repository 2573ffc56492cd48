import type { BigIntStats } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { replaced, sameSight } from '../../../src/sources/watch/replaced.ts';
import type { SeenFile, Sight } from '../../../src/sources/watch/sight.ts';

const old = { real: '/a', ino: 1n, dev: 1n, size: 5n, mtimeNs: 10n, ctimeNs: 10n };

function file({ real, ...stats }: Partial<typeof old> = {}): SeenFile {
  return { real: real ?? old.real, stats: { ...old, ...stats } as unknown as BigIntStats };
}

function sight(files: Record<string, SeenFile>, kind: Sight['kind'] = 'directory'): Sight {
  return { kind, files: new Map(Object.entries(files)), directories: new Map() };
}

const renamed = file({ ino: 2n, mtimeNs: 20n, ctimeNs: 25n });
const swapped = file({ real: '/b', ino: 2n, mtimeNs: 20n, ctimeNs: 20n });
const before = sight({ '': file() }, 'file');

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
    expect(replaced(before, sight({ '': now }, 'file'))).toBe(expected);
  });

  it('a file that was not there, or is not any more, was not replaced', () => {
    expect(replaced(sight({}, 'missing'), before)).toBe(false);
    expect(replaced(before, sight({}, 'missing'))).toBe(false);
    expect(replaced(sight({}), sight({ a: file() }))).toBe(false);
  });

  it('a directory is replaced when all that changed in it was', () => {
    const two = sight({ a: file(), b: file() });
    expect(replaced(two, sight({ a: renamed, b: file() }))).toBe(true);
    expect(replaced(two, sight({ a: renamed, b: file({ size: 6n }) }))).toBe(false);
    expect(replaced(two, sight({ a: renamed, b: file(), c: file() }))).toBe(false);
  });

  it('a directory that was swapped as a whole may have other files', () => {
    const two = sight({ a: file(), b: file() });
    expect(replaced(two, sight({ a: swapped, c: file() }))).toBe(true);
    expect(replaced(two, sight({ a: swapped, b: swapped, c: file() }))).toBe(true);
    expect(replaced(two, sight({ a: swapped, b: file(), c: file() }))).toBe(false);
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
    expect(sameSight(before, sight({ '': now }, 'file'))).toBe(expected);
  });

  it('looks at names, kinds and problems', () => {
    expect(sameSight(sight({ a: file() }), sight({ b: file() }))).toBe(false);
    expect(sameSight(sight({ a: file() }), sight({ a: file(), b: file() }))).toBe(false);
    expect(sameSight(before, sight({ '': file() }))).toBe(false);
    const problem = (code: string) => ({ ...sight({}, 'unreadable'), problem: { path: '/a', code } });
    expect(sameSight(problem('EACCES'), problem('EACCES'))).toBe(true);
    expect(sameSight(problem('EACCES'), problem('ELOOP'))).toBe(false);
  });
});
