import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { ConfigError, OpenError } from '../../src/errors/index.ts';
import { Instance } from '../../src/lifecycle/instance.ts';
import { reduce } from '../../src/lifecycle/reducer.ts';
import { idleState, type LifecycleAction, type State, type Target } from '../../src/lifecycle/state.ts';
import { defaultPolicies } from '../../src/policy/index.ts';
import { depth } from '../support/depth.ts';

/**
 * Every state that the reducer can reach, breadth first: all actions in all states, with two configs, subscribers and leases
 * as far as `limits` says. Time is abstract: an action comes at the moment of the last one (0) or long after it (`later`).
 */
type Any = State<string, string>;
type Action = LifecycleAction<string, string>;

/** A state and those who use it. */
interface World {
  readonly state: Any;
  readonly wanted: number;
  readonly leases: number;
}

interface Edge {
  readonly name: string;
  readonly from: World;
  readonly to: World;
  /** Happens by itself: the end of an opening, a timer. Everything else is something that users or operators do. */
  readonly internal: boolean;
}

interface Limits {
  readonly wanted: number;
  readonly leases: number;
  readonly attempts: number;
  readonly spread: number;
}

const later = 24 * 60 * 60_000;
const errors = {
  transient: new OpenError('open_failed', 'no', { category: 'transient' }),
  auth: new OpenError('auth_failed', 'no', { category: 'auth' }),
  config: new OpenError('open_failed', 'no', { category: 'config' }),
};
const removed = { error: new ConfigError('missing_config', 'gone'), reason: 'removed' } as const;

const opened = ({ config, policies, generation }: NonNullable<Any['attempt']>): Instance<string, string> =>
  new Instance('raw', { config, policies, generation }, 0);
const isOpenable = (target: Target<string> | undefined): boolean => target !== undefined && 'config' in target;
const inUse = ({ wanted, leases }: World): boolean => wanted > 0 || leases > 0;
const isFinite = ({ failure }: Any): boolean => failure !== undefined && failure.retryIn !== Infinity;
const isResting = ({ current, attempt, failure }: Any): boolean =>
  !current && !attempt && (failure?.retryIn ?? Infinity) === Infinity;

class Explorer {
  readonly worlds = new Map<string, World>();
  readonly edges: Edge[] = [];
  readonly broken = new Set<string>();
  readonly #overlap: boolean;
  readonly #limits: Limits;

  constructor(overlap: boolean, limits: Limits) {
    this.#overlap = overlap;
    this.#limits = limits;
    const queue: World[] = [];
    const visit = (world: World): World => {
      const key = keyOf(world);
      const known = this.worlds.get(key);
      if (known) return known;
      this.worlds.set(key, world);
      this.#check(world);
      queue.push(world);
      return world;
    };
    visit({ state: idleState, wanted: 0, leases: 0 });
    for (let from = queue.shift(); from; from = queue.shift())
      for (const [name, internal, to] of this.#steps(from)) {
        const world = visit(to);
        if (world !== from) this.edges.push({ name, from, to: world, internal });
      }
  }

