import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { fileWarnings, readableWarning, permissions } from '../../src/sources/file-warnings.ts';
import { runInChild } from '../support/child.ts';
import { tempDirs } from './support/temp-dir.ts';

const run = promisify(execFile);

describe('fileWarnings', () => {
  const tempDir = tempDirs();

  async function repository(): Promise<{ path: string; git: (...args: string[]) => Promise<unknown> }> {
    const root = await tempDir();
    const git = (...args: string[]) => run('git', args, { cwd: root });
    await git('init', '--quiet');
    await mkdir(join(root, '.streamlit'));
    const path = join(root, '.streamlit', 'secrets.toml');
    await writeFile(path, 'a = 1', { mode: 0o600 });
    return { path, git };
  }

  const codes = async (path: string) => (await fileWarnings(path)).map(({ code }) => code);

  it('says nothing of a file that is its owner’s alone, outside of git, or not there', async () => {
    const path = join(await tempDir(), 'secrets.toml');
    expect(await codes(path)).toEqual([]);
    await writeFile(path, '', { mode: 0o600 });
    expect(await codes(path)).toEqual([]);
  });

  it('says who else can read it, and what to do', async () => {
    const path = join(await tempDir(), 'secrets.toml');
    await writeFile(path, '');
    await chmod(path, 0o640);
    expect(await fileWarnings(path)).toEqual([
      {
        code: 'readable_by_others',
        message: `${path} is open to others than its owner (mode 640). Run: chmod 600 ${path}`,
      },
    ]);
  });

  it('says that git would take it, that git has it, and nothing when git ignores it', async () => {
    const { path, git } = await repository();
    expect(await codes(path)).toEqual(['not_ignored_by_git']);
    await git('add', path);
    expect(await codes(path)).toEqual(['tracked_by_git']);
    await git('rm', '--cached', '--quiet', path);
    await writeFile(join(path, '..', '..', '.gitignore'), '.streamlit/\n');
    expect(await codes(path)).toEqual([]);
  });

  it('says nothing of git where there is no git to ask', async () => {
    const { path } = await repository();
    const { stdout } = await runInChild(`
      process.env.PATH = '/nowhere';
      const { fileWarnings } = load('src/sources/file-warnings.ts');
      console.log(JSON.stringify(await fileWarnings(${JSON.stringify(path)})));
    `);
    expect(stdout).toBe('[]\n');
  });

  it('says nothing of git where no process may be started', async () => {
    const { path } = await repository();
    const { stdout } = await runInChild(`
      const { ChildProcess } = require('node:child_process');
      ChildProcess.prototype.spawn = () => { throw new Error('may not be started'); };
      const { fileWarnings } = load('src/sources/file-warnings.ts');
      console.log(JSON.stringify(await fileWarnings(${JSON.stringify(path)})));
    `);
    expect(stdout).toBe('[]\n');
  });

  it('runs nothing that a repository names', async () => {
    const { path, git } = await repository();
    const mark = join(path, '..', 'ran');
    await git('config', 'core.fsmonitor', `touch ${mark}`);
    await fileWarnings(path);
    await expect(run('ls', [mark])).rejects.toThrow();
  });
});

describe('opened', () => {
  it('is about the bits of others only', () => {
    expect([0o100600, 0o100400, 0o100700].map((mode) => readableWarning('x', { mode }))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect([0o100640, 0o100604, 0o100620].map((mode) => readableWarning('x', { mode })?.code)).toEqual(
      Array.from({ length: 3 }, () => 'readable_by_others'),
    );
    expect(permissions(0o100044)).toBe('044');
  });
});
