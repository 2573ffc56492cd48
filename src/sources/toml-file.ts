import { SourceError } from '../errors/index.ts';
import { fileSource, type FileOptions } from './file-source.ts';
import { absolutePath } from './path.ts';
import type { Source, SourceState } from './source.ts';
import { decodeText } from './text.ts';
import { parseToml } from './toml.ts';
import type { Contents } from './watch/contents.ts';

/**
 * The secrets in a TOML file, read again whenever it changes. `~` is the home directory; a relative path starts at
 * the working directory of this moment.
 *
 * @throws ConfigError `invalid_policy` or `invalid_argument` when `settle` is no duration.
 * @example
 * const hot = createConnections({ sources: [tomlFile('~/.streamlit/secrets.toml', { optional: true }), tomlFile('secrets.toml')] });
 */
export function tomlFile(path: string, options: FileOptions = {}): Source {
  const absolute = absolutePath(path);
  return fileSource(absolute, options, (contents) => parseFile(absolute, contents));
}

function parseFile(path: string, { kind, files }: Contents & { kind: 'file' | 'directory' }): SourceState {
  const file = files.get('');
  if (kind === 'directory' || !file)
    throw new SourceError('source_unreadable', `${path} has become a directory. Make it a file again.`);
  return { state: 'loaded', trust: 'local', secrets: parseToml(decodeText(file.bytes, path), path) };
}
