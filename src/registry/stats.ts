import type { PoolGauge } from '../kinds/base/index.ts';
import type { Instance, Lifecycle } from '../lifecycle/index.ts';
import type { Config } from '../secrets/index.ts';
import type { KindResource } from './hooks.ts';

/**
 * How much one instance is used.
 *
 * @inline
 */
export interface InstanceStats {
  /** Leases that are held on it. */
  readonly leases: number;
  /** The figures of its pool, where its kind has one. */
  readonly pool?: PoolGauge;
}

/** How much a connection is used at this moment; `leases` and `pool` are those of the instance that serves. */
export interface ConnectionStats extends InstanceStats {
  /** Subscriptions and waiting callers. */
  readonly subscribers: number;
  /** The instances that were retired and are not closed yet, oldest first. Absent when there is none. */
  readonly draining?: readonly (InstanceStats & { readonly generation: number })[];
}

export function statsOf<Raw>(lifecycle: Lifecycle<Raw, Config>, resource: KindResource<Raw>): ConnectionStats {
  const usage = ({ leases, raw }: Instance<Raw, Config>): InstanceStats => {
    const pool = resource.pool(raw);
    return { leases, ...(pool && { pool }) };
  };
  const { current } = lifecycle.state;
  const draining = Array.from(lifecycle.draining, (old) => ({ generation: old.generation, ...usage(old) }));
  return {
    subscribers: lifecycle.wanted,
    ...(current ? usage(current) : { leases: 0 }),
    ...(draining.length > 0 && { draining }),
  };
}
