export type { ConnectionStats } from './stats.ts';
export type { ConnectionEvent } from './event.ts';
export type { FirstPartyKinds } from './first-party.ts';
export type { KindClass } from './kind.ts';
export type { LeaseMessage } from './lease-port.ts';
export type { OpenMessage } from './open-channel.ts';
export type { ConnectionOptions } from './options.ts';
export { Registry, type RegistryOptions } from './registry.ts';
export type { ConnectionPromise, ConnectionRegistry, ConnectionStream, ListedConnection } from './surface.ts';
