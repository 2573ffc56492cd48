import type { HotlineError } from '../errors/index.ts';
import type { Instance } from './instance.ts';
import type { Policies } from '../policy/index.ts';
import type { RetireReason } from './events.ts';

/** The desired state of a connection: open with this config, or not open and the reason. */
export type Target<Config> =
  | { readonly config: Config; readonly policies: Policies }
  | { readonly error: HotlineError; readonly reason: 'removed' | 'kind-changed' };

/** An instance that is being opened. */
export interface Attempt<Config> {
  readonly config: Config;
  readonly policies: Policies;
  readonly generation: number;
  /** The retirement reason of the instance that this one replaces. */
  readonly reason: RetireReason;
  /** An instance was open when it began. */
  readonly replacing: boolean;
  /** The time before which it does not start (`spread`), by the clock that nobody sets. Absent: at once. */
  readonly notBefore?: number;
}

/** The last attempt failed. */
export interface Failure {
  readonly error: HotlineError;
  /** The round of attempts is over, so waiters are told. */
  readonly final: boolean;
  /** Milliseconds until the next attempt; `Infinity`: only when something changes or somebody asks. */
  readonly retryIn: number;
  /** Milliseconds that newcomers wait before the next attempt, so that no account gets locked. */
  readonly pause: number;
  /** The time of the failure, by the clock that nobody sets. */
  readonly at: number;
}

/** The state of one connection. Immutable: each action makes a new one. */
export interface State<Raw, Config> {
  readonly target: Target<Config> | undefined;
  readonly current: Instance<Raw, Config> | undefined;
  /** The reason why the current instance is due for replacement, while it could not be replaced yet. */
  readonly expired: RetireReason | undefined;
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

/** Nothing is open, opening or wanted. */
export const idleState: State<never, never> = {
  target: undefined,
  current: undefined,
  expired: undefined,
  attempt: undefined,
  failure: undefined,
  failures: 0,
  breaks: 0,
  generation: 0,
  closed: false,
};

/** The actions that change a connection. `jitter` is a random number from 0 to 1 for the back-off. */
export type LifecycleAction<Raw, Config> =
  | { readonly type: 'target'; readonly target: Target<Config> }
  | { readonly type: 'wanted' }
  | { readonly type: 'unwanted' }
  | { readonly type: 'opened'; readonly attempt: Attempt<Config>; readonly instance: Instance<Raw, Config> }
  | {
      readonly type: 'failed';
      readonly attempt: Attempt<Config>;
      readonly error: HotlineError;
      readonly jitter: number;
    }
  | { readonly type: 'retry' }
  | { readonly type: 'hastened' }
  | { readonly type: 'expired'; readonly instance: Instance<Raw, Config>; readonly reason?: RetireReason }
  | { readonly type: 'idle' }
  | {
      readonly type: 'broken';
      readonly instance: Instance<Raw, Config>;
      readonly error: unknown;
      readonly jitter: number;
    }
  | { readonly type: 'reset' }
  | { readonly type: 'evicted' }
  | { readonly type: 'closed' };

/** The policies of the target; `undefined` where there is nothing to open. */
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
