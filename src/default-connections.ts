import type { ConnectionPromise, ConnectionRegistry, ConnectionStream } from './connections/index.ts';
import { ConfigError } from './errors/index.ts';
import { openRegistry, type CreateConnectionsOptions } from './create-connections.ts';

/** Under this key it survives development hot-module reload. */
const key = Symbol.for('hotline.defaultConnections');
const place = globalThis as { [key]?: ConnectionRegistry };

/**
 * The one default registry, made on first use; `options` are for that first use. After its `close()` the next call
 * makes a new one.
 *
 * @throws ConfigError `invalid_argument` when it was made already and options are given.
 * @example
 * defaultConnections({ sources: [tomlFile('secrets.toml')] });
 */
export function defaultConnections(options?: CreateConnectionsOptions): ConnectionRegistry {
  const there = place[key];
  if (there && options)
    throw new ConfigError(
      'invalid_argument',
      'The default registry was made already. Give its options before the first connection is asked for.',
    );
  return there ?? (place[key] = withoutIt(openRegistry({ ...options, reloads: true })));
}

/** `connection$` of the default registry. */
export const connection$: ConnectionStream = (name: string, options?: object) =>
  defaultConnections().connection$(name, options as never);

/** `connection` of the default registry. */
export const connection: ConnectionPromise = (name: string, options?: object) =>
  defaultConnections().connection(name, options as never);

/** A registry that steps down when it is closed. */
function withoutIt(registry: ConnectionRegistry): ConnectionRegistry {
  const close = registry.close.bind(registry);
  registry.close = (options) => {
    if (place[key] === registry) delete place[key];
    return close(options);
  };
  return registry;
}
