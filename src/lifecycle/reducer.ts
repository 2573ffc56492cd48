import { backOff } from './back-off.ts';
import type { RetireReason } from './events.ts';
import type { Instance } from './instance.ts';
import type { Resource } from './resource.ts';
import { defaultPolicies } from '../policy/index.ts';
import { policiesOf, type Attempt, type Failure, type LifecycleAction, type State, type Target } from './state.ts';

/** The facts besides the state that a transition depends on, as they are at its moment. */
export interface ReducerDeps<Raw, Config> {
  readonly resource: Pick<Resource<Raw, Config>, 'overlap' | 'keeps' | 'failure'>;
  /** A subscriber or a waiter wants an instance. */
  readonly wanted: boolean;
  /** The current instance has leases. */
  readonly leased: boolean;
  readonly now: number;
  /** The share of the `spread` window after which this connection reacts to a change: 0 to 1. Always the same. */
  readonly spreadOffset?: () => number;
}

/** The next state, and the instance that ended with it. */
interface Transition<Raw, Config> {
  readonly state: State<Raw, Config>;
  readonly retired?: Instance<Raw, Config> | undefined;
  /** An instance that an abandoned attempt opened; nobody has seen it. */
  readonly late?: Instance<Raw, Config>;
  /** The reason why the instance, or the attempt, ended. */
  readonly reason?: RetireReason;
}

/** The state table of the design: the next state of a connection for each action. Pure. */
export function reduce<Raw, Config>(
  state: State<Raw, Config>,
  action: LifecycleAction<Raw, Config>,
  deps: ReducerDeps<Raw, Config>,
): Transition<Raw, Config> {
  // First: an instance that arrives after the end still has to be closed.
  if (action.type === 'opened' && state.attempt !== action.attempt) return { state, late: action.instance };
  if (state.closed) return { state };
  const { current } = state;
  const inUse = deps.wanted || deps.leased;

  switch (action.type) {
    case 'target':
      return onTarget(state, action.target, deps);

    case 'wanted':
      if (!deps.wanted || current || state.attempt || isPausing(state)) return { state };
      return onWanted(state, deps);

    case 'unwanted':
      if (inUse) return { state };
      // Nobody waits for the next attempt any more; an opening that is under way may finish, and its instance serves then.
      if (state.expired && !state.attempt) return endCurrent(state, state.expired);
      return current || state.attempt || untilAsked(state.failure) === state.failure
        ? { state }
        : { state: { ...state, failure: untilAsked(state.failure) } };

    case 'opened':
      return {
        state: {
          ...state,
          current: action.instance,
          expired: undefined,
          attempt: undefined,
          failure: undefined,
          failures: 0,
          breaks: current ? 0 : state.breaks,
        },
        retired: current,
        reason: action.attempt.reason,
      };

    case 'failed':
      return state.attempt === action.attempt ? { state: onFailed(state, action, deps) } : { state };

    case 'retry':
      return state.attempt ? { state } : startAttempt(state, state.expired ?? 'replaced', deps);

    case 'hastened':
      return onHastened(state, deps);

    case 'expired':
      if (current !== action.instance) return { state };
      return onExpired(state, state.expired ?? action.reason ?? 'expired', inUse, deps);

    case 'idle':
      return inUse ? { state } : endCurrent(state, 'idle');

    case 'broken':
      return current === action.instance ? onBroken(state, current, action, deps) : { state };

    case 'reset':
      return reopen(state, 'reset', deps);

    case 'evicted':
      return inUse ? { state } : endCurrent(state, 'evicted');

    case 'closed':
      return endCurrent({ ...state, closed: true }, 'closed');
  }
}

/** Starts what is to replace the current instance, if it waits for its back-off or for its place in `spread`. */
function onHastened<Raw, Config>(state: State<Raw, Config>, deps: ReducerDeps<Raw, Config>): Transition<Raw, Config> {
  const { current, attempt, failure } = state;
  if (!current) return { state };
  if (!attempt) return failure ? startAttempt(state, state.expired ?? 'replaced', deps) : { state };
  if (attempt.notBefore === undefined || attempt.notBefore <= deps.now) return { state };
  return startAttempt({ ...state, attempt: undefined }, attempt.reason, deps);
}

/** Replaces an instance that is used while it serves; where an attempt is under way or due, that one replaces it. */
function onExpired<Raw, Config>(
  before: State<Raw, Config>,
  reason: RetireReason,
  inUse: boolean,
  deps: ReducerDeps<Raw, Config>,
): Transition<Raw, Config> {
  if (!inUse) return endCurrent(before, reason);
  const state = { ...before, expired: reason };
  return state.attempt || state.failure ? { state } : startAttempt(state, reason, deps);
}

function onTarget<Raw, Config>(
  before: State<Raw, Config>,
  target: Target<Config>,
  deps: ReducerDeps<Raw, Config>,
): Transition<Raw, Config> {
  const { current, attempt } = before;
  if ('error' in target) {
    const failure = { error: target.error, final: true, retryIn: Infinity, pause: 0, at: deps.now };
    return endCurrent({ ...before, target, failures: 0, breaks: 0 }, target.reason, failure);
  }
  // The attempt under way opens this config already: only the policies are new.
  if (attempt && deps.resource.keeps(attempt.config, target.config)) return { state: { ...before, target } };
  const state = { ...before, target, attempt: undefined, failure: undefined, failures: 0, breaks: 0 };
  if (current && !state.expired && deps.resource.keeps(current.config, target.config)) return { state };
  // Those who waited for an abandoned attempt wait for the next one.
  const open = current ?? attempt;
  if (!open && !deps.wanted) return { state };
  const begun = startAttempt(state, 'replaced', deps);
  return { ...begun, state: spreadOut(begun.state, attempt, deps) };
}

