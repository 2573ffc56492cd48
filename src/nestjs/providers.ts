import { Logger, type Provider } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import {
  ConfigError,
  createConnections,
  type ConnectionName,
  type ConnectionOptions,
  type ConnectionRegistry,
  logEvents,
  type CreateConnectionsOptions,
  type EventLogger,
} from '../index.ts';
import { connectionToken, connectionToken$, optionsToken, registryToken } from './inject.ts';

/** The connections that can be injected: their names, or their options by name. */
export type ConnectionList = readonly ConnectionName[] | Readonly<Partial<Record<ConnectionName, ConnectionOptions>>>;

/** The options of the registry, as `createConnections` takes them, or a registry that was made elsewhere. */
export interface HotlineModuleOptions extends CreateConnectionsOptions {
  /** A registry that was made elsewhere, in place of all other options. Who made it closes it; its events are written only where `logger` is given. */
  readonly registry?: ConnectionRegistry;
}

/** Options of `forRoot` and `forRootAsync` beside those of the registry. */
export interface HotlineModuleExtras {
  /**
   * The connections that can be injected by name. Each is opened while the application starts, which fails if one cannot be; with
   * `retry: { attempts: Infinity }` it waits. Default: none.
   */
  readonly connections?: ConnectionList;
  /** Lets every module inject them without an import. Default `true`. */
  readonly isGlobal?: boolean;
  /** Takes each event of the registry as a line, as `logEvents` writes it. Default: Nest's own logger, under `Hotline`. `false`: none. */
  readonly logger?: EventLogger | false;
}

/** The registries that modules have made, which they close: not those of others. */
const made = new WeakSet<ConnectionRegistry>();

/** Closes a registry that a module has made. */
export async function closeMade(hot: ConnectionRegistry | undefined): Promise<void> {
  if (hot && made.has(hot)) await hot.close();
}

/** The registry, made from the options of the module or given there; `isRoot` tells the modules that make one. */
export function registryProvider(
  logger: EventLogger | false | undefined,
  isRoot: (module: unknown) => boolean,
): Provider {
  return {
    provide: registryToken,
    inject: [optionsToken, ModulesContainer],
    useFactory: (options: HotlineModuleOptions & HotlineModuleExtras, modules: ModulesContainer) => {
      // `forRoot` passes the options of the module along.
      const { connections: _connections, isGlobal: _isGlobal, logger: _logger, registry, ...rest } = options;
      refuseSecondRoot(modules, isRoot);
      if (registry) refuseMore(rest);
      const hot = registry ?? createConnections(rest);
      if (!registry) made.add(hot);
      const writer = logger ?? (registry ? false : new Logger('Hotline'));
      if (writer !== false) logEvents(hot, writer);
      return hot;
    },
  };
}

/** Of two global modules one would win in silence, and the connections of the other would be looked for in the wrong registry. */
function refuseSecondRoot(modules: ModulesContainer, isRoot: (module: unknown) => boolean): void {
  const roots = [...modules.values()].filter((module) => module.isGlobal && isRoot(module.metatype));
  if (roots.length > 1)
    throw new ConfigError(
      'invalid_argument',
      `HotlineModule.forRoot is imported ${roots.length} times as a global module. Import it once, and list further connections with forFeature; ` +
        'or give isGlobal: false to each registry that belongs to one module alone.',
    );
}

function refuseMore(rest: object): void {
  const more = Object.keys(rest);
  if (more.length > 0)
    throw new ConfigError(
      'invalid_argument',
      `HotlineModule.forRoot: "registry" is a registry that was made already, so ${more.join(', ')} would do nothing. Give them to createConnections.`,
    );
}

/** For each name the handle, once it serves, and the stream. */
export function connectionProviders(connections: ConnectionList = []): Provider[] {
  const asked: readonly (readonly [string, ConnectionOptions?])[] = Array.isArray(connections)
    ? connections.map((name: string) => [name] as const)
    : Object.entries(connections);
  return asked.flatMap(([name, options]) => [
    {
      provide: connectionToken(name),
      inject: [registryToken],
      useFactory: (hot: ConnectionRegistry) => opened(hot, name, options),
    },
    {
      provide: connectionToken$(name),
      inject: [registryToken],
      useFactory: (hot: ConnectionRegistry) => hot.connection$(name, options),
    },
  ]);
}

/** The handle; where it cannot be opened the application does not start, and nobody else would close the registry. */
async function opened(hot: ConnectionRegistry, name: string, options?: ConnectionOptions): Promise<unknown> {
  try {
    return await hot.connection(name, options);
  } catch (error) {
    await closeMade(hot);
    throw error;
  }
}
