import { readFile } from 'node:fs/promises';
import { statSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { defer, merge, NEVER } from 'rxjs';
import {
  dotenvFile,
  environmentVariables,
  jsonFile,
  parseSecrets,
  secretsDirectory,
  SourceError,
  tomlFile,
  type Source,
  type SourceState,
} from '../index.ts';

/** The source that `--secrets` names: by its ending TOML, JSON or dotenv; a pipe is read once. */
export function sourceNamed(path: string): Source {
  const what = kindOf(path);
  if (what === 'directory') return secretsDirectory(path);
  if (what === 'pipe') return readOnce(path);
  if (isJson(path)) return jsonFile(path);
  return isDotenv(path) ? dotenvFile(path) : tomlFile(path);
}

const isJson = (path: string): boolean => /\.json$/i.test(path);
const isDotenv = (path: string): boolean => /\.env(\.[^/\\]*)?$/i.test(path);

/** The kind of file that is there now, links followed: the shell's `<(…)` and `/dev/stdin` are links that lead to no path. */
function kindOf(path: string): 'file' | 'directory' | 'pipe' {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory()) return 'directory';
  return stats && !stats.isFile() ? 'pipe' : 'file';
}

/** A source that is read once, when it is first used: what comes out of a pipe cannot be read again. */
function readOnce(path: string): Source {
  const label = `${path} (a pipe, read once)`;
  let reading: Promise<SourceState> | undefined;
  const read = (): Promise<SourceState> =>
    readFile(path).then(
      (bytes) => stateOf(bytes, path, label),
      (error: NodeJS.ErrnoException) =>
        failed(new SourceError('source_unreadable', `${label} cannot be read (${error.code}).`)),
    );
  const states$ = merge(
    defer(() => (reading ??= read())),
    NEVER,
  );
  return Object.assign(states$, { label });
}

function stateOf(bytes: Uint8Array, path: string, label: string): SourceState {
  try {
    if (!isDotenv(path)) return { state: 'loaded', trust: 'local', secrets: parseSecrets(bytes, label) };
    const env = parseEnv(new TextDecoder().decode(bytes));
    let found = failed(new SourceError('source_invalid', `${label} cannot be read.`));
    environmentVariables({ env })
      .subscribe((state) => (found = state))
      .unsubscribe();
    return found;
  } catch (error) {
    if (error instanceof SourceError) return failed(error);
    throw error;
  }
}

function failed(error: SourceError): SourceState {
  return { state: 'failed', trust: 'local', error };
}
