import { appendFile, readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { existsSync } from 'node:fs';

/** Adds a line for `file` to the .gitignore of its repository, or of this folder, where no line names it. */
export async function gitIgnore(file: string, cwd: string = process.cwd()): Promise<{ file: string; made: boolean }> {
  const folder = repositoryOf(dirname(file)) ?? (relative(cwd, file).startsWith('..') ? dirname(file) : cwd);
  const ignore = join(folder, '.gitignore');
  const path = relative(folder, file).split(sep).join('/');
  const text = await readFile(ignore, 'utf8').catch(() => '');
  const there = text.split(/\r?\n/).some((line) => names(line.trim(), path));
  if (!there) await appendFile(ignore, `${text && !text.endsWith('\n') ? '\n' : ''}/${path}\n`);
  return { file: ignore, made: !there };
}

/** Whether a line is about this file and no pattern: patterns are for git to understand. */
function names(line: string, path: string): boolean {
  const folder = dirname(path);
  return [path, `/${path}`, `${folder}/`, `/${folder}/`, folder, `/${folder}`].includes(line) && line !== '.';
}

function repositoryOf(start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}
