import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Where module paths in `type` start: the folder of the nearest package.json. */
export function projectRoot(start: string): string {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) return resolve(start);
  }
}
