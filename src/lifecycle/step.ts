import type { HotlineError } from '../errors/index.ts';
import { backOff } from './back-off.ts';
import type { Instance } from './instance.ts';
import type { Resource } from './resource.ts';
import type { RetireReason } from './retire-reason.ts';
import { policiesOf, type Attempt, type Failure, type LifecycleInput, type State, type Target } from './state.ts';

/** What the table asks of the world besides the state. */
export interface Surroundings<Raw, Config> {
  readonly resource: Pick<Resource<Raw, Config>, 'overlap' | 'keeps' | 'failure'>;
  /** Somebody holds interest or waits for an instance. */
  readonly wanted: boolean;
  readonly now: number;
  readonly random: () => number;
  /** Where this connection stands in the window that a fleet is spread over: 0 to 1. */
  readonly place?: () => number;
}

/** The next state, and what ended with it. */
export interface Step<Raw, Config> {
  readonly state: State<Raw, Config>;
  readonly retired?: Instance<Raw, Config> | undefined;
  /** Came of an attempt that was given up meanwhile: nobody has seen it. */
  readonly late?: Instance<Raw, Config>;
  /** Why the instance, or the attempt, ended. */
  readonly reason?: RetireReason;
}

/** The state table of the design: what each event does to a connection. Pure, but for the `expired` mark of an instance. */
export function step<Raw, Config>(
  state: State<Raw, Config>,
  input: LifecycleInput<Raw, Config>,
  around: Surroundings<Raw, Config>,
): Step<Raw, Config> {
  // Before everything else: what arrives after the end still has to be closed.
  if (input.type === 'opened' && state.attempt !== input.attempt) return { state, late: input.instance };
  if (state.closed) return { state };
  const { current } = state;
  const inUse = around.wanted || (current?.leases ?? 0) > 0;

  switch (input.type) {
    case 'target':
      return aim(state, input.target, around);

    case 'wanted':
      if (!around.wanted || current || state.attempt || waits(state)) return { state };
      return ask(state, around);

    case 'unwanted':
      if (inUse) return { state };
      if (current?.expired) return letGo(state, current.expired);
      // Nobody waits for the next attempt any more; what is being opened may finish.
      return current || state.attempt || asleep(state.failure) === state.failure
        ? { state }
        : { state: { ...state, failure: asleep(state.failure) } };

    case 'opened':
      return {
        state: {
          ...state,
          current: input.instance,
          attempt: undefined,
          failure: undefined,
          failures: 0,
          breaks: current ? 0 : state.breaks,
        },
        retired: current,
        reason: input.attempt.reason,
      };

    case 'failed':
      return state.attempt === input.attempt ? { state: fail(state, input.attempt, input.error, around) } : { state };

    case 'retry':
      return state.attempt ? { state } : begin(state, current?.expired ?? 'replaced', around);

    case 'expired':
      if (current !== input.instance) return { state };
      current.expired ??= input.reason ?? 'expired';
      if (!inUse) return letGo(state, current.expired);
      return state.attempt || state.failure ? { state } : begin(state, current.expired, around);

    case 'idle':
      return inUse ? { state } : letGo(state, 'idle');

    case 'broken':
      return current === input.instance ? broke(state, current, input.error, around) : { state };

    case 'reset':
      return again(state, 'reset', around);

    case 'evicted':
      return inUse ? { state } : letGo(state, 'evicted');

    case 'closed':
      return letGo({ ...state, closed: true }, 'closed');
  }
}

function aim<Raw, Config>(
  before: State<Raw, Config>,
  target: Target<Config>,
  around: Surroundings<Raw, Config>,
): Step<Raw, Config> {
  const { current, attempt } = before;
  if ('error' in target) {
    const failure = { error: target.error, final: true, retryIn: Infinity, pause: 0, at: around.now };
    return letGo({ ...before, target, failures: 0, breaks: 0 }, target.reason, failure);
  }
  // What is being opened already is what is asked for now: only the policies are new.
  if (attempt && around.resource.keeps(attempt.config, target.config)) return { state: { ...before, target } };
  const state = { ...before, target, attempt: undefined, failure: undefined, failures: 0, breaks: 0 };
  if (current && !current.expired && around.resource.keeps(current.config, target.config)) return { state };
  // The abandoned attempt may have been all there was: whoever waits for it waits for the next one.
  const open = current ?? attempt;
  if (!open && !around.wanted) return { state };
  const begun = begin(state, 'replaced', around);
  return { ...begun, state: inTurn(begun.state, attempt, around) };
}

