import type {
  ConnectionPromise,
  ConnectionRegistry,
  ConnectionStream,
  SecretPromise,
  SecretStream,
} from './registry/index.ts';
import { canonical } from './canonical.ts';
import { ConfigError } from './errors/index.ts';
import { checkOptions, openRegistry, type CreateConnectionsOptions } from './create-connections.ts';

/** Under this key it survives development hot-module reload. */
const key = Symbol.for('hotline.defaultConnections');
const globals = globalThis as { [key]?: Default };

interface Default {
  readonly registry: ConnectionRegistry;
  /** Tells whether it was made with options. */
  readonly configured: boolean;
  /** Says that options which are given again are not the ones that it was made with. */
  readonly compare: (options: CreateConnectionsOptions) => void;
}

/**
 * The one default registry, made on first use; `options` are for that first use. Where they are given again, as when a
 * development server evaluates a module anew, the registry and its options stay, and the warning `options_not_taken` names
 * those that are others now. After its `close()` the next call makes a new one.
 *
 * @throws ConfigError `invalid_argument` when options are given and it was made without any, as they come too late; or when they are no options.
 * @example
 * defaultConnections({ sources: [tomlFile('secrets.toml')] });
 */
export function defaultConnections(options?: CreateConnectionsOptions): ConnectionRegistry {
  const there = globals[key];
  if (options !== undefined) checkOptions(options);
  if (there && options && !there.configured)
    throw new ConfigError(
      'invalid_argument',
      'The default registry was made already, without options. Give its options before the first connection is asked for.',
    );
  if (there && options) there.compare(options);
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
  const compare = (given: CreateConnectionsOptions): void => {
    const names = differing(options ?? {}, given);
    if (names.length > 0)
      registry.warn({
        code: 'options_not_taken',
        message:
          `defaultConnections: ${names.join(', ')} of the options differ from those that the default registry was made with, which stay in use. ` +
          'Start the process again, or close the registry before it is asked for with other options.',
      });
  };
  return { registry, configured: options !== undefined, compare };
}

/** The names of the options that say something else: sources by their labels, functions and classes by their text. */
function differing(before: CreateConnectionsOptions, after: CreateConnectionsOptions): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof CreateConnectionsOptions>;
  return [...names].filter((name) => comparable(before, name) !== comparable(after, name));
}

function comparable(options: CreateConnectionsOptions, name: keyof CreateConnectionsOptions): string | undefined {
  const value = name === 'sources' ? options.sources?.map(({ label }) => label) : options[name];
  return canonical(value, (reference) => (typeof reference === 'function' ? String(reference) : 'an instance'));
}
