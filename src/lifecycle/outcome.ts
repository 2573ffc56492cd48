import type { HotlineError } from '../errors/index.ts';
import type { Instance } from './instance.ts';
import type { LifecycleInput, State } from './state.ts';

/** What whoever waits for an instance is told. */
export type Outcome<Raw, Config> =
  { readonly instance: Instance<Raw, Config> } | { readonly error: HotlineError } | { readonly closed: true };

/** What a step means to those who wait, if it means anything. */
export function outcomeOf<Raw, Config>(
  before: State<Raw, Config>,
  { current, failure, target, closed }: State<Raw, Config>,
  input: LifecycleInput<Raw, Config>,
): Outcome<Raw, Config> | undefined {
  if (current && current !== before.current) return { instance: current };
  if (closed) return { closed };
  if (!current && input.type === 'failed' && failure?.final) return { error: failure.error };
  if (input.type === 'target' && target && 'error' in target) return { error: target.error };
  return undefined;
}
