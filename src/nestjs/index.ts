/**
 * Connections as providers of a Nest application, closed with it.
 *
 * @module hotline/nestjs
 */

export { InjectConnection, InjectConnection$, InjectRegistry, type InjectDecorator, type Injected } from './inject.ts';
export { HotlineModule } from './module.ts';
export { HotlineHealthIndicator, type HealthIndicatorOptions } from './health-indicator.ts';
export type { ConnectionList, HotlineModuleExtras, HotlineModuleOptions } from './providers.ts';
export { connectionToken, connectionToken$, registryToken } from './inject.ts';
