import { SourceError } from '../errors/index.ts';
import { readDirectory } from './directory-tree.ts';
import { fileSource, type Found, type FileOptions } from './file-source.ts';
import { absolutePath } from './path.ts';
import type { Source, SourceState } from './source.ts';
import { decodeText } from './text.ts';
import { parseToml } from './toml.ts';

/**
 * The secrets in a TOML file, read again whenever it changes. `~` is the home directory; a relative path starts at
 * the working directory of this moment. A directory of that name is read as `secretsDirectory` reads it.
 *
 * @throws ConfigError `invalid_policy` or `invalid_argument` when `settle` is no duration.
 * @example
 * const hot = createConnections({ sources: [tomlFile('~/.streamlit/secrets.toml', { optional: true }), tomlFile('secrets.toml')] });
 */
export function tomlFile(path: string, options: FileOptions = {}): Source {
  const absolute = absolutePath(path);
  let first: Found['kind'] | undefined;
  return fileSource(absolute, options, (found) => {
    first ??= found.kind;
    if (found.kind !== first) throw changed(absolute, found.kind);
    return found.kind === 'directory' ? readDirectory(absolute, found.files) : readToml(absolute, found);
  });
}

function readToml(path: string, { files }: Found): SourceState {
  const [file] = files.values();
  return { state: 'loaded', trust: 'local', secrets: parseToml(decodeText(file!.bytes, path), path) };
}

/** What was a file when we began, and has become a directory, is an accident rather than a wish. */
function changed(path: string, kind: Found['kind']): SourceError {
  return new SourceError(
    'source_unreadable',
    `${path} has become a ${kind}. Make it again what it was; what was loaded before stays in use.`,
  );
}
