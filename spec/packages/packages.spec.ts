import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { importFile, requireOf } from '../../src/packages/index.ts';
import { runPackageInChild } from '../support/child.ts';

describe('requireOf', () => {
  it('finds a package that is installed beside hotline', () => {
    expect(requireOf('pg')?.resolve('pg')).toContain('node_modules');
  });

  it('finds none that is installed nowhere', () => {
    expect(requireOf('no-such-package-anywhere')).toBeUndefined();
  });

  it('looks beside the program only where the first argument is one: `node -e … redis://localhost` has none', () => {
    const [, program] = process.argv;
    process.argv[1] = 'redis://localhost';
    try {
      expect(requireOf('no-such-package-anywhere')).toBeUndefined();
      expect(requireOf('pg')).toBeDefined();
    } finally {
      process.argv[1] = program!;
    }
  });
});

describe('importFile', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hotline-packages-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('loads CommonJS, also where the test runner has no import()', async () => {
    await writeFile(join(folder, 'one.cjs'), 'exports.one = 1;');
    expect(await importFile(join(folder, 'one.cjs'))).toMatchObject({ one: 1 });
  });

  it('loads an ES module with a top-level await, from the package that is required', async () => {
    const file = join(folder, 'clock.mjs');
    await writeFile(
      file,
      `import { BaseConnection } from ${JSON.stringify(join(process.cwd(), 'dist/index.mjs'))};
      await undefined;
      export class Clock extends BaseConnection { static settings = {}; connect() { return { now: () => 7 }; } }`,
    );
    const program = `
      process.chdir(${JSON.stringify(folder)});
      const { createConnections } = require('hotline');
      const hot = createConnections({ sources: [], root: ${JSON.stringify(folder)} });
      const clock = await hot.connection('clock', { type: './clock.mjs#Clock' });
      console.log(await clock.use((raw) => raw.now()));
      await hot.close();`;
    expect(await runPackageInChild(program)).toMatchObject({ code: 0, stdout: '7\n' });
  });
});
