import { SourceError } from '../errors/index.ts';
import type { SecretTree, SecretValue } from './source.ts';

/** How many levels a source may nest; whoever walks a tree may recurse that deep without a thought. */
export const deepest = 100;

/** Keys that are properties of every object to some reader or other. */
const unsafe = new Set(['__proto__', 'constructor']);

/**
 * A copy of what somebody handed in: tables without a prototype, nothing but values that a source may hold.
 *
 * @throws SourceError `source_invalid` that names the path of what cannot be a secret.
 */
export function secretTree(value: unknown, label: string): SecretTree {
  if (!isTable(value)) throw invalid(label, [], `is ${shape(value)}, and should be a table of secrets`);
  return copyTable(value, label, []);
}

/** Refuses a key that some reader could take for a property of every object. */
export function checkKey(key: string, label: string, path: readonly string[]): void {
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

function isTable(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function invalid(label: string, path: readonly string[], what: string): SourceError {
  return new SourceError('source_invalid', `${label}: ${path.length ? `\`${path.join('.')}\`` : 'it'} ${what}.`);
}

function shape(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? `an instance of a class` : `a ${typeof value}`;
}