/** What replaces a working instance waits for its turn; if something waits already, no longer than that. */
function inTurn<Raw, Config>(
  state: State<Raw, Config>,
  before: Attempt<Config> | undefined,
  { now, place }: Surroundings<Raw, Config>,
): State<Raw, Config> {
  const { attempt, current } = state;
  if (!attempt?.policies.spread || !current || !place) return state;
  const notBefore = before?.notBefore ?? now + attempt.policies.spread * place();
  return { ...state, attempt: { ...attempt, notBefore } };
}

/** Starts an attempt on the target, if there is one to open. */
function begin<Raw, Config>(
  state: State<Raw, Config>,
  reason: RetireReason,
  { resource }: Surroundings<Raw, Config>,
): Step<Raw, Config> {
  const { target, current } = state;
  if (!target || 'error' in target) return { state };
  const generation = state.generation + 1;
  const attempt: Attempt<Config> = { ...target, generation, reason, replacing: !!current };
  const first = current && !resource.overlap ? current : undefined;
  return {
    state: { ...state, current: first ? undefined : current, attempt, generation },
    retired: first,
    reason,
  };
}

/** Somebody wants what is not open: it is tried at once, or when the pause after a failure is over. */
function ask<Raw, Config>(state: State<Raw, Config>, around: Surroundings<Raw, Config>): Step<Raw, Config> {
  const { failure } = state;
  const left = failure ? failure.at + failure.pause - around.now : 0;
  if (!failure || left <= 0)
    return begin({ ...state, failures: failure?.pause ? state.failures : 0 }, 'replaced', around);
  return { state: { ...state, failure: { ...failure, final: false, retryIn: left, pause: left, at: around.now } } };
}

/** What broke before it had served for the longest pause is opened anew after a pause that grows. */
function broke<Raw, Config>(
  before: State<Raw, Config>,
  current: Instance<Raw, Config>,
  cause: unknown,
  around: Surroundings<Raw, Config>,
): Step<Raw, Config> {
  const { retry } = policiesOf(before) ?? current.policies;
  const breaks = around.now - current.openedAt < retry.maxDelay ? before.breaks + 1 : 0;
  const state = { ...before, breaks, failures: 0 };
  if (state.attempt) return { state: { ...state, current: undefined }, retired: current, reason: 'failed' };
  const pause = breaks > 0 ? backOff('transient', breaks, retry, around.random) : 0;
  if (pause === 0) return again(state, 'failed', around);
  const error = around.resource.failure(cause, current.config);
  const failure = { error, final: false, retryIn: pause, pause, at: around.now };
  return letGo(state, 'failed', around.wanted ? failure : asleep(failure));
}

function fail<Raw, Config>(
  state: State<Raw, Config>,
  attempt: Attempt<Config>,
  error: HotlineError,
  around: Surroundings<Raw, Config>,
): State<Raw, Config> {
  const { retry } = attempt.policies;
  const failures = state.failures + 1;
  const round = retry.attempts === Infinity ? 3 : retry.attempts;
  const final = !error.retryable || failures >= round;
  const retryIn = backOff(error.category, failures, retry, around.random);
  const pause = error.category === 'auth' ? backOff('transient', failures, retry, around.random) : 0;
  const failure = { error, final, retryIn, pause, at: around.now };
  return {
    ...state,
    attempt: undefined,
    failures,
    failure: state.current || around.wanted ? failure : asleep(failure),
  };
}

/** Ends what is open or being opened; nothing is opened in its place. */
function letGo<Raw, Config>(
  state: State<Raw, Config>,
  reason: RetireReason,
  failure = state.target && 'error' in state.target ? state.failure : undefined,
): Step<Raw, Config> {
  const { current } = state;
  return {
    state: { ...state, current: undefined, attempt: undefined, failure },
    retired: current,
    reason,
  };
}

/** Ends what is open; opens anew when somebody wants it. */
function again<Raw, Config>(
  state: State<Raw, Config>,
  reason: RetireReason,
  around: Surroundings<Raw, Config>,
): Step<Raw, Config> {
  const ended = letGo({ ...state, failures: 0, breaks: 0 }, reason);
  return around.wanted ? { ...ended, state: begin(ended.state, reason, around).state } : ended;
}

/** A round of attempts is under way and pauses between two of them. */
function waits(state: State<unknown, unknown>): boolean {
  return state.failure !== undefined && !state.failure.final;
}

/** Nobody waits for the next attempt: it is made when somebody asks. */
function asleep(failure: Failure | undefined): Failure | undefined {
  return failure && failure.retryIn !== Infinity ? { ...failure, final: true, retryIn: Infinity } : failure;
}
