import { redacted } from '../errors/index.ts';
import type { ConnectionConfig } from './config.ts';
import { dotted } from './path.ts';
import { isTable } from './tree.ts';

/** One effective setting, safe to show. */
export interface DescribedSetting {
  /** Dotted path of the setting inside the connection: `knex.pool.max`. */
  readonly path: string;
  /** The value where the kind says that it is public, else `'[redacted]'`. */
  readonly value: unknown;
  /** Where it was written: the label of a source or file, or `params`. */
  readonly origin: string;
}

/** What `describe()` returns. */
export interface Description {
  readonly name: string;
  readonly kind: string;
  readonly settings: readonly DescribedSetting[];
}

/** What a kind says of its settings, by name or dotted path; a table that is public is public with all that is in it. */
export type Publicity = Readonly<Record<string, { readonly public?: boolean }>>;

/** The effective settings of a connection with the origin of each; what its kind does not call public is redacted. */
export function describe(connection: ConnectionConfig, kind: string, settings: Publicity = {}): Description {
  const described = leaves(connection.config).map(([path, value]) => ({
    path: dotted(path),
    value: isPublic(path, settings) && showable(value) ? value : redacted,
    origin: connection.origin(path),
  }));
  return { name: connection.name, kind, settings: described };
}

/** Whether a kind calls a setting public. */
export function isPublic(path: readonly string[], settings: Publicity): boolean {
  const names = path.map((_, index) => path.slice(0, index + 1).join('.'));
  return names.some((name) => Object.hasOwn(settings, name) && settings[name]!.public === true);
}

/** A URL is never shown, whatever its kind says: there may be a password in it. */
function showable(value: unknown): boolean {
  if (typeof value === 'string') return !/[a-z][a-z0-9+.-]*:\/\//i.test(value);
  if (Array.isArray(value)) return value.every(showable);
  return value === null || ['number', 'bigint', 'boolean'].includes(typeof value) || value instanceof Date;
}

function leaves(table: object, path: readonly string[] = []): readonly (readonly [readonly string[], unknown])[] {
  return Object.entries(table).flatMap(([key, value]: [string, unknown]) => {
    const here = [...path, key];
    return isTable(value) && Object.keys(value).length > 0 ? leaves(value, here) : [[here, value] as const];
  });
}
