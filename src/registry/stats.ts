import type { ConnectionStats, InstanceStats } from '../kinds/base/index.ts';
import type { Instance, Lifecycle } from '../lifecycle/index.ts';
import type { Config } from '../secrets/index.ts';
import type { KindResource } from './hooks.ts';

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
