import type { BigIntStats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SourceError } from '../../errors/index.ts';
import { errorCode, followLinks, identity, type Directories, type LinkPath } from './link-path.ts';

/** A file as one scan found it. */
export interface ScannedFile {
  readonly real: string;
  readonly stats: BigIntStats;
}

/** The result of one scan of a path: the files there, before anything is read. */
export interface Scan {
  readonly kind: 'missing' | 'file' | 'directory' | 'unreadable';
  /** By their path inside the directory; the file itself is `''`. */
  readonly files: ReadonlyMap<string, ScannedFile>;
  /** The directories in which the next change may show; for a file that file, too: it may be written by another path (a hard link, a bind mount). */
  readonly directories: ReadonlyMap<string, string>;
  /** The path that could not be scanned, and why. */
  readonly problem?: Problem;
  /** The parts of a directory that could not be scanned, by their paths there: they keep nothing else from being read. */
  readonly problems?: ReadonlyMap<string, Problem>;
}

export interface Problem {
  readonly path: string;
  readonly code: string;
}

/** Names of what editors, desktops, version control and file systems leave in a directory. */
const litter: readonly RegExp[] = [
  // vim: swap files, and the probe for whether it may write; emacs: locks and backups; kate, gedit, LibreOffice, JetBrains.
  /^\..*\.sw[a-p]$|\.sw[op]$|^4913$/,
  /^\.?#|~$/,
  /\.kate-swp$|^\.goutputstream-|___jb_(tmp|old)___$/,
  // Desktops.
  /^(\.DS_Store|\._.*|\.AppleDouble|\.Spotlight-V100|\.Trashes|\.fseventsd|Thumbs\.db|desktop\.ini|\.directory)$/i,
  /^\.Trash-\d+$/,
  // Version control and editors' folders.
  /^\.(git|gitignore|gitattributes|gitkeep|keep|hg|svn|idea|vscode)$/,
  // Files that were removed while they were open, on NFS and FUSE; ext4.
  /^\.(nfs[0-9a-f]+|fuse_hidden[0-9a-f]+)$|^lost\+found$/,
];

/** Tells whether a name in a directory of secrets is no secret, whatever it holds. */
function isLitter(name: string): boolean {
  return litter.some((pattern) => pattern.test(name));
}

/** Tells whether what is in a directory is passed over, by its path inside it. */
export type Ignore = (path: string) => boolean;

/** Scans a file, or a directory with all that is in it; the litter of editors and what `ignore` names are passed over. */
export async function scan(path: string, ignore: Ignore = () => false): Promise<Scan> {
  const directories: Directories = new Map();
  const files = new Map<string, ScannedFile>();
  const problems = new Map<string, Problem>();
  const target = await followLinks(path, directories);
  const problem = await collect(target, '', [], { files, directories, problems, ignore });
  if (problem)
    return { kind: isAbsent(problem.code) ? 'missing' : 'unreadable', files: new Map(), directories, problem };
  const isDirectory = target.stats?.isDirectory() === true;
  if (target.stats && !isDirectory) directories.set(target.real, identity(target.stats));
  return { kind: isDirectory ? 'directory' : 'file', files, directories, problems };
}

/** Scans a file. A directory of that name, which may be the whole disk, is not entered. */
export async function scanFile(path: string): Promise<Scan> {
  const directories: Directories = new Map();
  const { stats } = await followLinks(path, directories);
  return stats?.isDirectory() ? { kind: 'directory', files: new Map(), directories } : scan(path);
}

type Collected = {
  readonly files: Map<string, ScannedFile>;
  readonly directories: Directories;
  readonly problems: Map<string, Problem>;
  readonly ignore: Ignore;
};

/** Adds the target of a path to the scan; resolves with the problem if the path itself cannot be scanned. */
async function collect(
  target: LinkPath,
  name: string,
  parents: readonly string[],
  into: Collected,
): Promise<Problem | undefined> {
  const { real, stats, code } = target;
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
  const inside = (child: string): string => (name ? `${name}/${child}` : child);
  const kept = children.filter(([child]) => !isLitter(child) && !into.ignore(inside(child)));
  await Promise.all(
    kept.map(async ([child, path]) => {
      const problem = await collect(await step(path, into.directories), inside(child), [...parents, real], into);
      // A child that is gone was removed during the scan, or is a link that Kubernetes is about to remove.
      if (problem && !isAbsent(problem.code)) into.problems.set(inside(child), problem);
    }),
  );
  return undefined;
}

