import { join } from 'node:path';
import { GrowingTree } from './growing-tree.ts';
import { parseJson } from './json.ts';
import type { SecretTree, SourceState } from './source.ts';
import { decodeText } from './text.ts';
import { parseToml } from './toml.ts';
import type { ReadFile } from './watch/contents.ts';

const parsers: Record<string, (text: string, file: string) => SecretTree> = { toml: parseToml, json: parseJson };

/**
 * What a directory of secrets says: a folder is a table, a file is a string, however many of them there are;
 * a file that ends in `.toml` or `.json` is the table that it holds.
 */
export function readDirectory(root: string, files: ReadonlyMap<string, ReadFile>): SourceState {
  const growing = new GrowingTree(root);
  const blank: string[][] = [];
  for (const [name, { bytes }] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const file = join(root, name);
    const text = decodeText(bytes, file);
    const [path, extension = ''] = split(name);
    const parse = parsers[extension];
    const value = parse ? parse(text, file) : withoutPadding(text);
    growing.place(path, value, file);
    if (Object.keys(value).length === 0) blank.push(path);
  }
  return { state: 'loaded', trust: 'local', secrets: growing.tree, originOf: growing.originOf, blank };
}

/** A crash of the machine can leave a file of NUL bytes: it says as little as an empty one. */
function withoutPadding(text: string): string {
  return /^\0+$/.test(text) ? '' : text.trim();
}

/** Where a file belongs, and how it is to be parsed. */
function split(name: string): [path: string[], extension?: string] {
  const [, stem, extension] = /^(.*[^/])\.(toml|json)$/i.exec(name) ?? [];
  return stem && extension ? [stem.split('/'), extension.toLowerCase()] : [name.split('/')];
}
