import { redacted } from '../errors/index.ts';
import { policyNames } from '../policy/index.ts';
import { nearest, snakeCase } from '../spelling.ts';
import type { Config, ConnectionConfig } from './config.ts';
import { isPublic, type Publicity } from './redaction.ts';
import { dotted, same } from './tree.ts';
import { isTable } from '../table.ts';

/** One effective setting, safe to show. */
export interface DescribedSetting {
  /** Dotted path of the setting inside the connection: `knex.pool.max`. */
  readonly path: string;
  /** The value where the kind says that it is public, the form that it shows of a secret one (a URL without its password), else `'[redacted]'`. */
  readonly value: unknown;
  /** The origin: the label of a source or file, or `params`. */
  readonly origin: string;
  /** The origins of the values that this one hides, the next one first. Absent where it hides none. */
  readonly hides?: readonly string[];
}

/** The result of `describe()`. */
export interface Description {
  /** The name of the connection. */
  readonly name: string;
  /** The name of its class. */
  readonly kind: string;
  /** Each of its settings. */
  readonly settings: readonly DescribedSetting[];
  /**
   * How it is kept: each policy, in milliseconds. Its origin is `options` of a call, the source or file of its section, `createConnections`, or
   * `default`.
   */
  readonly policies: readonly DescribedSetting[];
  /** A pooler such as PgBouncer stands between the open instance and its server. Absent where none was recognised. */
  readonly pooler?: true;
}

/** The effective settings of a connection with the origin of each; a setting that its kind does not call public is redacted. */
export function describeConfig(connection: ConnectionConfig, settings: Publicity = {}): readonly DescribedSetting[] {
  return leaves(connection.config).map(([path, value]) => {
    const hides = connection.hidden(path);
    return {
      path: dotted(path),
      value: isPublic(path, value, settings) ? value : (shownForm(path, value, settings) ?? redacted),
      origin: connection.origin(path),
      ...(hides.length > 0 && { hides }),
    };
  });
}

/** The paths of the settings in which two configs differ. */
export function changedSettings(before: Config, after: Config): readonly string[] {
  const [old, now] = [before, after].map(
    (config) => new Map(leaves(config).map(([path, value]) => [dotted(path), value])),
  );
  const paths = [...new Set([...now!.keys(), ...old!.keys()])];
  return paths.filter((path) => old!.has(path) !== now!.has(path) || !same(old!.get(path), now!.get(path)));
}

/** The form in which the kind shows a secret setting. */
function shownForm(path: readonly string[], value: unknown, settings: Publicity): string | undefined {
  const name = path.join('.');
  try {
    return Object.hasOwn(settings, name) ? settings[name]!.shown?.(value) : undefined;
  } catch {
    return undefined;
  }
}

function leaves(table: object, path: readonly string[] = []): readonly (readonly [readonly string[], unknown])[] {
  return Object.entries(table).flatMap(([key, value]: [string, unknown]) => {
    const here = [...path, key];
    return isTable(value) && Object.keys(value).length > 0 ? leaves(value, here) : [[here, value] as const];
  });
}

/** A setting that the kind does not declare. */
export interface UnknownSetting {
  readonly key: string;
  /** The declared setting that was probably meant. */
  readonly nearest: string | undefined;
}

/** The settings that a kind does not declare, each with the nearest one that it does, or the nearest policy. */
export function unknownSettings(config: object, known: readonly string[]): readonly UnknownSetting[] {
  return Object.keys(config)
    .filter((key) => !known.includes(key))
    .map((key) => ({ key, nearest: nearest(key, [...known, ...policyNames.map(snakeCase)]) }));
}
