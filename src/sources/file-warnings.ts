import { execFile } from 'node:child_process';
import { access, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SourceWarning } from './source.ts';

/** The warnings about a secrets file itself: others can read it, git tracks it or does not ignore it. */
export async function fileWarnings(path: string): Promise<readonly SourceWarning[]> {
  // Where no process may be started, git is not asked.
  const warnings = await Promise.all([readableByOthers(path), knownToGit(path).catch(() => undefined)]);
  return warnings.filter((warning) => warning !== undefined);
}

/** The permissions of a file as people write them: `644`. */
export function permissions(mode: number): string {
  return (mode & 0o777).toString(8).padStart(3, '0');
}

/** A warning when others than its owner can do anything with a file. Windows does not keep it in the mode. */
export function readableWarning(path: string, mode: number): SourceWarning | undefined {
  if (process.platform === 'win32' || (mode & 0o077) === 0) return undefined;
  const message = `${path} is open to others than its owner (mode ${permissions(mode)}). Run: chmod 600 ${path}`;
  return { code: 'readable_by_others', message };
}

async function readableByOthers(path: string): Promise<SourceWarning | undefined> {
  const stats = await stat(path).catch(() => undefined);
  return stats && readableWarning(path, stats.mode);
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
  const found = await access(join(directory, '.git')).then(
    () => true,
    () => false,
  );
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
