import { ConfigurableModuleBuilder, Inject, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { ConnectionRegistry } from '../index.ts';
import { HotlineHealthIndicator } from './health-indicator.ts';
import {
  closeMade,
  connectionProviders,
  registryProvider,
  type ConnectionList,
  type HotlineModuleExtras,
  type HotlineModuleOptions,
} from './providers.ts';
import { optionsToken, registryToken } from './inject.ts';

const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<HotlineModuleOptions>({
  optionsInjectionToken: optionsToken,
})
  .setClassMethodName('forRoot')
  .setExtras<HotlineModuleExtras>({}, (definition, { connections, isGlobal = true, logger }) => {
    const provided = [registryProvider(logger, isRoot), ...connectionProviders(connections), HotlineHealthIndicator];
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
 * registry, with the options of `createConnections`, or takes one (`registry`), and the `connections` that can be injected. When the application has
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
  constructor(hot?: ConnectionRegistry, modules?: ModulesContainer) {
    super();
    this.#hot = hot;
    // Nest shuts the farthest module down last, and all global ones are equally far: theirs may still query.
    for (const module of modules?.values() ?? []) if (isRoot(module.metatype)) module.distance = Infinity;
  }

  /** More connections, beside the feature that needs them; `forRoot` has to be global, which it is by default. */
  static forFeature(connections: ConnectionList): DynamicModule {
    const providers = connectionProviders(connections);
    return { module: HotlineFeature, providers, exports: providers };
  }

  /** Closes the registry that the module has made; called by Nest. */
  async onApplicationShutdown(): Promise<void> {
    await closeMade(this.#hot);
  }
}

class HotlineFeature {}

/** The type is declared: the class is made from what uses this. */
function isRoot(module: unknown): boolean {
  return module === HotlineModule;
}

Inject(registryToken)(HotlineModule, undefined, 0);
Inject(ModulesContainer)(HotlineModule, undefined, 1);
