import { SourceError } from '../errors/index.ts';
import { readDirectory } from './secrets-directory.ts';
import { absolutePath, pathSource, type FileOptions, type Found } from './path-source.ts';
import type { SecretValue, Source, SourceState } from './source.ts';
import { decodeText, parseToml } from './parse-secrets.ts';

/**
 * The secrets in a TOML file, read again whenever it changes. `~` is the home directory; a relative path starts at
 * the working directory of this moment. A directory of that name is read as `secretsDirectory` reads it, unless it is
 * empty or takes the place of a file.
 *
 * @throws ConfigError `invalid_policy` or `invalid_argument` when `settle` is no duration.
 * @example
 * const hot = createConnections({ sources: [tomlFile('~/.streamlit/secrets.toml', { optional: true }), tomlFile('secrets.toml')] });
 */
export function tomlFile(path: string | URL, options: FileOptions = {}): Source {
  const absolute = absolutePath(path);
  let wasFile = false;
  const last = new Map<string, SecretValue>();
  return pathSource(absolute, options, (found) => {
    if (found.kind === 'directory') {
      if (wasFile || (found.files.size === 0 && !found.problems)) throw directoryInPlace(absolute, wasFile);
      return readDirectory(absolute, found.files, last, found.problems);
    }
    wasFile = true;
    return readToml(absolute, found);
  });
}

function readToml(path: string, { files }: Found): SourceState {
  const [file] = files.values();
  try {
    return { state: 'loaded', trust: 'local', secrets: parseToml(decodeText(file!.bytes, path), path) };
  } catch (error) {
    const right = readerOf(path);
    if (!right || !(error instanceof SourceError)) throw error;
    throw new SourceError(error.code, `${error.message} By its name it is read by ${right}, not by tomlFile.`);
  }
}

/** The name of the source that reads files of such a name. */
function readerOf(path: string): string | undefined {
  if (/\.json$/i.test(path)) return 'jsonFile';
  return /\.env(\.[^/\\]*)?$/i.test(path) ? 'dotenvFile' : undefined;
}

/** Docker makes an empty directory where the file of a bind mount is missing. */
function directoryInPlace(path: string, wasFile: boolean): SourceError {
  const what = wasFile
    ? 'has become a directory'
    : 'is an empty directory, as Docker makes where a mounted file is missing';
  return new SourceError(
    'source_unreadable',
    `${path} ${what}. Put the file in its place: it is read then; what was loaded before stays in use.`,
  );
}
