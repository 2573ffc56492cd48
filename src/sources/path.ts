import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { ConfigError } from '../errors/index.ts';

/** The absolute path that is meant: `~` is the home directory, a relative path starts at the working directory. */
export function absolutePath(path: string, home: string = homedir()): string {
  if (typeof path !== 'string' || path === '')
    throw new ConfigError('invalid_argument', 'path: expected the path of a file or directory.');
  if (path === '~') return home;
  return /^~[/\\]/.test(path) ? join(home, path.slice(2)) : resolve(path);
}
