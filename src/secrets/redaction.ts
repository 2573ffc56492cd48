import { inspect } from 'node:util';
import { redacted } from '../errors/index.ts';
import type { SecretValue } from '../sources/source.ts';
import { isTable } from '../table.ts';

/** The redacted copies that were handed out, by their originals, so that equal parts of two snapshots stay one object. */
export type RedactedCopies = WeakMap<object, object>;

/**
 * A frozen copy of a table or array that can be read, spread, compared and cloned like the original, and prints
 * redacted. Its values are behind getters, because `console.dir` does not call `inspect.custom`.
 */
export function redactedCopy<T>(value: T, copies: RedactedCopies = new WeakMap()): T {
  if (!Array.isArray(value) && !isTable(value)) return value;
  const known = copies.get(value);
  if (known) return known as T;
  const copy: object = Array.isArray(value) ? [] : {};
  for (const [key, inner] of Object.entries(value)) {
    const shown: unknown = redactedCopy(inner, copies);
    Object.defineProperty(copy, key, { enumerable: true, get: () => shown });
  }
  const print = { value: () => masked(value), enumerable: false };
  Object.defineProperty(copy, inspect.custom, print);
  Object.defineProperty(copy, Symbol.toPrimitive, { value: () => redacted, enumerable: false });
  if (!Object.hasOwn(copy, 'toJSON')) Object.defineProperty(copy, 'toJSON', print);
  copies.set(value, Object.freeze(copy));
  return copy as T;
}

/** The keys of a table, without its values. */
function masked(value: unknown): unknown {
  if (!isTable(value)) return redacted;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, masked(inner)]));
}

/** The settings of a kind that may be shown, by name or dotted path; a public table is public with all that is in it. */
export type Publicity = Readonly<
  Record<
    string,
    { readonly public?: boolean | readonly string[]; readonly shown?: (value: unknown) => string | undefined }
  >
>;

/** Tells whether a setting may be shown: its kind says so, and its value cannot contain a password. */
export function isPublic(path: readonly string[], value: unknown, settings: Publicity): boolean {
  const names = path.map((_, index) => path.slice(0, index + 1).join('.'));
  const called = names.some((name, index) => {
    const publicity = Object.hasOwn(settings, name) ? settings[name]!.public : undefined;
    const inside = path.slice(index + 1).map((_, end) => path.slice(index + 1, index + 2 + end).join('.'));
    return publicity === true || (Array.isArray(publicity) && inside.some((one) => publicity.includes(one)));
  });
  return called && showable(value);
}

/** The settings that may not be shown. */
export function withoutPublic(config: object, settings: Publicity, path: readonly string[] = []): object {
  const hidden = Object.entries(config).flatMap(([key, value]: [string, unknown]) => {
    const here = [...path, key];
    if (isTable(value)) return [[key, withoutPublic(value, settings, here)] as const];
    return isPublic(here, value, settings) ? [] : [[key, value] as const];
  });
  return Object.fromEntries(hidden);
}

/** A URL is never shown, whatever its kind says: there may be a password in it. */
function showable(value: unknown): boolean {
  if (typeof value === 'string') return !/[a-z][a-z0-9+.-]*:\/\//i.test(value);
  if (Array.isArray(value)) return value.every(showable);
  return value === null || ['number', 'bigint', 'boolean'].includes(typeof value) || value instanceof Date;
}

/** The texts of a value that must not be shown, each in every spelling in which an error may quote it. */
export function scrubList(value: unknown, add: Set<string> = new Set()): Set<string> {
  if (typeof value === 'string') for (const text of spellings(value)) add.add(text);
  else if (typeof value === 'bigint' || typeof value === 'number') add.add(String(value));
  else if (Array.isArray(value)) for (const element of value as SecretValue[]) scrubList(element, add);
  else if (isTable(value)) for (const inner of Object.values(value)) scrubList(inner, add);
  return add;
}

function spellings(secret: string): readonly string[] {
  if (secret.length < 6) return [];
  const lines = secret.includes('\n') ? secret.split(/\r?\n/).map((line) => line.trim()) : [];
  return [secret, ...lines, ...credentials(secret), JSON.stringify(secret).slice(1, -1), encoded(secret)];
}

/** User and password of a URL, as written and decoded. */
function credentials(text: string): readonly string[] {
  const [, user = '', password = ''] = /^[a-z][a-z0-9+.-]*:\/\/([^:/]*):(.*)@/is.exec(text) ?? [];
  return [user, password].flatMap((part) => [part, decoded(part)]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A lone surrogate cannot be encoded. */
function encoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return text;
  }
}
