import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A block of code on a page. */
export interface Block {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly code: string;
  /** The `text` block right behind it. */
  readonly output: string | undefined;
}

/** The pages whose blocks are held to be true. */
export async function pages(): Promise<readonly string[]> {
  const folders = ['.', 'docs', 'docs/guides'];
  const found = folders.map(async (folder) => (await readdir(folder)).map((name) => join(folder, name)));
  return (await Promise.all(found))
    .flat()
    .map((page) => page.replaceAll('\\', '/'))
    .filter((page) => page.endsWith('.md'));
}

export async function blocksOf(page: string): Promise<readonly Block[]> {
  const markdown = (await readFile(page, 'utf8')).replaceAll('\r\n', '\n');
  const found = markdown.matchAll(/^```(.*)\n([^]*?)^```\n(?=(\n```text\n([^]*?)^```\n)?)/gm);
  return [...found].map(({ index, 1: language = '', 2: code = '', 4: output }) => ({
    ...{ page, line: markdown.slice(0, index).split('\n').length },
    ...{ language: language.trim(), code, output },
  }));
}
