import type { HotlineError } from '../errors/index.ts';
import type { Instance } from './instance.ts';

/** What whoever waits for an instance is told. */
export type Outcome<Raw, Config> =
  { readonly instance: Instance<Raw, Config> } | { readonly error: HotlineError } | { readonly closed: true };
