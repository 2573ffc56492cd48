import type { LifecycleEvent } from '../lifecycle/index.ts';
import type { SecretsEvent } from '../secrets/index.ts';

/** Something that looks wrong but stops nothing; told apart by `code`. */
export interface Warning {
  readonly type: 'warning';
  readonly code: string;
  readonly message: string;
}

/** What a connection tells, before the registry says whose it is. */
export type EntryEvent = LifecycleEvent | { readonly type: 'config.changed' } | Warning;

/** What happened, told apart by `type`. No secret is in it. `at` is in milliseconds since the epoch. */
export type ConnectionEvent =
  | SecretsEvent
  | (EntryEvent & {
      readonly at: number;
      /** The identity. */
      readonly id: string;
      /** The name. */
      readonly connection: string;
    });
