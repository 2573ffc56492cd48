import { isTable } from './tree.ts';

/** What a kind says of its settings, by name or dotted path; a table that is public is public with all that is in it. */
export type Publicity = Readonly<Record<string, { readonly public?: boolean }>>;

/** Whether a setting may be shown: its kind says so, and it is nothing that could hide a password. */
export function isPublic(path: readonly string[], value: unknown, settings: Publicity): boolean {
  const names = path.map((_, index) => path.slice(0, index + 1).join('.'));
  const called = names.some((name) => Object.hasOwn(settings, name) && settings[name]!.public === true);
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
