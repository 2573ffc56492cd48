import { execFile } from 'node:child_process';
import { link, mkdir, mkdtemp, open, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { filter, firstValueFrom, map, take, timeout, toArray } from 'rxjs';
import { tomlFile } from '../../src/index.ts';
import { fileWarnings } from '../../src/sources/file-warnings.ts';

const run = promisify(execFile);
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hotline-other-'));
  for (const name of ['outside', 'inside']) await mkdir(join(directory, name));
  await writeFile(join(directory, 'outside/secrets.toml'), 'a = 1\n', { mode: 0o600 });
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Sees `a = 1`, writes `a = 2` by the other path, and sees that before the poll of 5 s would. */
async function seesWrite(inside: string): Promise<unknown[]> {
  const values$ = tomlFile(inside).pipe(
    map((state) => (state.state === 'loaded' ? state.secrets['a'] : undefined)),
    filter((value) => value !== undefined),
    filter((value, index) => index === 0 || value === 2),
    take(2),
    timeout(3000),
    toArray(),
  );
  const seen = firstValueFrom(values$);
  await new Promise((done) => setTimeout(done, 500));
  await writeFile(join(directory, 'outside/secrets.toml'), 'a = 2\n');
  return seen;
}

describe('a file that is written by another path', () => {
  it('is read at once: a hard link', async () => {
    const inside = join(directory, 'inside/secrets.toml');
    await link(join(directory, 'outside/secrets.toml'), inside);
    expect(await seesWrite(inside)).toEqual([1, 2]);
  });

  it('is read at once: a bind mount of the file; where the host replaces it, a warning says that it can never change', async () => {
    const outside = join(directory, 'outside/secrets.toml');
    const inside = join(directory, 'inside/secrets.toml');
    await writeFile(inside, '');
    const mounted = await run('mount', ['--bind', outside, inside]).then(
      () => true,
      () => false,
    );
    if (!mounted) return console.warn('Skipped: this user may not mount.');
    try {
      expect(await seesWrite(inside)).toEqual([1, 2]);
      await unlink(outside);
      expect((await fileWarnings(inside)).map(({ code }) => code)).toEqual(['mount_replaced']);
    } finally {
      await run('umount', [inside]);
    }
  });

  it('has a name as long as nobody replaced it', async () => {
    const file = join(directory, 'outside/secrets.toml');
    expect(await fileWarnings(file)).toEqual([]);
    if (process.platform !== 'linux') return;
    const held = await open(file);
    await unlink(file);
    const codes = (await fileWarnings(`/proc/self/fd/${held.fd}`)).map(({ code }) => code);
    await held.close();
    expect(codes).toEqual(['mount_replaced']);
  });
});
