import { map, startWith, Subject } from 'rxjs';
import { ConfigError, readable } from '../errors/index.ts';
import { asSource, failedState, type Source, type SourceState } from './source.ts';
import { TreeBuilder } from './secret-tree.ts';

/** The environment variables that are secrets. */
export interface EnvironmentOptions {
  /** The beginning of their names; it may not be empty. Default: `HOTLINE__`. */
  readonly prefix?: string;
  /** More variables, each with its path: `{ PETS_URL: 'connections.pets.url' }`, or `['connections', 'my.pets', 'url']`. Default: none. */
  readonly map?: Readonly<Record<string, string | readonly string[]>>;
  /** The variables. Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * The secrets in environment variables: `HOTLINE__CONNECTIONS__PETS__URL` is `connections.pets.url`, in lower case.
 * All values are strings. They are read on the first use, and again by `reload()`.
 *
 * @throws ConfigError `invalid_argument` when the prefix is empty.
 * @example
 * const hot = createConnections({ sources: [environmentVariables({ map: { DATABASE_URL: 'connections.sql.url' } })] });
 */
export function environmentVariables(options: EnvironmentOptions = {}): Source {
  const { prefix = 'HOTLINE__', map: names = {}, env = process.env } = readable(undefined, () => ({ ...options }));
  if (prefix === '')
    throw new ConfigError('invalid_argument', 'prefix: an empty one would take the whole environment for secrets.');
  const looks$ = new Subject<void>();
  const states$ = looks$.pipe(
    startWith(undefined),
    map(() => readEnvironment(env, prefix, names)),
  );
  return asSource(states$, { label: 'environment', look: async () => looks$.next() });
}

function readEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  prefix: string,
  names: NonNullable<EnvironmentOptions['map']>,
): SourceState {
  const builder = new TreeBuilder('environment');
  try {
    setVariables(builder, env, { prefix, map: names }, 'env:');
  } catch (error) {
    return failedState('environment', error);
  }
  return { state: 'loaded', trust: 'local', secrets: builder.tree, originOf: builder.originOf };
}

/**
 * Sets each variable that has the prefix or stands in the map; its origin begins with `origin`.
 *
 * @throws SourceError `source_invalid` when two are at one path, or a name is no path.
 */
export function setVariables(
  builder: TreeBuilder,
  variables: Readonly<Record<string, string | undefined>>,
  { prefix, map: names }: Required<Pick<EnvironmentOptions, 'prefix' | 'map'>>,
  origin: string,
): void {
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) continue;
    const path = Object.hasOwn(names, name) ? names[name] : prefixed(name, prefix);
    if (path) builder.set(typeof path === 'string' ? path.split('.') : path, value, `${origin}${name}`);
  }
}

function prefixed(name: string, prefix: string): string[] | undefined {
  if (!name.startsWith(prefix) || name === prefix) return undefined;
  return name.slice(prefix.length).toLowerCase().split('__');
}
