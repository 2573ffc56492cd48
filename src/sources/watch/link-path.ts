import type { BigIntStats } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';
import { isAbsolute, join, parse, sep } from 'node:path';

/** The end of a path with links. */
export interface LinkPath {
  /** The path without links, as far as it could be followed. */
  readonly real: string;
  /** The file or directory at its end; not set when there is none. */
  readonly stats?: BigIntStats;
  /** The reason why it could not be followed to its end (`ENOENT`, `EACCES`, `ELOOP`, …). */
  readonly code?: string;
}

/** The directories in which a change may lead somewhere else, each with its identity. */
export type Directories = Map<string, string>;

/** The most links of a path; more lead in a circle. */
const mostLinks = 40;

/**
 * Follows a path link by link, and notes each directory that decides where it leads: those that hold a link,
 * the one that holds what it ends at, and where it stops short, the nearest that is there.
 */
export async function followLinks(path: string, directories: Directories): Promise<LinkPath> {
  const { root } = parse(path);
  const ahead = segments(path);
  let real = root;
  let stats = await lstat(root, { bigint: true });
  const note = () => directories.set(real, identity(stats));
  let links = 0;
  for (let segment = ahead.shift(); segment !== undefined; segment = ahead.shift()) {
    const next = join(real, segment);
    const found = await lstat(next, { bigint: true }).catch(errorCode);
    if (typeof found === 'string') return (note(), { real: next, code: found });
    if (found.isSymbolicLink()) {
      note();
      const target = await readlink(next).catch(() => '');
      links += 1;
      if (links > mostLinks || target === '') return { real: next, code: links > mostLinks ? 'ELOOP' : 'ENOENT' };
      ahead.unshift(...segments(target));
      if (isAbsolute(target)) [real, stats] = [root, await lstat(root, { bigint: true })];
    } else {
      // `..` needs a directory of which it is the parent; `lstat` has just said that there is one.
      if (ahead.length === 0 && !found.isDirectory()) note();
      real = next;
      stats = found;
    }
  }
  if (stats.isDirectory()) note();
  return { real, stats };
}

/** Another directory at the same path has another identity, even where it was given the inode of the old one. */
export function identity({ dev, ino, birthtimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${birthtimeNs}`;
}

/** The code of an error of the file system. */
export function errorCode(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code ?? 'UNKNOWN');
}

function segments(path: string): string[] {
  return path
    .slice(parse(path).root.length)
    .split(sep)
    .filter((segment) => segment !== '' && segment !== '.');
}
