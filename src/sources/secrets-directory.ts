import { join } from 'node:path';
import { SourceError } from '../errors/index.ts';
import { absolutePath, pathSource, type DirectoryOptions } from './path-source.ts';
import { decodeText, parseJson, parseToml } from './parse-secrets.ts';
import { TreeBuilder } from './secret-tree.ts';
import type { SecretTree, SecretValue, Source, SourceState, SourceWarning } from './source.ts';
import type { ReadFile } from './watch/contents.ts';
import { unreadable, type Problem } from './watch/scan.ts';

const parsers: Record<string, (text: string, file: string) => SecretTree> = { toml: parseToml, json: parseJson };

/** The values of the files of a directory that could be read last, by their names. */
type LastValues = Map<string, SecretValue>;

/**
 * The states of a directory of secrets: a folder is a table, a file is a string, however many of them there are;
 * a file that ends in `.toml` or `.json` is the table that it holds. A file that was good before and is not now keeps its value in
 * `last`, and is told by a failed state after the loaded one, and so is what may not be read (`problems`, by name): one file does not
 * keep the others from being read.
 *
 * @throws SourceError where one is broken or nothing may be read, and none was read before.
 */
export function readDirectory(
  root: string,
  files: ReadonlyMap<string, ReadFile>,
  last: LastValues = new Map(),
  problems: ReadonlyMap<string, Problem> = new Map(),
): SourceState | readonly SourceState[] {
  const builder = new TreeBuilder(root);
  const blank: string[][] = [];
  const warnings: SourceWarning[] = [];
  const first = last.size === 0;
  let broken: SourceError | undefined;
  for (const [name, { bytes }] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const file = join(root, name);
    const [path, extension = ''] = split(name);
    const value = valueOf(bytes, file, extension);
    if (value instanceof SourceError) {
      const before = last.get(name);
      if (before !== undefined) builder.set(path, before, file);
      // What was never text, as a `.p12` beside the secrets is, may stay as it is.
      if (before === undefined && extension === '') warnings.push(notText(file));
      else if (first) throw value;
      else broken ??= value;
    } else {
      last.set(name, value);
      builder.set(path, value, file);
      if (Object.keys(value as object).length === 0) blank.push(path);
    }
  }
  for (const problem of problems.values()) {
    if (first && files.size === 0) throw unreadable(problem);
    broken ??= unreadable(problem);
  }
  for (const [name, value] of last) {
    if (files.has(name)) continue;
    // What is in a folder that may not be read is in use as well.
    if (steps(name).some((step) => problems.has(step))) builder.set(split(name)[0], value, join(root, name));
    else last.delete(name);
  }
  const { tree: secrets, originOf } = builder;
  const loaded = {
    state: 'loaded',
    trust: 'local',
    secrets,
    originOf,
    blank,
    ...(warnings.length > 0 && { warnings }),
  } as const;
  return broken ? [loaded, { state: 'failed', trust: 'local', error: broken }] : loaded;
}

/** A name in a directory, and the folders that it is in. */
function steps(name: string): string[] {
  return name.split('/').map((_step, at, all) => all.slice(0, at + 1).join('/'));
}

function valueOf(bytes: Uint8Array, file: string, extension: string): SecretValue | SourceError {
  try {
    const text = decodeText(bytes, file);
    return parsers[extension]?.(text, file) ?? withoutPadding(text);
  } catch (error) {
    if (error instanceof SourceError) return error;
    throw error;
  }
}

function notText(file: string): SourceWarning {
  const cure = 'Save it as UTF-8 (base64 for what is no text), move it, or name it in `ignore`.';
  return { code: 'not_text', message: `${file} is no text in UTF-8, and was left out. ${cure}` };
}

/** A crash of the machine can leave a file of NUL bytes: it says as little as an empty one. */
function withoutPadding(text: string): string {
  return /^\0+$/.test(text) ? '' : text.trim();
}

/** The path of a file in the tree, and its parser: `__` in a name is a step, for stores that have no folders. */
function split(name: string): [path: string[], extension?: string] {
  const [, stem, extension] = /^(.*[^/])\.(toml|json)$/i.exec(name) ?? [];
  const path = (stem && extension ? stem : name).split(/\/|(?<=[^_/])__(?=[^_/])/);
  return stem && extension ? [path, extension.toLowerCase()] : [path];
}

/**
 * The secrets in a mounted directory, as Kubernetes and Docker lay them out, read again whenever one changes.
 * A folder is a table, and so is what stands before `__` in a name (Docker's and systemd's secrets have no folders); a file is a string without the white space around it; a file that ends in `.toml` or `.json`
 * is the table that it holds, under its name without the ending. Names that start with `..`, and what editors and desktops leave there,
 * are passed over; a file that is no text is left out with a warning, and one that is broken keeps its last value.
 *
 * @throws ConfigError `invalid_policy` or `invalid_argument` when `settle` is no duration.
 * @example
 * // /run/secrets/connections/pets/url → connections.pets.url
 * const hot = createConnections({ sources: [secretsDirectory('/run/secrets')] });
 */
export function secretsDirectory(path: string | URL, options: DirectoryOptions = {}): Source {
  const absolute = absolutePath(path);
  const last: LastValues = new Map();
  return pathSource(absolute, options, ({ kind, files, problems }) => {
    if (kind === 'file')
      throw new SourceError('source_unreadable', `${absolute} is a file, and should be a directory: use tomlFile.`);
    return readDirectory(absolute, files, last, problems);
  });
}
