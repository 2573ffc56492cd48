import { execFile } from 'node:child_process';
import { access, constants, realpath, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { SourceWarning } from './source.ts';

/** The warnings about a secrets file itself: others can read it, git tracks it or does not ignore it. */
export async function fileWarnings(path: string): Promise<readonly SourceWarning[]> {
  // Where no process may be started, git is not asked.
  const asked = [readableByOthers(path), replacedUnderMount(path), knownToGit(path).catch(() => undefined)];
  const warnings = await Promise.all(asked);
  return warnings.filter((warning) => warning !== undefined);
}

/** The permissions of a file as people write them: `644`. */
export function permissions(mode: number): string {
  return (mode & 0o777).toString(8).padStart(3, '0');
}

/** The permissions of a file, and its owner where that is known. */
interface Owned {
  readonly mode: number;
  readonly uid?: number;
}

/**
 * A warning when others than its owner can do anything with a file. Windows does not keep it in the mode. The owner of a mounted
 * file is often root, and its group the one by which this process reads it: then the bits of the group are no reason.
 */
export function readableWarning(path: string, { mode, uid }: Owned, mount = false): SourceWarning | undefined {
  const isOurs = uid === undefined || uid === process.getuid?.();
  if (process.platform === 'win32' || (mode & (isOurs ? 0o077 : 0o007)) === 0) return undefined;
  const open = `${path} is open to others than its owner (mode ${permissions(mode)}).`;
  if (!mount) return { code: 'readable_by_others', message: `${open} Run: chmod 600 ${path}` };
  const cure = isOurs ? 'defaultMode: 0400' : 'defaultMode: 0440 and fsGroup';
  const message = `${open} Write ${cure} in the manifest that mounts it; here it cannot be changed.`;
  return { code: 'mount_readable_by_others', message };
}

/** The warnings about a file in a directory of secrets; git is not asked. */
export async function directoryWarnings(file: string): Promise<readonly SourceWarning[]> {
  const warning = await readableByOthers(file);
  return warning ? [warning] : [];
}

async function readableByOthers(path: string): Promise<SourceWarning | undefined> {
  const stats = await stat(path).catch(() => undefined);
  return stats && readableWarning(path, stats, await isMounted(path));
}

/** The warning about a file that has no name any more: it was replaced outside, and the mount leads to the old one for good. */
async function replacedUnderMount(path: string): Promise<SourceWarning | undefined> {
  const stats = await stat(path).catch(() => undefined);
  if (stats?.nlink !== 0) return undefined;
  return {
    code: 'mount_replaced',
    message: `${path} is a mount of a file that was replaced by another since: this one can never change. Mount its directory, and start the container again.`,
  };
}

/** The warning about a path that the system cannot watch. */
export function unwatchedWarning(path: string, code: string): SourceWarning {
  const limits: Readonly<Record<string, string>> = {
    ENOSPC: ' The limit of inotify watches is reached. Raise fs.inotify.max_user_watches.',
    EMFILE: ' The limit of inotify instances is reached. Raise fs.inotify.max_user_instances.',
  };
  const cure = limits[code] ?? '';
  return { code: 'not_watched', message: `${path} cannot be watched (${code}); it is looked at every 5 s.${cure}` };
}

/** Tells whether a file is on a mount that cannot be written, or laid out by Kubernetes: nobody can change its mode there. */
async function isMounted(path: string): Promise<boolean> {
  const readOnly = await access(path, constants.W_OK).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'EROFS',
  );
  const real = await realpath(path).catch(() => path);
  return readOnly || real.split(sep).some((name) => name.startsWith('..'));
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function knownToGit(path: string): Promise<SourceWarning | undefined> {
  if (!(await isInRepository(dirname(path)))) return undefined;
  if ((await git(path, 'ls-files', '--error-unmatch')) === 0)
    return {
      code: 'tracked_by_git',
      message: `${path} is tracked by git. Run: git rm --cached ${path}, and change what it says.`,
    };
  if ((await git(path, 'check-ignore', '--quiet')) === 1)
    return { code: 'not_ignored_by_git', message: `${path} is not ignored by git. Add it to .gitignore.` };
  return undefined;
}

async function isInRepository(directory: string): Promise<boolean> {
  const found = await isThere(join(directory, '.git'));
  const parent = dirname(directory);
  return found || (parent !== directory && isInRepository(parent));
}

/** The exit code of git, asked about a file; `undefined` when there is no git to ask. */
function git(path: string, ...command: string[]): Promise<number | undefined> {
  return new Promise((resolve) => {
    // A repository may name a program to be run as its file monitor: not by us.
    const args = ['-c', 'core.fsmonitor=false', ...command, '--', path];
    const child = execFile('git', args, { cwd: dirname(path), timeout: 3_000 }, (error) => {
      resolve(error === null ? 0 : typeof error.code === 'number' ? error.code : undefined);
    });
    child.unref();
  });
}
