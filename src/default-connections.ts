import type {
  ConnectionPromise,
  ConnectionRegistry,
  ConnectionStream,
  SecretPromise,
  SecretStream,
} from './registry/index.ts';
import { ConfigError } from './errors/index.ts';
import { openRegistry, type CreateConnectionsOptions } from './create-connections.ts';

/** Under this key it survives development hot-module reload. */
const key = Symbol.for('hotline.defaultConnections');
const globals = globalThis as { [key]?: Default };

interface Default {
  readonly registry: ConnectionRegistry;
  /** Tells whether it was made with options. */
  readonly configured: boolean;
}

/**
 * The one default registry, made on first use; `options` are for that first use. Where they are given again, as when a
 * development server evaluates a module anew, the registry and its options stay. After its `close()` the next call
 * makes a new one.
 *
 * @throws ConfigError `invalid_argument` when options are given and it was made without any: they come too late.
 * @example
 * defaultConnections({ sources: [tomlFile('secrets.toml')] });
 */
export function defaultConnections(options?: CreateConnectionsOptions): ConnectionRegistry {
  const there = globals[key];
  if (there && options && !there.configured)
    throw new ConfigError(
      'invalid_argument',
      'The default registry was made already, without options. Give its options before the first connection is asked for.',
    );
  return (there ?? (globals[key] = made(options))).registry;
}

/** `connection$` of the default registry. */
export const connection$: ConnectionStream = (name: string, options?: object) =>
  defaultConnections().connection$(name, options as never);

/** `connection` of the default registry. */
export const connection: ConnectionPromise = (name: string, options?: object) =>
  defaultConnections().connection(name, options as never);

/** `secret` of the default registry. */
export const secret: SecretPromise = (path: string | readonly string[], options?: object) =>
  defaultConnections().secret<never>(path, options);

/** `secret$` of the default registry. */
export const secret$: SecretStream = (path: string | readonly string[]) => defaultConnections().secret$<never>(path);

/** Makes a default registry, which its `close()` removes. */
function made(options: CreateConnectionsOptions | undefined): Default {
  const registry = openRegistry({ ...options, reloads: true });
  const close = registry.close.bind(registry);
  registry.close = (limits) => {
    if (globals[key]?.registry === registry) delete globals[key];
    return close(limits);
  };
  return { registry, configured: options !== undefined };
}
