import { types } from 'node:util';
import { SourceError } from '../errors/index.ts';
import type { SecretTree, SecretValue } from '../sources/source.ts';
import { at, dotted, emptyTree, same } from './tree.ts';
import { isTable } from '../table.ts';

/** The greatest depth of a source; a deeper one is a cycle or a mistake. */
const deepest = 100;

/** Names that objects inherit, and `toJSON`, which would replace the redaction. */
const refused = new Set(['__proto__', 'constructor', 'toJSON']);

/** The frozen secrets of a source, and the paths of the strings in them that may hold a reference. */
export interface Frozen {
  readonly tree: SecretTree;
  /** Paths of the strings with a `${` in them; of the whole array for those inside one, because arrays are replaced whole. */
  readonly references: readonly (readonly string[])[];
  /** The tree before; every part of `tree` that is equal to its part of that one by value *is* that part. */
  readonly sharesWith?: SecretTree | undefined;
}

/**
 * Validates and deep-freezes the secrets of a source, and reuses unchanged subtrees (structural sharing): a table or
 * array that is equal to its predecessor by value *is* its predecessor, so that a change is `!==`.
 *
 * @throws SourceError `source_invalid` for what is no secret value.
 */
export function freezeShared(secrets: unknown, before: Frozen | undefined, label: string): Frozen {
  const freezing = new Freezing(label);
  const tree = freezing.all(secrets, before?.tree);
  const kept = before?.references.filter((path) => Object.is(at(tree, path), at(before.tree, path))) ?? [];
  return { tree, references: distinct([...freezing.references, ...kept]), sharesWith: before?.tree };
}

/** Tells whether a text is a value as SOPS or dotenvx leaves it in a file that it has encrypted. */
function isEncrypted(text: string): boolean {
  return text.startsWith('ENC[AES256_GCM,') || /^encrypted:[A-Za-z0-9+/=]{40,}$/.test(text);
}

function encryptedBy(text: string): string {
  return text.startsWith('ENC[')
    ? 'by SOPS: decrypt the file (sops -d, sops exec-file), or decrypt in a parse of fileSource'
    : 'by dotenvx: start the program by dotenvx run and read environmentVariables, or write the file by dotenvx decrypt';
}

/** One walk through the secrets of a source. */
class Freezing {
  readonly references: string[][] = [];
  readonly #label: string;
  readonly #path: string[] = [];
  /** The number of elements of `#path` that lead to the outermost array around us. */
  #array = 0;

  constructor(label: string) {
    this.#label = label;
  }

  all(secrets: unknown, previous: SecretTree | undefined): SecretTree {
    if (!isTable(secrets)) throw this.#refuse('is not a table');
    return this.#table(secrets, previous);
  }

  #value(given: unknown, previous: SecretValue | undefined): SecretValue {
    switch (typeof given) {
      case 'string':
        if (isEncrypted(given)) throw this.#refuse(`is still encrypted ${encryptedBy(given)}`);
        if (given.includes('${')) this.references.push(this.#path.slice(0, this.#array || undefined));
        return given;
      case 'number':
      case 'bigint':
      case 'boolean':
        return given;
      case 'object':
        if (given === null) return given;
        if (this.#path.length > deepest) throw this.#refuse(`is nested more than ${deepest} levels deep`);
        if (isTable(given)) return this.#table(given, isTable(previous) ? previous : undefined);
        if (Array.isArray(given)) return this.#elements(given, Array.isArray(previous) ? previous : []);
        if (types.isDate(given)) return this.#moment(given, previous);
        throw this.#refuse('is an object of a class, which no source can hold');
      default:
        throw this.#refuse(`is a ${typeof given}, which no source can hold`);
    }
  }

  /** The table, or `previous` where they are equal. */
  #table(given: Readonly<Record<string, unknown>>, previous: SecretTree = emptyTree): SecretTree {
    const keys = keysOf(given);
    const changed = new Map<string, SecretValue>();
    for (const key of differing(keys, given, previous)) {
      const child = this.#inside(key, given[key], previous[key]);
      if (!Object.is(child, previous[key])) changed.set(key, child);
    }
    if (changed.size === 0 && keys.length === Object.keys(previous).length) return previous;
    return Object.freeze(tableOf(keys, changed, previous));
  }

