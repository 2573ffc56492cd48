import { map, startWith, Subject } from 'rxjs';
import { ConfigError } from '../errors/index.ts';
import { givenOptions } from '../known-options.ts';
import { asSource, failedState, type Source, type SourceState } from './source.ts';
import { TreeBuilder } from './secret-tree.ts';

/** The environment variables that are secrets. */
export interface EnvironmentOptions {
  /** The beginning of their names; it may not be empty. Default: `HOTLINE__`. */
  readonly prefix?: string;
  /** More variables, each with its path: `{ PETS_URL: 'connections.pets.url' }`, or `['connections', 'my.pets', 'url']`. Default: none. */
  readonly map?: Readonly<Record<string, string | readonly string[]>>;
  /** Passes over variables that are empty: `PASSWORD: ${UNSET}` in a compose file sets one. Default: `false`, an empty text. */
  readonly ignoreEmpty?: boolean;
  /**
   * Takes a variable whose name ends in `_FILE` for the path of a file that holds the value, as images of Docker do:
   * `HOTLINE__CONNECTIONS__PETS__PASSWORD_FILE`, or `PW_FILE` where `map` has `PW`. The file is watched. Default: `false`.
   */
  readonly files?: boolean;
  /** The variables. Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** The options that say which variables are secrets. */
export const namingOptionNames = ['prefix', 'map', 'ignoreEmpty', 'files'] satisfies (keyof EnvironmentOptions)[];
const optionNames = [...namingOptionNames, 'env'] satisfies (keyof EnvironmentOptions)[];

/**
 * The secrets in environment variables: `HOTLINE__CONNECTIONS__PETS__URL` is `connections.pets.url`, in lower case.
 * All values are strings without the line breaks at their end; a connection reads them by the types of its settings, and matches
 * names without case and underscores. They are read on the first use, and again by `reload()`.
 *
 * @throws ConfigError `invalid_argument` when the prefix is empty.
 * @example
 * const hot = createConnections({ sources: [environmentVariables({ map: { DATABASE_URL: 'connections.sql.url' } })] });
 */
export function environmentVariables(options: EnvironmentOptions = {}): Source {
  const { env = process.env, ...naming } = givenOptions(options, optionNames);
  if (naming.prefix === '')
    throw new ConfigError('invalid_argument', 'prefix: an empty one would take the whole environment for secrets.');
  const looks$ = new Subject<void>();
  const states$ = looks$.pipe(
    startWith(undefined),
    map(() => readEnvironment(env, naming)),
  );
  return asSource(states$, { label: 'environment', look: async () => looks$.next() });
}

function readEnvironment(env: Readonly<Record<string, string | undefined>>, naming: VariableNaming): SourceState {
  const builder = new TreeBuilder('environment');
  try {
    setVariables(builder, env, naming, 'env:');
  } catch (error) {
    return failedState('environment', error);
  }
  return { state: 'loaded', trust: 'local', secrets: builder.tree, originOf: builder.originOf };
}

/** The variables that are secrets, and where they stand. */
export type VariableNaming = {
  readonly [K in Exclude<keyof EnvironmentOptions, 'env'>]?: EnvironmentOptions[K] | undefined;
};

/**
 * Sets each variable that has the prefix or stands in the map; its origin begins with `origin`.
 *
 * @throws SourceError `source_invalid` when two are at one path, or a name is no path.
 */
export function setVariables(
  builder: TreeBuilder,
  variables: Readonly<Record<string, string | undefined>>,
  { prefix = 'HOTLINE__', map = {}, ignoreEmpty = false, files = false }: VariableNaming,
  origin: string,
): void {
  for (const [name, given] of Object.entries(variables)) {
    if (given === undefined || (ignoreEmpty && given.trim() === '')) continue;
    const namesFile = files && !Object.hasOwn(map, name) && /._FILE$/i.test(name);
    const as = namesFile ? name.slice(0, -'_FILE'.length) : name;
    const path = Object.hasOwn(map, as) ? map[as] : prefixed(as, prefix);
    if (!path) continue;
    const value = given.replace(/[\r\n]+$/, '');
    builder.set(
      typeof path === 'string' ? path.split('.') : path,
      namesFile ? `\${file:${value}}` : value,
      `${origin}${name}`,
    );
  }
}

function prefixed(name: string, prefix: string): string[] | undefined {
  if (!name.startsWith(prefix) || name === prefix) return undefined;
  return name.slice(prefix.length).toLowerCase().split('__');
}
