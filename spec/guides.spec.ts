import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const run = promisify(execFile);

/** A program in a guide, and what stands under it as its output. */
interface Program {
  readonly line: number;
  readonly code: string;
  readonly output: string | undefined;
}

/** Every `js` block is a whole program; a `text` block right behind it is what it prints. */
function programs(markdown: string): Program[] {
  const blocks = markdown.matchAll(/^```js\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?/gms);
  return [...blocks].map(({ index, 1: code = '', 2: output }) => ({
    line: markdown.slice(0, index).split('\n').length,
    code,
    output,
  }));
}

const guides = (await readdir('docs/guides')).filter((name) => name.endsWith('.md'));

describe.each(guides)('docs/guides/%s', (name) => {
  it('holds programs that run as they are printed', async () => {
    // Inside the project, so that `hotline` is this package.
    const folder = resolve('.cache/guides', name);
    await mkdir(folder, { recursive: true });
    const markdown = await readFile(join('docs/guides', name), 'utf8');
    for (const { line, code, output } of programs(markdown)) {
      const file = join(folder, `line-${line}.mjs`);
      await writeFile(file, code);
      const cwd = await mkdtemp(join(tmpdir(), 'hotline-guide-'));
      const { stdout } = await run(process.execPath, [file], { cwd, timeout: 20_000 });
      await rm(cwd, { recursive: true });
      if (output !== undefined) expect(`line ${line}\n${stdout}`).toBe(`line ${line}\n${output}`);
    }
  }, 60_000);
});
