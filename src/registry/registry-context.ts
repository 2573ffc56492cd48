import type { LifecycleContext } from '../lifecycle/index.ts';
import type { Leases } from '../kinds/base/index.ts';
import type { Policies } from '../policy/index.ts';
import type { EntryEvent } from './events.ts';
import type { Identity } from './identity.ts';
import type { Kinds } from './kinds.ts';
import type { Loads } from './loads.ts';

/** The parts of a registry that all of its connections use: made once, by the registry, and held by each part that needs it. */
export interface RegistryContext extends Pick<Leases<unknown>, 'shared' | 'watchFile'> {
  readonly lifecycle: LifecycleContext;
  readonly kinds: Kinds;
  readonly defaults: Policies;
  readonly loads: Loads;
  /** Has the sources read again. */
  look(): void;
  /** The list of connections, or the status of one, is another one now. */
  changed(): void;
  /** Publishes an event of a connection. */
  event(identity: Identity, event: EntryEvent): void;
}
