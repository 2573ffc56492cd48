import { SourceError } from '../errors/index.ts';
import { checkKey, deepest } from './secret-tree.ts';
import type { SecretValue } from './source.ts';

type Table = Record<string, SecretValue>;

/** A tree of secrets that is put together value by value, and knows where each came from. */
export class GrowingTree {
  readonly tree = table();
  readonly #label: string;
  readonly #origins = new Map<string, string>();

  constructor(label: string) {
    this.#label = label;
  }

  /**
   * Puts a value at its path.
   *
   * @throws SourceError `source_invalid` when another value is in the way, or the path has a key that none can have.
   */
  place(path: readonly string[], value: SecretValue, origin: string): void {
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

  /** Where the value at a path, or the table around it, came from. */
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
