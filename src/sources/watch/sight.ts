import type { BigIntStats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, follow, identity, type Directories, type Trail } from './trail.ts';

/** A file as one look saw it. */
export interface SeenFile {
  readonly real: string;
  readonly stats: BigIntStats;
}

/** What one look at a path saw, before anything was read. */
export interface Sight {
  readonly kind: 'missing' | 'file' | 'directory' | 'unreadable';
  /** By their path inside the directory; the file itself is `''`. */
  readonly files: ReadonlyMap<string, SeenFile>;
  /** Where the next change may show. */
  readonly directories: ReadonlyMap<string, string>;
  /** What could not be looked at, and why. */
  readonly problem?: Problem;
}

export interface Problem {
  readonly path: string;
  readonly code: string;
}

/** Looks at a file, or at a directory with all that is in it. */
export async function see(path: string): Promise<Sight> {
  const directories: Directories = new Map();
  const files = new Map<string, SeenFile>();
  const trail = await follow(path, directories);
  const problem = await collect(trail, '', [], { files, directories });
  if (problem)
    return { kind: isAbsent(problem.code) ? 'missing' : 'unreadable', files: new Map(), directories, problem };
  return { kind: trail.stats?.isDirectory() ? 'directory' : 'file', files, directories };
}

/** Looks at a file; what is in a directory of that name, which may be the whole disk, is left alone. */
export async function seeFile(path: string): Promise<Sight> {
  const directories: Directories = new Map();
  const { stats } = await follow(path, directories);
  return stats?.isDirectory() ? { kind: 'directory', files: new Map(), directories } : see(path);
}

type Collected = { readonly files: Map<string, SeenFile>; readonly directories: Directories };

/** Puts what a trail led to with the rest; says what hindered it. */
async function collect(
  trail: Trail,
  name: string,
  parents: readonly string[],
  into: Collected,
): Promise<Problem | undefined> {
  const { real, stats, code } = trail;
  if (!stats) return { path: real, code: code ?? 'ENOENT' };
  if (stats.isFile()) return void into.files.set(name, { real, stats });
  if (!stats.isDirectory()) return { path: real, code: 'EFTYPE' };
  if (parents.includes(real)) return { path: real, code: 'ELOOP' };
  into.directories.set(real, identity(stats));
  const children = await list(real, into.directories).catch((error: unknown) => ({
    path: real,
    code: errorCode(error),
  }));
  if ('code' in children) return children;
  const problems = await Promise.all(
    children.map(async ([child, path]) =>
      collect(await step(path, into.directories), name ? `${name}/${child}` : child, [...parents, real], into),
    ),
  );
  // A child that is gone was removed while we looked, or is a link that Kubernetes is about to remove.
  return problems.find((problem) => problem && !isAbsent(problem.code));
}

/** Name and path of what is in a directory; that which Kubernetes swaps as a whole is read where it was swapped. */
async function list(directory: string, directories: Directories): Promise<(readonly [name: string, path: string])[]> {
  const children = new Map<string, string>();
  const names = await readdir(directory);
  const published = names.includes('..data') ? await follow(join(directory, '..data'), directories) : undefined;
  if (published?.stats?.isDirectory()) {
    directories.set(published.real, identity(published.stats));
    for (const name of await readdir(published.real)) children.set(name, join(published.real, name));
  }
  for (const name of names) if (!children.has(name)) children.set(name, join(directory, name));
  return [...children].filter(([name]) => !name.startsWith('..'));
}

/** Like `follow`, for a path of which only the last step can be a link. */
async function step(path: string, directories: Directories): Promise<Trail> {
  const stats = await lstat(path, { bigint: true }).catch(errorCode);
  if (typeof stats === 'string') return { real: path, code: stats };
  return stats.isSymbolicLink() ? follow(path, directories) : { real: path, stats };
}

function isAbsent(code: string): boolean {
  return code === 'ENOENT' || code === 'ENOTDIR';
}
