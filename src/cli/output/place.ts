import { homedir } from 'node:os';
import { isAbsolute, relative, sep } from 'node:path';
import { visible } from './visible.ts';

/** Where a setting was written, as briefly as one would say it: a file below this folder, or below `~`. */
export function place(origin: string, cwd: string = process.cwd(), home: string = homedir()): string {
  if (!isAbsolute(origin)) return visible(origin);
  return visible(below(origin, cwd) ?? below(origin, home, `~${sep}`) ?? origin);
}

function below(path: string, folder: string, prefix = ''): string | undefined {
  const rest = relative(folder, path);
  return rest && rest !== '..' && !rest.startsWith(`..${sep}`) && !isAbsolute(rest) ? prefix + rest : undefined;
}
