import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const run = promisify(execFile);
const example = (name: string): string => resolve('docs/examples', name);

describe('examples', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hotline-example-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('pets.js shows the main job: reconnected, nothing, kept the last good, reconnected', async () => {
    const env = { ...process.env, TMPDIR: folder, TEMP: folder };
    const { stdout } = await run(process.execPath, [example('pets.js')], { cwd: folder, env });
    const outcomes = stdout.split('\n').filter((line) => line.includes('→'));
    expect(outcomes.map((line) => line.trim())).toEqual([
      '→ connected',
      '→ reconnected',
      '→ nothing: the settings are the same',
      '→ kept the last good secrets; the connection still answers',
      '→ reconnected',
    ]);
    expect(stdout).toMatch(/'Dolly'/);
    expect(stdout.match(/'Milo'/g)).toHaveLength(2);
    expect(await readdir(folder)).toEqual([]);
  });

  it('ten-lines.js prints the row that it wrote', async () => {
    const { stdout } = await run(process.execPath, [example('ten-lines.js')], { cwd: folder });
    expect(stdout).toContain("[ { name: 'Milo', owner: 'Ann' } ]");
  });

  it('copy-table.js goes on after a rotation of both sides, and copies every row once', async () => {
    const { stdout } = await run(process.execPath, [example('copy-table.js')], { cwd: folder });
    expect(stdout.split('\n')).toEqual([
      "rotated: [ 'from', 'to' ]",
      'lease_aborted: go on after what is there',
      '[ { rows: 10000, pets: 10000, last: 10000 } ]',
      '',
    ]);
  });

  it('pipeline.js copies each batch when the last one is written', async () => {
    const { stdout } = await run(process.execPath, [example('pipeline.js')], { cwd: folder });
    expect(stdout).toBe('copied 2\ncopied 2\ncopied 1\n');
  });

  it.each(['ten-lines.js', 'pipeline.js'])('the README prints %s as it is', async (name) => {
    const readme = await readFile('README.md', 'utf8');
    expect(readme).toContain(`\`\`\`js\n${await readFile(example(name), 'utf8')}\`\`\``);
  });
});
