import { Registry, type ConnectionRegistry, type RegistryOptions } from './connections/index.ts';
import { tomlFile, watchFile$, type Source } from './sources/index.ts';

/** What a registry is made of; every part can be replaced. Policies given here are its defaults. */
export interface CreateConnectionsOptions extends Omit<RegistryOptions, 'sources' | 'watchFile' | 'reloads'> {
  /**
   * Where secrets come from; later ones win, key by key.
   * Default: `~/.streamlit/secrets.toml`, then `.streamlit/secrets.toml` in the working directory; both optional.
   */
  readonly sources?: readonly Source[];
}

/**
 * Makes a registry: named, shared connections over a set of secrets.
 *
 * @throws ConfigError `invalid_policy`, `invalid_type`.
 * @example
 * const hot = createConnections({ sources: [tomlFile('secrets.toml')], drainTimeout: '10s' });
 * const pets = await hot.connection('pets', { type: SqlConnection });
 * await hot.close();
 */
export function createConnections(options: CreateConnectionsOptions = {}): ConnectionRegistry {
  return openRegistry(options);
}

/** @internal */
export function openRegistry(options: CreateConnectionsOptions & { readonly reloads?: boolean }): ConnectionRegistry {
  const sources = options.sources ?? [
    tomlFile('~/.streamlit/secrets.toml', { optional: true }),
    tomlFile('.streamlit/secrets.toml', { optional: true }),
  ];
  return new Registry({ ...options, sources, watchFile: (path) => watchFile$(path) });
}
