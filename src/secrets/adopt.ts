import { types } from 'node:util';
import { SourceError } from '../errors/index.ts';
import type { SecretTree, SecretValue } from '../sources/source.ts';
import { dotted } from './path.ts';
import { at, isTable, same } from './tree.ts';

/** Deeper than this is a mistake or a circle. */
const deepest = 100;

/** Properties of every object to some reader or other, and what would take over from redaction. */
const refused = new Set(['__proto__', 'constructor', 'toJSON']);

/** A frozen copy of what a source says, and where in it are strings that may refer to something. */
export interface Adopted {
  readonly tree: SecretTree;
  /** Paths of the strings with a `${` in them; of the whole array for those inside one, because arrays are replaced whole. */
  readonly references: readonly (readonly string[])[];
}

/**
 * Takes over what a source says: checked, copied, frozen. Every table and array that is equal to its predecessor
 * by value *is* its predecessor, so that from here on a change is `!==`.
 *
 * @throws SourceError `source_invalid` for what is no secret value.
 */
export function adopt(secrets: unknown, before: Adopted | undefined, label: string): Adopted {
  const references: string[][] = [];
  const path: string[] = [];
  /** How many elements of `path` lead to the outermost array around us. */
  let array = 0;

  const refuse = (what: string): SourceError =>
    new SourceError('source_invalid', `${label}: ${path.length ? dotted(path.slice(0, 8)) : 'what it holds'} ${what}.`);

  function value(given: unknown, previous: SecretValue | undefined): SecretValue {
    switch (typeof given) {
      case 'string':
        if (given.includes('${')) references.push(array ? path.slice(0, array) : [...path]);
        return given;
      case 'number':
      case 'bigint':
      case 'boolean':
        return given;
      case 'object':
        if (given === null) return given;
        if (path.length > deepest) throw refuse(`is nested more than ${deepest} levels deep`);
        if (isTable(given)) return table(given, isTable(previous) ? previous : undefined);
        if (Array.isArray(given)) return elements(given, Array.isArray(previous) ? previous : []);
        if (types.isDate(given)) return moment(given, previous);
        throw refuse('is an object of a class, which no source can hold');
      default:
        throw refuse(`is a ${typeof given}, which no source can hold`);
    }
  }

  /** Copies from the first difference on: most tables have none. What `previous` inherits equals no secret. */
  function table(given: Readonly<Record<string, unknown>>, previous: SecretTree | undefined): SecretTree {
    let copy: Record<string, SecretValue> | undefined = previous ? undefined : {};
    let count = 0;
    for (const key of Object.keys(given)) {
      const next = given[key];
      if (next === undefined) continue;
      const old = previous?.[key];
      const child = old !== undefined && unchanged(next, old) ? old : inside(key, next, old);
      if (!copy && !Object.is(child, old)) copy = firstOf(given, count, previous!);
      if (copy) copy[key] = child;
      count++;
    }
    if (!copy && count === Object.keys(previous!).length) return previous!;
    return Object.freeze(copy ?? firstOf(given, count, previous!));
  }

  function inside(key: string, given: unknown, previous: SecretValue | undefined): SecretValue {
    path.push(key);
    const child = value(given, previous);
    // What is as before was looked at before.
    if (!Object.is(child, previous) && refused.has(key)) throw refuse('is not a name that a secret can have');
    path.pop();
    return child;
  }

  function elements(given: readonly unknown[], previous: readonly SecretValue[]): readonly SecretValue[] {
    const outermost = array === 0;
    if (outermost) array = path.length;
    const copy = given.map((element, index) => {
      path.push(String(index));
      const child = value(element, previous[index]);
      path.pop();
      return child;
    });
    if (outermost) array = 0;
    return same(copy, previous) ? previous : Object.freeze(copy);
  }

  function moment(given: Date, previous: SecretValue | undefined): Date {
    if (Number.isNaN(given.getTime())) throw refuse('is a date that does not exist');
    return same(given, previous) ? (previous as Date) : lasting(given);
  }

  if (!isTable(secrets)) throw refuse('is not a table');
  const tree = table(secrets, before?.tree);
  const kept = before?.references.filter((place) => Object.is(at(tree, place), at(before.tree, place))) ?? [];
  return { tree, references: distinct([...references, ...kept]) };
}

/** The common case, and nothing but comparisons: a value that did not change, or a section of such values. */
function unchanged(given: unknown, previous: SecretValue): boolean {
  if (typeof given !== 'object') return Object.is(given, previous);
  if (!isTable(given) || !isTable(previous)) return false;
  const keys = Object.keys(given);
  for (const key of keys) {
    const value = given[key];
    if (typeof value === 'object' || value !== previous[key]) return false;
  }
  return keys.length === Object.keys(previous).length;
}

/** The first keys of a table, with what they held before. */
function firstOf(
  given: Readonly<Record<string, unknown>>,
  count: number,
  previous: SecretTree,
): Record<string, SecretValue> {
  const copy: Record<string, SecretValue> = {};
  let left = count;
  for (const key in given) {
    if (left === 0) break;
    if (given[key] === undefined) continue;
    copy[key] = previous[key]!;
    left--;
  }
  return copy;
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
