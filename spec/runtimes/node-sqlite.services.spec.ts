import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';

const run = promisify(execFile);
const suites = [
  ...['contract', 'error-details', 'exact-integers', 'insert-id', 'insert-rows', 'nested-transactions', 'on-connect'],
  ...['scripts', 'sqlite-client'],
];

/** The Node.js of the other specs has none that can be used: these run what all drivers of SQLite run, on newer ones. */
describe('node:sqlite', () => {
  let folder: string;
  beforeAll(async () => {
    const print = `import('./spec/runtimes/install.js').then(({ install }) => console.log(install()))`;
    const { stdout } = await run(process.execPath, ['-e', print]);
    folder = stdout.trim().split('\n').at(-1)!;
  }, 300_000);

  it.each(['node22', 'node24', 'node26'])(
    'does on %s what every driver of SQLite does',
    async (node) => {
      const { stderr } = await run(
        join(folder, 'node_modules', node, 'bin/node'),
        [
          ...[
            '--experimental-vm-modules',
            '--no-warnings',
            'node_modules/jest/bin/jest.js',
            '--testNamePattern=SQLite',
          ],
          `spec/kinds/sql/(${suites.join('|')}).spec.ts`,
        ],
        {
          env: {
            ...process.env,
            NODE_OPTIONS: '',
            HOTLINE_TEST_SKIP_BUILD: '1',
            HOTLINE_TEST_SQLITE_DRIVER: 'node:sqlite',
          },
          timeout: 170_000,
        },
      ).catch((error: { stderr: string; stdout: string }) => ({ stderr: error.stderr + error.stdout }));
      expect(stderr).toMatch(/^Tests:.* \d{2,} passed/m);
      expect(stderr).not.toMatch(/^Tests:.* failed/m);
    },
    180_000,
  );
});
