import { readable } from './errors/index.ts';
import { refuseUnknown } from './known-options.ts';
import { policyNames, type PolicyName } from './policy/index.ts';
import { refuseUnusable, Registry, type ConnectionRegistry, type RegistryOptions } from './registry/index.ts';
import { QueryCache, queryCacheKey, type QueryCacheOptions } from './kinds/query/index.ts';
import { tomlFile, watchFile$, type Source } from './sources/index.ts';

/** The parts of a registry; each can be replaced. Policies given here are its defaults. */
export interface CreateConnectionsOptions extends Omit<
  RegistryOptions,
  'sources' | 'watchFile' | 'shared' | 'reloads'
> {
  /**
   * The sources of the secrets; later ones win, key by key.
   * Default: `~/.streamlit/secrets.toml`, then `.streamlit/secrets.toml` in the working directory; both optional.
   */
  readonly sources?: readonly Source[];
  /** The limits of the cache of results of `query` with a `ttl`, for all connections together, and its shared store. */
  readonly queryCache?: QueryCacheOptions | undefined;
}

/**
 * Makes a registry: named, shared connections over a set of secrets.
 *
 * @throws ConfigError `invalid_policy`, `invalid_type`, `invalid_argument`.
 * @example
 * const hot = createConnections({ sources: [tomlFile('secrets.toml')], drainTimeout: '10s' });
 * const pets = await hot.connection('pets', { type: SqlConnection });
 * await hot.close();
 */
export function createConnections(options: CreateConnectionsOptions = {}): ConnectionRegistry {
  return readable(undefined, () => openRegistry(options));
}

/** The type checker sees that each option is among them. */
const ownOptions: Record<Exclude<keyof CreateConnectionsOptions, PolicyName> | 'reloads', true> = {
  sources: true,
  types: true,
  root: true,
  instance: true,
  environment: true,
  exportToEnv: true,
  credentials: true,
  scheduler: true,
  queryCache: true,
  reloads: true,
};
const optionNames = [...policyNames, ...Object.keys(ownOptions)];
const cacheOptionNames = ['maxEntries', 'maxBytes', 'store'] satisfies (keyof QueryCacheOptions)[];

/** @internal */
export function openRegistry(options: CreateConnectionsOptions & { readonly reloads?: boolean }): Registry {
  checkOptions(options);
  const { queryCache, ...rest } = options;
  const sources = options.sources ?? streamlitFiles();
  const shared = [[queryCacheKey, new QueryCache(queryCache)] as const];
  return new Registry({ ...rest, sources, shared, watchFile: (path) => watchFile$(path) });
}

/**
 * Refuses options that no registry could be made with.
 *
 * @internal
 * @throws ConfigError `invalid_argument`.
 */
export function checkOptions(options: CreateConnectionsOptions): void {
  refuseUnusable(options, (options as CreateConnectionsOptions | null)?.sources ?? []);
  refuseUnknown(options, optionNames, [], 'createConnections');
  if (options.queryCache) refuseUnknown(options.queryCache, cacheOptionNames, [], 'createConnections: queryCache');
}

/** The two files that Streamlit reads: one of the user, who may have no home directory, and one of the project. */
function streamlitFiles(): Source[] {
  const ofProject = tomlFile('.streamlit/secrets.toml', { optional: true });
  try {
    return [tomlFile('~/.streamlit/secrets.toml', { optional: true }), ofProject];
  } catch {
    return [ofProject];
  }
}
