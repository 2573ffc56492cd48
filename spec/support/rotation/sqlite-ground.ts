import { mkdtemp, readdir, readlink, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Target } from './contender.ts';
import type { Ground } from './ground.ts';

/**
 * Files of a directory of its own. What this process has open of it is counted where the system has `/proc`; libsql closes a file when
 * the statements of it are collected, so a run without `--expose-gc` counts those too.
 */
export async function openSqlite(): Promise<Ground> {
  const home = await realpath(await mkdtemp(join(tmpdir(), 'hotline-rotation-')));
  const at = (name: string): Target => ({ url: `sqlite:///${join(home, name)}`, place: join(home, name) });

  return {
    name: 'SQLite',
    where: 'select file as place from pragma_database_list',
    home: at('pets.db'),
    sameServer: [at('pets_new.db'), at('pets_newer.db')],
    elsewhere: at('pets_new.db'),
    async connections() {
      globalThis.gc?.();
      const open = await readdir('/proc/self/fd');
      const paths = await Promise.all(open.map((each) => readlink(`/proc/self/fd/${each}`).catch(() => '')));
      return paths.filter((path) => path.startsWith(home)).length;
    },
    close: () => rm(home, { recursive: true, force: true }),
  };
}
