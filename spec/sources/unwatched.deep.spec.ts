import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const run = promisify(execFile);
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hotline-unwatched-'));
  await writeFile(join(directory, 'secrets.toml'), 'a = 1\n', { mode: 0o600 });
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('a path that cannot be watched', () => {
  it('is polled, and one warning says so and why', async () => {
    const limited = await run('unshare', ['-Ur', 'sh', '-c', 'echo 0 > /proc/sys/user/max_inotify_watches']).then(
      () => true,
      () => false,
    );
    if (!limited) return console.warn('Skipped: this user may not lower the limit of inotify in a namespace.');
    const program = `
      const { createConnections, tomlFile } = require('hotline');
      const { writeFileSync } = require('node:fs');
      const path = ${JSON.stringify(join(directory, 'secrets.toml'))};
      const hot = createConnections({ sources: [tomlFile(path)] });
      hot.events$.subscribe((event) => event.type === 'warning' && console.log(event.code, event.message));
      hot.secrets$.subscribe((secrets) => console.log(secrets.get('a')));
      setTimeout(() => writeFileSync(path, 'a = 2\\n'), 500);
      setTimeout(() => hot.close(), 6500);
    `;
    const limit = 'echo 0 > /proc/sys/user/max_inotify_watches; exec "$@"';
    const env = { ...process.env, NODE_OPTIONS: '' };
    const node = [process.execPath, '--eval', program];
    const { stdout } = await run('unshare', ['-Ur', 'sh', '-c', limit, 'sh', ...node], { env, timeout: 20_000 });
    expect(stdout.split('\n').filter(Boolean)).toEqual([
      expect.stringMatching(
        /^not_watched .* cannot be watched \((ENOSPC|EMFILE)\); it is looked at every 5 s\. .*inotify/,
      ),
      '1',
      '2',
    ]);
  }, 30_000);
});
