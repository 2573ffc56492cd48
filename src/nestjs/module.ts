import { ConfigurableModuleBuilder, Inject, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import type { ConnectionRegistry, CreateConnectionsOptions } from '../index.ts';
import { HotlineHealthIndicator } from './health-indicator.ts';
import { connectionProviders, registryProvider, type ConnectionList, type HotlineModuleExtras } from './providers.ts';
import { optionsToken, registryToken } from './inject.ts';

const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<CreateConnectionsOptions>({
  optionsInjectionToken: optionsToken,
})
  .setClassMethodName('forRoot')
  .setExtras<HotlineModuleExtras>({}, (definition, { connections, isGlobal = true, logger }) => {
    const provided = [registryProvider(logger), ...connectionProviders(connections), HotlineHealthIndicator];
    return {
      ...definition,
      global: isGlobal,
      providers: [...(definition.providers ?? []), ...provided],
      exports: [...(definition.exports ?? []), ...provided],
    };
  })
  .build();

/**
 * Connections as providers of a Nest application: `forRoot(options)` or `forRootAsync({ useFactory, inject })` makes the
 * registry, with the options of `createConnections` and the `connections` that can be injected. When the application has
 * answered its last request, running work may finish (`drainTimeout`), then everything is closed.
 *
 * @example
 * @Module({
 *   imports: [HotlineModule.forRoot({ sources: [tomlFile('secrets.toml')], connections: { pets: { type: SqlConnection } } })],
 * })
 * class AppModule {}
 */
export class HotlineModule extends ConfigurableModuleClass implements OnApplicationShutdown {
  readonly #hot: ConnectionRegistry | undefined;

  /** @hidden */
  constructor(hot?: ConnectionRegistry) {
    super();
    this.#hot = hot;
  }

  /** More connections, beside the feature that needs them; `forRoot` has to be global, which it is by default. */
  static forFeature(connections: ConnectionList): DynamicModule {
    const providers = connectionProviders(connections);
    return { module: HotlineFeature, providers, exports: providers };
  }

  /** Closes the registry; called by Nest. */
  async onApplicationShutdown(): Promise<void> {
    await this.#hot?.close();
  }
}

class HotlineFeature {}

Inject(registryToken)(HotlineModule, undefined, 0);