/** Delays the replacement of a working instance by its share of the `spread` window, counted from the first change. */
function spreadOut<Raw, Config>(
  state: State<Raw, Config>,
  before: Attempt<Config> | undefined,
  { now, spreadOffset }: ReducerDeps<Raw, Config>,
): State<Raw, Config> {
  const { attempt, current } = state;
  if (!attempt?.policies.spread || !current || !spreadOffset) return state;
  const notBefore = before?.notBefore ?? now + attempt.policies.spread * spreadOffset();
  return { ...state, attempt: { ...attempt, notBefore } };
}

/** Starts an attempt on the target, if there is one to open. Without overlap the current instance ends first. */
function startAttempt<Raw, Config>(
  state: State<Raw, Config>,
  reason: RetireReason,
  { resource }: ReducerDeps<Raw, Config>,
): Transition<Raw, Config> {
  const { target, current } = state;
  if (!target || 'error' in target) return { state };
  const generation = state.generation + 1;
  const attempt: Attempt<Config> = { ...target, generation, reason, replacing: !!current };
  const first = current && !resource.overlap ? current : undefined;
  return {
    state: { ...state, ...(first && { current: undefined, expired: undefined }), attempt, generation },
    retired: first,
    reason,
  };
}

/** A newcomer wants an instance and none is open: it is tried at once, or when the pause after a failure is over. */
function onWanted<Raw, Config>(state: State<Raw, Config>, deps: ReducerDeps<Raw, Config>): Transition<Raw, Config> {
  const { failure } = state;
  const left = failure ? failure.at + failure.pause - deps.now : 0;
  if (!failure || left <= 0)
    return startAttempt({ ...state, failures: failure?.pause ? state.failures : 0 }, 'replaced', deps);
  return { state: { ...state, failure: { ...failure, final: false, retryIn: left, pause: left, at: deps.now } } };
}

/** An instance that broke before it had served for `maxDelay` is opened anew after a growing pause, any other at once. */
function onBroken<Raw, Config>(
  before: State<Raw, Config>,
  current: Instance<Raw, Config>,
  { error: cause, jitter }: Extract<LifecycleAction<Raw, Config>, { type: 'broken' }>,
  deps: ReducerDeps<Raw, Config>,
): Transition<Raw, Config> {
  const { retry } = policiesOf(before) ?? current.policies;
  const breaks = deps.now - current.openedAt < retry.maxDelay ? before.breaks + 1 : 0;
  const state = { ...before, breaks, failures: 0 };
  if (state.attempt)
    return { state: { ...state, current: undefined, expired: undefined }, retired: current, reason: 'failed' };
  const pause = breaks > 0 ? backOff('transient', breaks, retry, jitter) : 0;
  if (pause === 0) return reopen(state, 'failed', deps);
  const error = deps.resource.failure(cause, current.config);
  const failure = { error, final: false, retryIn: pause, pause, at: deps.now };
  return endCurrent(state, 'failed', deps.wanted ? failure : untilAsked(failure));
}

function onFailed<Raw, Config>(
  state: State<Raw, Config>,
  { attempt, error, jitter }: Extract<LifecycleAction<Raw, Config>, { type: 'failed' }>,
  deps: ReducerDeps<Raw, Config>,
): State<Raw, Config> {
  const { retry } = attempt.policies;
  const failures = state.failures + 1;
  const round = retry.attempts === Infinity ? defaultPolicies.retry.attempts : retry.attempts;
  const final = !error.retryable || failures >= round;
  const retryIn = backOff(error.category, failures, retry, jitter);
  const pause = error.category === 'auth' ? backOff('transient', failures, retry, jitter) : 0;
  const failure = { error, final, retryIn, pause, at: deps.now };
  return {
    ...state,
    attempt: undefined,
    failures,
    failure: state.current || deps.wanted ? failure : untilAsked(failure),
  };
}

/** Ends the current instance and the attempt; nothing is opened in their place. */
function endCurrent<Raw, Config>(
  state: State<Raw, Config>,
  reason: RetireReason,
  failure = state.target && 'error' in state.target ? state.failure : undefined,
): Transition<Raw, Config> {
  const { current } = state;
  return {
    state: { ...state, current: undefined, expired: undefined, attempt: undefined, failure },
    retired: current,
    reason,
  };
}

/** Ends the current instance; opens a new one if somebody wants it. */
function reopen<Raw, Config>(
  state: State<Raw, Config>,
  reason: RetireReason,
  deps: ReducerDeps<Raw, Config>,
): Transition<Raw, Config> {
  const ended = endCurrent({ ...state, failures: 0, breaks: 0 }, reason);
  return deps.wanted ? { ...ended, state: startAttempt(ended.state, reason, deps).state } : ended;
}

/** The round of attempts pauses between two of them. */
function isPausing(state: State<unknown, unknown>): boolean {
  return state.failure !== undefined && !state.failure.final;
}

/** A failure whose next attempt is made only when somebody asks. */
function untilAsked(failure: Failure | undefined): Failure | undefined {
  return failure && failure.retryIn !== Infinity ? { ...failure, final: true, retryIn: Infinity } : failure;
}