  #inside(key: string, given: unknown, previous: SecretValue | undefined): SecretValue {
    this.#path.push(key);
    const child = this.#value(given, previous);
    // Unchanged values were validated on the last load; but every table inherits a `__proto__`, so that key seems unchanged.
    if ((key === '__proto__' || !Object.is(child, previous)) && refused.has(key))
      throw this.#refuse('is not a name that a secret can have');
    this.#path.pop();
    return child;
  }

  #elements(given: readonly unknown[], previous: readonly SecretValue[]): readonly SecretValue[] {
    const outermost = this.#array === 0;
    if (outermost) this.#array = this.#path.length;
    const copy = given.map((element, index) => this.#inside(String(index), element, previous[index]));
    if (outermost) this.#array = 0;
    return same(copy, previous) ? previous : Object.freeze(copy);
  }

  #moment(given: Date, previous: SecretValue | undefined): Date {
    if (Number.isNaN(given.getTime())) throw this.#refuse('is a date that does not exist');
    return same(given, previous) ? (previous as Date) : lasting(given);
  }

  #refuse(what: string): SourceError {
    const path = this.#path.length ? dotted(this.#path.slice(0, 8)) : 'what it holds';
    return new SourceError('source_invalid', `${this.#label}: ${path} ${what}.`);
  }
}

/** The keys whose values may have changed. Long loops have a function of their own: see docs/decisions.md. */
function differing(keys: readonly string[], given: Readonly<Record<string, unknown>>, previous: SecretTree): string[] {
  const differ: string[] = [];
  for (const key of keys) {
    const old = previous[key];
    // An empty table would pass for the `__proto__` that every table inherits.
    if (old === undefined || key === '__proto__' || !unchanged(given[key], old)) differ.push(key);
  }
  return differ;
}

/** Tells whether a value, or a section of plain values, is the same as before: the common case, by comparisons alone. */
function unchanged(given: unknown, previous: SecretValue): boolean {
  if (typeof given !== 'object') return Object.is(given, previous);
  if (!isTable(given) || !isTable(previous)) return false;
  let more = 0;
  for (const key in given) {
    const value: unknown = given[key];
    if (value === undefined || typeof value === 'object' || value !== previous[key]) return false;
    more++;
  }
  for (const _ in previous) more--;
  return more === 0;
}

function keysOf(given: Readonly<Record<string, unknown>>): readonly string[] {
  const keys = Object.keys(given);
  for (const key of keys) if (given[key] === undefined) return keys.filter((one) => given[one] !== undefined);
  return keys;
}

function tableOf(
  keys: readonly string[],
  changed: ReadonlyMap<string, SecretValue>,
  previous: SecretTree,
): Record<string, SecretValue> {
  const table: Record<string, SecretValue> = {};
  for (const key of keys) {
    const child = changed.get(key);
    table[key] = child === undefined ? previous[key]! : child;
  }
  return table;
}

/** A date that cannot be set. TOML's own are kept as they are, because a copy would forget how they were written. */
function lasting(given: Date): Date {
  const date = Object.getPrototypeOf(given) === Date.prototype ? new Date(given) : given;
  return Object.isFrozen(date) ? date : Object.freeze(Object.defineProperties(date, refusals));
}

const refusals = Object.fromEntries(
  Object.getOwnPropertyNames(Date.prototype)
    .filter((name) => name.startsWith('set'))
    .map((name) => [name, { value: refuseToSet, enumerable: false }]),
);

function refuseToSet(): never {
  throw new TypeError('Secrets are immutable: this date cannot be set.');
}

function distinct(paths: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return [...new Map(paths.map((path) => [dotted(path), path])).values()];
}
