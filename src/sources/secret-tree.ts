import { SourceError } from '../errors/index.ts';
import { isTable } from '../table.ts';
import type { SecretTree, SecretValue } from './source.ts';

/** The greatest depth of a source; a walk of a tree may recurse that deep. */
export const deepest = 100;

/** Keys that name an inherited property of every object. */
const unsafe = new Set(['__proto__', 'constructor']);

/**
 * A copy of a value as a tree of secrets: tables without a prototype, and only values that a source may hold.
 *
 * @throws SourceError `source_invalid` that names the path of what cannot be a secret.
 */
export function secretTree(value: unknown, label: string): SecretTree {
  if (!isTable(value)) throw invalid(label, [], `is ${shape(value)}, and should be a table of secrets`);
  return copyTable(value, label, []);
}

/** Refuses a key that names an inherited property of every object. */
function checkKey(key: string, label: string, path: readonly string[]): void {
  if (unsafe.has(key)) throw invalid(label, [...path, key], 'is not a name that a secret can have');
}

function copyTable(table: object, label: string, path: readonly string[]): SecretTree {
  const copy = Object.create(null) as Record<string, SecretValue>;
  for (const [key, value] of Object.entries(table)) {
    checkKey(key, label, path);
    copy[key] = copyValue(value, label, [...path, key]);
  }
  return copy;
}

function copyValue(value: unknown, label: string, path: readonly string[]): SecretValue {
  if (path.length > deepest) throw invalid(label, [], `is nested more than ${deepest} levels deep`);
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
      return value;
  }
  if (value === null) return value;
  if (value instanceof Date) return new Date(value);
  if (Array.isArray(value)) return Array.from(value, (item, index) => copyValue(item, label, [...path, String(index)]));
  if (isTable(value)) return copyTable(value, label, path);
  throw invalid(label, path, `is ${shape(value)}, and no source can hold that`);
}

function invalid(label: string, path: readonly string[], what: string): SourceError {
  return new SourceError('source_invalid', `${label}: ${path.length ? `\`${path.join('.')}\`` : 'it'} ${what}.`);
}

function shape(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? `an instance of a class` : `a ${typeof value}`;
}

type Table = Record<string, SecretValue>;

/** Builds a tree of secrets value by value, and remembers the origin of each. */
export class TreeBuilder {
  readonly tree = table();
  readonly #label: string;
  readonly #origins = new Map<string, string>();

  constructor(label: string) {
    this.#label = label;
  }

  /**
   * Sets the value at a path.
   *
   * @throws SourceError `source_invalid` when another value is in the way, or the path has a key that none can have.
   */
  set(path: readonly string[], value: SecretValue, origin: string): void {
    const [last, parents] = [path.at(-1), path.slice(0, -1)];
    if (!last || path.includes('') || path.length > deepest)
      throw this.#invalid(`${origin} has no path that a secret can have`);
    path.forEach((key, level) => checkKey(key, this.#label, path.slice(0, level)));
    let parent: Table = this.tree;
    for (const [level, key] of parents.entries()) {
      const other = this.#origins.get(id(path.slice(0, level + 1)));
      if (other) throw this.#invalid(`${origin} is inside of ${other}, which is a value itself`);
      parent = (parent[key] ??= table()) as Table;
    }
    if (last in parent) throw this.#invalid(`${origin} and ${this.originOf(path) ?? 'others'} are at the same path`);
    parent[last] = value;
    this.#origins.set(id(path), origin);
  }

  /** The origin of the value at a path, or of the table around it. */
  readonly originOf = (path: readonly string[]): string | undefined => {
    for (let length = path.length; length > 0; length -= 1) {
      const origin = this.#origins.get(id(path.slice(0, length)));
      if (origin) return origin;
    }
    return undefined;
  };

  #invalid(what: string): SourceError {
    return new SourceError('source_invalid', `${this.#label}: ${what}.`);
  }
}

function table(): Table {
  return Object.create(null) as Table;
}

function id(path: readonly string[]): string {
  return path.join('\0');
}