/** The names and paths of a directory; files that Kubernetes swaps as a whole are read in the directory that was swapped in. */
async function list(directory: string, directories: Directories): Promise<(readonly [name: string, path: string])[]> {
  const children = new Map<string, string>();
  const names = await readdir(directory);
  const published = names.includes('..data') ? await followLinks(join(directory, '..data'), directories) : undefined;
  if (published?.stats?.isDirectory()) {
    directories.set(published.real, identity(published.stats));
    for (const name of await readdir(published.real)) children.set(name, join(published.real, name));
  }
  for (const name of names) if (!children.has(name)) children.set(name, join(directory, name));
  return [...children].filter(([name]) => !name.startsWith('..'));
}

/** Like `followLinks`, for a path of which only the last step can be a link. */
async function step(path: string, directories: Directories): Promise<LinkPath> {
  const stats = await lstat(path, { bigint: true }).catch(errorCode);
  if (typeof stats === 'string') return { real: path, code: stats };
  return stats.isSymbolicLink() ? followLinks(path, directories) : { real: path, stats };
}

/** Tells whether a code says that nothing is there. */
export function isAbsent(code: string): boolean {
  return code === 'ENOENT' || code === 'ENOTDIR';
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'may not be read by this process: permission denied. Check who owns it and its mode',
  EPERM: 'may not be read by this process: permission denied. Check who owns it and its mode',
  ELOOP: 'is a link that leads in a circle',
  EFTYPE: 'is neither a file nor a directory',
};

/** The error for a file that cannot be read. */
export function unreadable({ path, code }: Problem): SourceError {
  return new SourceError('source_unreadable', `${path} ${reasons[code] ?? `cannot be read (${code})`}.`);
}

/**
 * Tells whether a scan differs from the one before by whole files (or a whole directory) that were renamed into place,
 * so that nobody is still writing them.
 */
export function replaced(before: Scan, now: Scan): boolean {
  if (before.kind !== now.kind || now.files.size === 0) return false;
  const pairs = [...now.files].flatMap(([name, file]) => {
    const old = before.files.get(name);
    return old ? [[old, file] as const] : [];
  });
  const sameNames = pairs.length === now.files.size && pairs.length === before.files.size;
  if (!sameNames) return pairs.length > 0 && pairs.every(isElsewhere);
  const changed = pairs.filter((pair) => !sameFile(...pair));
  return changed.length > 0 && changed.every((pair) => isElsewhere(pair) || isRenamedInto(pair));
}

/** Tells whether two scans found the same files in the same state. */
export function sameScan(a: Scan, b: Scan): boolean {
  if (a.kind !== b.kind || a.files.size !== b.files.size || a.problem?.code !== b.problem?.code) return false;
  if (!sameProblems(a.problems, b.problems)) return false;
  for (const [name, file] of a.files) {
    const other = b.files.get(name);
    if (!other || !sameFile(file, other)) return false;
  }
  return true;
}

/** Tells whether two scans or readings failed at the same places for the same reasons. */
export function sameProblems(a: Scan['problems'] = new Map(), b: Scan['problems'] = new Map()): boolean {
  return a.size === b.size && [...a].every(([name, { code }]) => b.get(name)?.code === code);
}

type Pair = readonly [before: ScannedFile, now: ScannedFile];

function sameFile(a: ScannedFile, b: ScannedFile): boolean {
  return (
    a.real === b.real &&
    a.stats.ino === b.stats.ino &&
    a.stats.dev === b.stats.dev &&
    a.stats.size === b.stats.size &&
    a.stats.mtimeNs === b.stats.mtimeNs &&
    a.stats.ctimeNs === b.stats.ctimeNs
  );
}

/** Tells whether a link leads to another file now. */
function isElsewhere([before, now]: Pair): boolean {
  return before.real !== now.real;
}

/** Tells whether a file was renamed into place: renaming sets `ctime` only, so a new inode was written before that. */
function isRenamedInto([before, now]: Pair): boolean {
  return before.stats.ino !== now.stats.ino && now.stats.size > 0n && now.stats.ctimeNs > now.stats.mtimeNs;
}
