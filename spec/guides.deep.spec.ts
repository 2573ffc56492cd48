import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { parse as parseToml } from 'smol-toml';
import { parseAllDocuments } from 'yaml';
import { blocksOf, pages, type Block } from './support/prose/blocks.ts';
import { examplesInSource } from './support/prose/doc-comments.ts';
import { shellProblems } from './support/prose/shell.ts';
import { typeProblems } from './support/prose/type-check.ts';

const run = promisify(execFile);
const names = await pages();
const blocks = (await Promise.all(names.map(blocksOf))).flat();

/** How a block of each kind is held to be true; a kind that is not here is refused. */
const kinds: Record<string, (block: Block) => unknown> = {
  // Runs as a whole program, and prints what the `text` block behind it says.
  js: runs,
  // Compiled, all together, below.
  ts: () => undefined,
  sh: ({ code }) => expect(shellProblems(code)).toEqual([]),
  toml: ({ code }) => parseToml(code),
  yaml: ({ code }) => expect(parseAllDocuments(code).flatMap(({ errors }) => errors)).toEqual([]),
  json: ({ code }) => void JSON.parse(code),
  // What another program says, for comparison: Streamlit's.
  python: ({ code }) => expect(code).toMatch(/\bst\.connection\(/),
  // Output, or a drawing.
  text: () => undefined,
  mermaid: ({ code }) => expect(code).toMatch(/^(flowchart |xychart-beta\n)/),
};

describe.each(names)('%s', (page) => {
  it('holds blocks of code that are true', async () => {
    for (const block of blocks.filter((one) => one.page === page)) {
      const where = `${page}:${block.line} (${block.language})`;
      if (!Object.hasOwn(kinds, block.language)) throw new Error(`${where}: a block of no known kind`);
      try {
        await kinds[block.language]!(block);
      } catch (cause) {
        throw new Error(`${where}: ${(cause as Error).message}`, { cause });
      }
    }
  }, 120_000);
});

describe('TypeScript in the guides and in doc comments', () => {
  it('compiles', async () => {
    const typed = [...blocks.filter(({ language }) => language === 'ts'), ...examplesInSource()];
    expect(await typeProblems(typed)).toBe('');
  }, 60_000);
});

async function runs({ page, line, code, output }: Block): Promise<void> {
  // Inside the project, so that `hotline` is this package.
  const folder = resolve('.cache/guides', page.replaceAll('/', '-'));
  await mkdir(folder, { recursive: true });
  const file = join(folder, `line-${line}.mjs`);
  await writeFile(file, code);
  const cwd = await mkdtemp(join(tmpdir(), 'hotline-guide-'));
  const { stdout } = await run(process.execPath, [file], { cwd, timeout: 20_000 });
  await rm(cwd, { recursive: true, maxRetries: 3 });
  if (output !== undefined) expect(stdout).toBe(output);
}