  /** Each thing that can happen in a world, with what comes of it. */
  *#steps(world: World): Generator<readonly [name: string, internal: boolean, World]> {
    const { state, wanted, leases } = world;
    const retry = { ...defaultPolicies.retry, attempts: this.#limits.attempts, minDelay: 1000, maxDelay: 4000 };
    const policies = { ...defaultPolicies, retry, spread: this.#limits.spread };
    const acts: [string, boolean, Action][] = [
      ['target a', false, { type: 'target', target: { config: 'a', policies } }],
      ['target b', false, { type: 'target', target: { config: 'b', policies } }],
      ['target removed', false, { type: 'target', target: removed }],
      ['reset', false, { type: 'reset' }],
      ['evicted', false, { type: 'evicted' }],
      ['closed', false, { type: 'closed' }],
      ['idle', true, { type: 'idle' }],
      ['unwanted', true, { type: 'unwanted' }],
    ];
    if (isFinite(state)) acts.push(['retry', true, { type: 'retry' }]);
    if (state.attempt) {
      const { attempt } = state;
      acts.push(['opened', true, { type: 'opened', attempt, instance: opened(attempt) }]);
      for (const [category, error] of Object.entries(errors))
        acts.push([`failed ${category}`, true, { type: 'failed', attempt, error, jitter: 1 }]);
      const abandoned = { ...attempt };
      acts.push(['opened late', true, { type: 'opened', attempt: abandoned, instance: opened(abandoned) }]);
      acts.push(['failed late', true, { type: 'failed', attempt: abandoned, error: errors.config, jitter: 1 }]);
    }
    if (state.current) {
      const { current: instance } = state;
      const stale = new Instance('raw', instance, 0);
      acts.push(['expired', true, { type: 'expired', instance }]);
      acts.push(['broken', false, { type: 'broken', instance, error: 'lost', jitter: 1 }]);
      acts.push(['stale expired', true, { type: 'expired', instance: stale }]);
      acts.push(['stale broken', true, { type: 'broken', instance: stale, error: 'lost', jitter: 1 }]);
    }
    for (const now of [0, later])
      for (const [name, internal, action] of acts) yield [name, internal, this.#apply(world, action, now)];

    if (wanted < this.#limits.wanted) {
      const joined = { ...world, wanted: wanted + 1 };
      const asks = !state.current && !state.closed && isOpenable(state.target);
      for (const now of asks ? [0, later] : [0])
        yield ['join', false, asks ? this.#apply(joined, { type: 'wanted' }, now) : joined];
    }
    if (wanted > 0) yield ['leave', false, this.#left({ ...world, wanted: wanted - 1 })];
    if (state.current && leases < this.#limits.leases) yield ['lease', false, { ...world, leases: leases + 1 }];
    if (leases > 0) yield ['release', false, this.#left({ ...world, leases: leases - 1 })];
  }

  #left(world: World): World {
    const { failure, expired } = world.state;
    return !inUse(world) && (failure ?? expired) ? this.#apply(world, { type: 'unwanted' }, 0) : world;
  }

  #apply(world: World, action: Action, now: number): World {
    const { state: before, wanted, leases } = world;
    const deps = {
      resource: {
        overlap: this.#overlap,
        keeps: (open: string, target: string) => open === target,
        failure: () => errors.transient,
      },
      wanted: wanted > 0,
      leased: leases > 0,
      now,
      spreadOffset: () => 0.5,
    };
    const { state, retired, late } = reduce(before, action, deps);
    const claim = (holds: boolean, what: string): void => {
      if (!holds) this.broken.add(`${what}: ${action.type} in ${keyOf(world)}`);
    };
    const { current } = before;
    claim(isDeepStrictEqual(reduce(before, action, deps).state, state), 'the reducer is pure');
    claim(retired === (current === state.current ? undefined : current), 'what is no longer current is retired');
    const isTaken = action.type === 'opened' && state.current === action.instance;
    if (action.type === 'opened') {
      claim(isTaken !== (late === action.instance), 'an opened instance serves or is closed as late');
      claim(isTaken === (before.attempt === action.attempt && !before.closed), 'only the current attempt is taken');
    }
    if (isTaken) claim(state.expired === undefined, 'a new instance is not due for replacement');
    if (isStale(action, before)) claim(state === before, 'what has ended changes nothing');
    claim(state.generation - before.generation === (hasBegun(before, state) ? 1 : 0), 'each attempt has its number');
    if (retired && inUse(world)) claim(this.#mayEndUsed(action, state), 'make before break');
    if (before.closed) claim(state === before, 'closed is the end');
    const next = { state: settled(state), wanted, leases: state.current === current ? leases : 0 };
    return retired ? this.#left(next) : next;
  }

  /** An instance in use ends only when its successor is there, when it is no good, or when somebody said so. */
  #mayEndUsed(action: Action, { attempt }: Any): boolean {
    if (['opened', 'broken', 'reset', 'closed'].includes(action.type)) return true;
    if (action.type === 'target' && 'error' in action.target) return true;
    return !this.#overlap && attempt !== undefined;
  }

  #check(world: World): void {
    const { state, wanted, leases } = world;
    const { target, current, attempt, failure, expired, closed } = state;
    const claim = (holds: boolean, what: string): void => {
      if (!holds) this.broken.add(`${what}: ${keyOf(world)}`);
    };
    claim(!closed || (!current && !attempt && !expired), 'nothing is open or opening after the end');
    claim(this.#overlap || !current || !attempt, 'without overlap one is open or opening');
    claim(leases === 0 || current !== undefined, 'a lease is on an open instance');
    claim(!expired || current !== undefined, 'only an open instance is due for replacement');
    claim(!attempt || isOpenable(target), 'only a config is opened');
    claim(!failure || failure.final || failure.retryIn !== Infinity, 'a round that is not over goes on by itself');
    claim(inUse(world) || current !== undefined || isResting(state) || attempt !== undefined, 'nobody is tried for');
    if (wanted > 0 && !closed && isOpenable(target))
      claim(Boolean(current ?? attempt ?? failure), 'whoever waits has an instance, an opening or a failure');
    if (attempt && current && isOpenable(target) && current.config === (target as { config: string }).config)
      claim(expired !== undefined || attempt.config === current.config, 'what serves already is not opened again');
  }

  /** The worlds from which none of `ends` can be reached by the edges that `allowed` lets through. */
  stuck(start: (world: World) => boolean, ends: (world: World) => boolean, allowed: (edge: Edge) => boolean): string[] {
    const before = new Map<World, World[]>();
    for (const edge of this.edges.filter(allowed)) before.set(edge.to, [...(before.get(edge.to) ?? []), edge.from]);
    const reached = new Set([...this.worlds.values()].filter(ends));
    for (const world of reached) for (const from of before.get(world) ?? []) reached.add(from);
    return [...this.worlds].filter(([, world]) => start(world) && !reached.has(world)).map(([key]) => key);
  }
}

/** The end of an opening or of an instance that is no longer there, or a timer that another attempt has overtaken. */
function isStale(action: Action, { current, attempt }: Any): boolean {
  if (action.type === 'failed' || action.type === 'opened') return action.attempt !== attempt;
  if (action.type === 'broken' || action.type === 'expired') return action.instance !== current;
  return action.type === 'retry' && attempt !== undefined;
}

function hasBegun(before: Any, state: Any): boolean {
  return state.attempt !== undefined && state.attempt.generation !== before.attempt?.generation;
}

/** The same state, as if its last moment were 0; counts that no longer matter are cut. */
function settled(state: Any): Any {
  const { attempt, failure } = state;
  return {
    ...state,
    failures: Math.min(state.failures, 4),
    breaks: Math.min(state.breaks, 4),
    ...(attempt?.notBefore !== undefined && { attempt: { ...attempt, notBefore: 1 } }),
    ...(failure && { failure: { ...failure, at: 0 } }),
  };
}

function keyOf({ state, wanted, leases }: World): string {
  const { target, current, expired, attempt, failure, failures, breaks, closed } = state;
  return JSON.stringify({
    ...(target && { target: 'config' in target ? target.config : 'removed' }),
    ...(current && { current: current.config }),
    ...(expired && { expired }),
    ...(attempt && { attempt: [attempt.config, attempt.reason, attempt.replacing, attempt.notBefore] }),
    ...(failure && { failure: [failure.error.category, failure.final, failure.retryIn, failure.pause] }),
    failures,
    breaks,
    closed,
    wanted,
    leases,
  });
}

const limits = depth<Limits>(
  { wanted: 1, leases: 1, attempts: 2, spread: 0 },
  { wanted: 2, leases: 2, attempts: 3, spread: 1000 },
);

describe.each([true, false])('all states that the reducer can reach, with overlap: %s', (overlap) => {
  const explored = new Explorer(overlap, limits);

  it('every invariant holds in every state and at every edge', () => {
    expect([...explored.broken].slice(0, 5)).toEqual([]);
    expect(explored.worlds.size).toBeGreaterThan(500);
  });

  it('when everybody has left, it comes to rest by itself', () => {
    const stuck = explored.stuck(
      (world) => !inUse(world),
      (world) => !inUse(world) && isResting(world.state),
      ({ internal, from }) => internal && !inUse(from),
    );
    expect(stuck.slice(0, 5)).toEqual([]);
  });

  it('whoever waits for a config can get an instance by time and the server alone', () => {
    const waits = ({ state, wanted }: World): boolean =>
      wanted > 0 && !state.closed && isOpenable(state.target) && !(state.failure && !isFinite(state));
    const stuck = explored.stuck(
      waits,
      ({ state }) => state.current !== undefined,
      ({ internal }) => internal,
    );
    expect(stuck.slice(0, 5)).toEqual([]);
  });
});
