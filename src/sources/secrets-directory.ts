import { SourceError } from '../errors/index.ts';
import { readDirectory } from './directory-tree.ts';
import { fileSource, type FileOptions } from './file-source.ts';
import { absolutePath } from './path.ts';
import type { Source } from './source.ts';

/**
 * The secrets in a mounted directory, as Kubernetes and Docker lay them out, read again whenever one changes.
 * A folder is a table, a file is a string without the white space around it; a file that ends in `.toml` or `.json`
 * is the table that it holds, under its name without the ending. Names that start with `..` are passed over.
 *
 * @throws ConfigError `invalid_policy` or `invalid_argument` when `settle` is no duration.
 * @example
 * // /run/secrets/connections/pets/url → connections.pets.url
 * const hot = createConnections({ sources: [secretsDirectory('/run/secrets')] });
 */
export function secretsDirectory(path: string, options: FileOptions = {}): Source {
  const absolute = absolutePath(path);
  return fileSource(absolute, options, ({ kind, files }) => {
    if (kind === 'file')
      throw new SourceError('source_unreadable', `${absolute} is a file, and should be a directory: use tomlFile.`);
    return readDirectory(absolute, files);
  });
}
