import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { build, stop, type Format } from 'esbuild';

const run = promisify(execFile);
const optional = ['knex', 'libsql', 'pg', 'pg-cursor', 'snowflake-sdk'];

const program = `
  const hot = createConnections({
    sources: [inline({ connections: { pets: { type: 'sql', url: 'sqlite://' }, gone: { type: 'sql', url: 'mssql://h/d', driver: 'tedious' } } })],
  });
  hot.connection('pets', { type: SqlConnection }).then(async (pets) => {
    console.log(JSON.stringify(await pets.query('select 1 as one')));
    await hot.connection('gone').catch((error) => console.log(error.code));
    await hot.close();
  });`;

/** A program that is bundled, with its drivers left out, and run from its own folder, as AWS CDK and Serverless do. */
describe('a bundle', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hotline-bundle-'));
    await symlink(resolve('node_modules'), join(folder, 'node_modules'));
  });
  afterAll(async () => {
    await stop();
    await rm(folder, { recursive: true });
  });

  it.each<[Format, string, string]>([
    ['esm', 'app.mjs', `import { createConnections, inline, SqlConnection } from 'hotline';`],
    ['cjs', 'app.cjs', `const { createConnections, inline, SqlConnection } = require('hotline');`],
  ])('of esbuild, %s, finds the drivers that were left out of it', async (format, name, first) => {
    await writeFile(join(folder, name), first + program);
    const outfile = join(folder, `out.${name.slice(4)}`);
    const { warnings } = await build({
      entryPoints: [join(folder, name)],
      alias: { hotline: resolve('dist/esm/index.mjs') },
      outfile,
      format,
      bundle: true,
      platform: 'node',
      external: optional,
      logLevel: 'silent',
    });
    expect(warnings.filter(({ id }) => id !== 'empty-import-meta')).toEqual([]);
    const { stdout } = await run(process.execPath, [outfile], { cwd: folder });
    expect(stdout).toBe('[{"one":1}]\nmissing_driver\n');
  });
});
