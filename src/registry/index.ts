export type { ConnectionEvent } from './events.ts';
export type { FirstPartyKinds } from './kinds.ts';
export type { KindClass } from './kinds.ts';
export type { LeaseMessage } from './lease-port.ts';
export type { OpenMessage } from './open-channel.ts';
export type { ConnectionOptions, OptionsOf } from './options.ts';
export { logEvents, type EventLogger } from './log-events.ts';
export { Registry, type RegistryOptions } from './registry.ts';
export type {
  CloseOptions,
  ConnectionPromise,
  ConnectionRegistry,
  ConnectionStream,
  ListedConnection,
  SecretPromise,
  SecretStream,
} from './surface.ts';
export { refuseUnusable } from './options.ts';
