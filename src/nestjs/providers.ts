import { Logger, type Provider } from '@nestjs/common';
import {
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

/** The registry, made from the options of the module; its events go to the logger. */
export function registryProvider(logger: EventLogger | false = new Logger('Hotline')): Provider {
  return {
    provide: registryToken,
    inject: [optionsToken],
    useFactory: (options: CreateConnectionsOptions & HotlineModuleExtras) => {
      // `forRoot` passes the options of the module along.
      const { connections: _connections, isGlobal: _isGlobal, logger: _logger, ...rest } = options;
      const hot = createConnections(rest);
      if (logger !== false) logEvents(hot, logger);
      return hot;
    },
  };
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
      useFactory: (hot: ConnectionRegistry) => hot.connection(name, options),
    },
    {
      provide: connectionToken$(name),
      inject: [registryToken],
      useFactory: (hot: ConnectionRegistry) => hot.connection$(name, options),
    },
  ]);
}
