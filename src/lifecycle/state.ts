import type { HotlineError } from '../errors/index.ts';
import type { Instance } from './instance.ts';
import type { Policies } from './policy.ts';
import type { RetireReason } from './retire-reason.ts';

/** What a connection should be: open with this config, or not at all, and why. */
export type Target<Config> =
  | { readonly config: Config; readonly policies: Policies }
  | { readonly error: HotlineError; readonly reason: 'removed' | 'kind-changed' };

/** An instance that is being opened. */
export interface Attempt<Config> {
  readonly config: Config;
  readonly policies: Policies;
  readonly generation: number;
  /** What will be said of the instance that this one replaces. */
  readonly reason: RetireReason;
  /** Whether something was open when it began. */
  readonly replacing: boolean;
  /** When its turn comes, by the scheduler's clock: a fleet spreads its answers to a change. Absent: at once. */
  readonly notBefore?: number;
}

/** The last attempt failed. */
export interface Failure {
  readonly error: HotlineError;
  /** The round of attempts is over: whoever waits is told. */
  readonly final: boolean;
  /** Milliseconds until the next attempt; `Infinity`: only when something changes or somebody asks. */
  readonly retryIn: number;
  /** Milliseconds that also a caller waits before the next attempt: no account gets locked, no server stormed. */
  readonly pause: number;
  /** When it failed, by the scheduler's clock. */
  readonly at: number;
}

/** Everything that decides what happens next. Replaced as a whole by each event. */
export interface State<Raw, Config> {
  readonly target: Target<Config> | undefined;
  readonly current: Instance<Raw, Config> | undefined;
  readonly attempt: Attempt<Config> | undefined;
  readonly failure: Failure | undefined;
  /** Failed attempts since the last success or change. */
  readonly failures: number;
  /** Instances in a row that broke soon after they were opened. */
  readonly breaks: number;
  /** The number of the last attempt. */
  readonly generation: number;
  readonly closed: boolean;
}

export const rest: State<never, never> = {
  target: undefined,
  current: undefined,
  attempt: undefined,
  failure: undefined,
  failures: 0,
  breaks: 0,
  generation: 0,
  closed: false,
};

/** What can happen to a connection. */
export type LifecycleInput<Raw, Config> =
  | { readonly type: 'target'; readonly target: Target<Config> }
  | { readonly type: 'wanted' }
  | { readonly type: 'unwanted' }
  | { readonly type: 'opened'; readonly attempt: Attempt<Config>; readonly instance: Instance<Raw, Config> }
  | { readonly type: 'failed'; readonly attempt: Attempt<Config>; readonly error: HotlineError }
  | { readonly type: 'retry' }
  | { readonly type: 'expired'; readonly instance: Instance<Raw, Config>; readonly reason?: RetireReason }
  | { readonly type: 'idle' }
  | { readonly type: 'broken'; readonly instance: Instance<Raw, Config>; readonly error: unknown }
  | { readonly type: 'reset' }
  | { readonly type: 'evicted' }
  | { readonly type: 'closed' };

/** The policies that hold now, where there is anything to open. */
export function policiesOf({ target }: State<unknown, unknown>): Policies | undefined {
  return target && 'policies' in target ? target.policies : undefined;
}

/** The name of a state, as users see it. */
export function stateName(
  state: State<unknown, unknown>,
): 'idle' | 'opening' | 'ready' | 'replacing' | 'degraded' | 'failed' | 'closed' {
  if (state.closed) return 'closed';
  if (state.current) return state.failure ? 'degraded' : state.attempt ? 'replacing' : 'ready';
  if (state.attempt) return 'opening';
  if (state.failure) return state.failure.final ? 'failed' : 'opening';
  return 'idle';
}
