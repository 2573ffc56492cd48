export type { FallbackContext, FallbackSettings } from './settings.ts';
export { BaseConnection } from './connection.ts';
export { Superseded } from './leases.ts';
export type { ConnectionStats, InstanceStats, Lease, LeaseContext, LeaseOptions, Leases, PoolGauge } from './leases.ts';
export type { Setting, Settings } from './settings.ts';
export type { ConnectionState, ConnectionStatus } from './status.ts';
export type { UseTrace } from './trace.ts';
