import { ConfigError, SourceError } from '../errors/index.ts';
import { decodeText, parseJson } from './parse-secrets.ts';
import { absolutePath, pathSource, type FileOptions, type Found } from './path-source.ts';
import { secretTree } from './secret-tree.ts';
import type { SecretTree, Source, SourceState } from './source.ts';

/**
 * Makes secrets of the bytes of a file, whose absolute path is `path`; it may return a promise. The message of a SourceError that it
 * throws is shown; that of any other error is not, since it may quote the file.
 */
export type FileParser = (
  bytes: Uint8Array,
  context: { readonly path: string },
) => Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>>;

/**
 * The secrets that `parse` makes of a file, read again whenever it changes. They are trusted as those of a TOML file are. `~` is
 * the home directory; a relative path starts at the working directory of this moment; a `file:` URL is a path. While a promise of `parse`
 * is pending, what was loaded before is in use; when the file changes meanwhile, its result is dropped.
 *
 * @throws ConfigError `invalid_argument` when `parse` is no function or the path is none; `invalid_policy` when `settle` is no duration.
 * @example
 * import { parse } from 'yaml';
 * const source = fileSource('secrets.yaml', (bytes) => parse(new TextDecoder().decode(bytes)));
 */
export function fileSource(path: string | URL, parse: FileParser, options: FileOptions = {}): Source {
  if (typeof parse !== 'function')
    throw new ConfigError('invalid_argument', 'parse: expected a function that makes secrets of the bytes of a file.');
  const absolute = absolutePath(path);
  return pathSource(absolute, options, read, true);

  function read({ kind, files }: Found): SourceState | Promise<SourceState> {
    if (kind === 'directory') throw directoryInPlace(absolute);
    // A copy: the watcher compares its own with what it reads next.
    const parsed = parse(new Uint8Array(files.get('')!.bytes), { path: absolute });
    return isPromise(parsed) ? Promise.resolve(parsed).then(loaded) : loaded(parsed);
  }

  function loaded(value: unknown): SourceState {
    return { state: 'loaded', trust: 'local', secrets: secretTree(value, absolute) };
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | undefined | null)?.then === 'function';
}

function directoryInPlace(path: string): SourceError {
  const cure = 'Put the file in its place: it is read then; what was loaded before stays in use.';
  return new SourceError('source_unreadable', `${path} is a directory, and should be a file. ${cure}`);
}

/**
 * The secrets in a JSON file, which holds one object, read again whenever it changes. `~` is the home directory; a relative path
 * starts at the working directory of this moment; a `file:` URL is a path.
 *
 * @throws ConfigError `invalid_argument` when the path is none; `invalid_policy` when `settle` is no duration.
 * @example
 * const hot = createConnections({ sources: [jsonFile('secrets.json')] });
 */
export function jsonFile(path: string | URL, options: FileOptions = {}): Source {
  const parse = (bytes: Uint8Array, file: { path: string }): SecretTree =>
    parseJson(decodeText(bytes, file.path), file.path);
  return fileSource(path, parse, options);
}
