// Repeats the scenario table with chokidar 6, on a Node that it runs on, both installed into a directory that is
// removed afterwards: `node spec/sources/watch/chokidar-6.js`. Ends with 1 when a change was missed or half of one seen.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../../..', import.meta.url));
const { dependencies, devDependencies } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
const copy = mkdtempSync(join(tmpdir(), 'hotline-chokidar-6-'));
const inCopy = { cwd: copy, stdio: 'inherit' };
// Not a test runner's: whoever calls us may have told his own Node something.
const env = { ...process.env, NODE_OPTIONS: '' };

try {
  const { rxjs } = devDependencies;
  const wanted = { ...dependencies, chokidar: '^6.0.0', rxjs, node: '22' };
  writeFileSync(join(copy, 'package.json'), JSON.stringify({ type: 'module', private: true, dependencies: wanted }));
  execFileSync('npm', ['install', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error'], {
    ...inCopy,
    env,
  });
  for (const part of ['src', 'spec/sources/watch']) cpSync(join(project, part), join(copy, part), { recursive: true });
  const { version } = JSON.parse(readFileSync(join(copy, 'node_modules/chokidar/package.json'), 'utf8'));
  console.log(`chokidar ${version}`);
  const node = join(copy, 'node_modules/node/bin/node');
  execFileSync(node, ['--disable-warning=ExperimentalWarning', 'spec/sources/watch/table.ts'], { ...inCopy, env });
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
