import { join } from 'node:path';
import { SourceError } from '../errors/index.ts';
import { absolutePath, pathSource, type FileOptions } from './path-source.ts';
import { decodeText, parseJson, parseToml } from './parse-secrets.ts';
import { TreeBuilder } from './secret-tree.ts';
import type { SecretTree, Source, SourceState } from './source.ts';
import type { ReadFile } from './watch/contents.ts';

const parsers: Record<string, (text: string, file: string) => SecretTree> = { toml: parseToml, json: parseJson };

/**
 * The state of a directory of secrets: a folder is a table, a file is a string, however many of them there are;
 * a file that ends in `.toml` or `.json` is the table that it holds.
 */
export function readDirectory(root: string, files: ReadonlyMap<string, ReadFile>): SourceState {
  const builder = new TreeBuilder(root);
  const blank: string[][] = [];
  for (const [name, { bytes }] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const file = join(root, name);
    const text = decodeText(bytes, file);
    const [path, extension = ''] = split(name);
    const parse = parsers[extension];
    const value = parse ? parse(text, file) : withoutPadding(text);
    builder.set(path, value, file);
    if (Object.keys(value).length === 0) blank.push(path);
  }
  return { state: 'loaded', trust: 'local', secrets: builder.tree, originOf: builder.originOf, blank };
}

/** A crash of the machine can leave a file of NUL bytes: it says as little as an empty one. */
function withoutPadding(text: string): string {
  return /^\0+$/.test(text) ? '' : text.trim();
}

/** The path of a file in the tree, and its parser. */
function split(name: string): [path: string[], extension?: string] {
  const [, stem, extension] = /^(.*[^/])\.(toml|json)$/i.exec(name) ?? [];
  return stem && extension ? [stem.split('/'), extension.toLowerCase()] : [name.split('/')];
}

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
export function secretsDirectory(path: string | URL, options: FileOptions = {}): Source {
  const absolute = absolutePath(path);
  return pathSource(absolute, options, ({ kind, files }) => {
    if (kind === 'file')
      throw new SourceError('source_unreadable', `${absolute} is a file, and should be a directory: use tomlFile.`);
    return readDirectory(absolute, files);
  });
}
