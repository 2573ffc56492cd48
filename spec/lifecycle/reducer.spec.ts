import { describe, expect, it } from '@jest/globals';
import { ConfigError, OpenError } from '../../src/errors/index.ts';
import { stateName } from '../../src/lifecycle/index.ts';
import { defaultPolicies as policies } from '../../src/policy/index.ts';
import { Instance } from '../../src/lifecycle/instance.ts';
import { reduce, type ReducerDeps } from '../../src/lifecycle/reducer.ts';
import { idleState, type LifecycleAction, type State } from '../../src/lifecycle/state.ts';

type Any = State<string, string>;
type Action = LifecycleAction<string, string>;

const target = { config: 'a', policies };
const instance = (generation: number, config = 'a'): Instance<string, string> =>
  new Instance('raw', { config, generation, policies }, 0);
const attempt = { ...target, generation: 2, reason: 'replaced', replacing: false } as const;
const transient = new OpenError('open_failed', 'no', { category: 'transient' });
const gone = { error: new ConfigError('missing_config', 'gone'), reason: 'removed' } as const;

const states = {
  idle: (): Any => ({ ...idleState, target }),
  opening: (): Any => ({ ...idleState, target, attempt, generation: 2 }),
  pausing: (): Any => ({
    ...idleState,
    target,
    failures: 1,
    failure: { error: transient, final: false, retryIn: 5, pause: 0, at: 0 },
  }),
  failed: (): Any => ({
    ...idleState,
    target,
    failures: 3,
    failure: { error: transient, final: true, retryIn: 5, pause: 0, at: 0 },
  }),
  ready: (): Any => ({ ...idleState, target, current: instance(1), generation: 1 }),
  replacing: (): Any => ({
    ...idleState,
    target: { config: 'b', policies },
    current: instance(1),
    attempt,
    generation: 2,
  }),
  degraded: (): Any => ({ ...states.failed(), current: instance(1), generation: 2 }),
  removed: (): Any => ({
    ...idleState,
    target: gone,
    failure: { error: gone.error, final: true, retryIn: Infinity, pause: 0, at: 0 },
  }),
  closed: (): Any => ({ ...idleState, target, closed: true }),
};
type Name = keyof typeof states;

const broken = ({ current }: Any): Action => ({
  type: 'broken',
  instance: current ?? instance(9),
  error: 'lost',
  jitter: 1,
});
const actions: Record<string, (state: Any) => Action> = {
  'same config': () => ({ type: 'target', target }),
  'new config': () => ({ type: 'target', target: { config: 'c', policies } }),
  removed: () => ({ type: 'target', target: gone }),
  wanted: () => ({ type: 'wanted' }),
  unwanted: () => ({ type: 'unwanted' }),
  opened: ({ attempt: its }) => ({ type: 'opened', attempt: its ?? attempt, instance: instance(2, its?.config) }),
  failed: ({ attempt: its }) => ({ type: 'failed', attempt: its ?? attempt, error: transient, jitter: 1 }),
  retry: () => ({ type: 'retry' }),
  expired: ({ current }) => ({ type: 'expired', instance: current ?? instance(9) }),
  idle: () => ({ type: 'idle' }),
  broken,
  'broken soon': broken,
  reset: () => ({ type: 'reset' }),
  evicted: () => ({ type: 'evicted' }),
  closed: () => ({ type: 'closed' }),
};

const deps = (given: Partial<ReducerDeps<string, string>>): ReducerDeps<string, string> => ({
  resource: { overlap: true, keeps: (a, b) => a === b, failure: () => transient },
  wanted: true,
  now: 0,
  leased: false,
  ...given,
});

/** The name of the next state, with `+` where an attempt began, and the reason of what ended. */
function next(from: Name, event: string, wanted: boolean): string {
  const before = states[from]();
  // Instances are opened at 0; what breaks within maxDelay breaks soon.
  const given = deps({ wanted, now: event === 'broken soon' ? policies.retry.maxDelay - 1 : 10_000 });
  const { state, retired, late, reason } = reduce(before, actions[event]!(before), given);
  const began = state.attempt && state.attempt !== before.attempt ? '+' : '';
  const gaveUp = before.attempt && !state.attempt && !['opened', 'failed'].includes(event);
  return stateName(state) + began + (retired || gaveUp ? ` ${reason}` : '') + (late ? ' late' : '');
}

/** The table of the design: what happens in each state; first while somebody wants an instance, then while nobody does. */
const table: Record<string, Record<Name, readonly [wanted: string, unwanted: string]>> = {
  'new config': {
    idle: ['opening+', 'idle'],
    opening: ['opening+', 'opening+'],
    pausing: ['opening+', 'idle'],
    failed: ['opening+', 'idle'],
    ready: ['replacing+', 'replacing+'],
    replacing: ['replacing+', 'replacing+'],
    degraded: ['replacing+', 'replacing+'],
    removed: ['opening+', 'idle'],
    closed: ['closed', 'closed'],
  },
  'same config': {
    idle: ['opening+', 'idle'],
    opening: ['opening', 'opening'],
    pausing: ['opening+', 'idle'],
    failed: ['opening+', 'idle'],
    ready: ['ready', 'ready'],
    replacing: ['replacing', 'replacing'],
    degraded: ['ready', 'ready'],
    removed: ['opening+', 'idle'],
    closed: ['closed', 'closed'],
  },
  removed: {
    idle: ['failed', 'failed'],
    opening: ['failed removed', 'failed removed'],
    pausing: ['failed', 'failed'],
    failed: ['failed', 'failed'],
    ready: ['failed removed', 'failed removed'],
    replacing: ['failed removed', 'failed removed'],
    degraded: ['failed removed', 'failed removed'],
    removed: ['failed', 'failed'],
    closed: ['closed', 'closed'],
  },
  wanted: {
    idle: ['opening+', 'idle'],
    opening: ['opening', 'opening'],
    pausing: ['opening', 'opening'],
    failed: ['opening+', 'failed'],
    ready: ['ready', 'ready'],
    replacing: ['replacing', 'replacing'],
    degraded: ['degraded', 'degraded'],
    removed: ['failed', 'failed'],
    closed: ['closed', 'closed'],
  },
  unwanted: {
    idle: ['idle', 'idle'],
    opening: ['opening', 'opening'],
    pausing: ['opening', 'failed'],
    failed: ['failed', 'failed'],
    ready: ['ready', 'ready'],
    replacing: ['replacing', 'replacing'],
    degraded: ['degraded', 'degraded'],
    removed: ['failed', 'failed'],
    closed: ['closed', 'closed'],
  },
  opened: {
    idle: ['idle late', 'idle late'],
    opening: ['ready', 'ready'],
    pausing: ['opening late', 'opening late'],
    failed: ['failed late', 'failed late'],
    ready: ['ready late', 'ready late'],
    replacing: ['ready replaced', 'ready replaced'],
    degraded: ['degraded late', 'degraded late'],
    removed: ['failed late', 'failed late'],
    closed: ['closed late', 'closed late'],
  },
  failed: {
    idle: ['idle', 'idle'],
    opening: ['opening', 'failed'],
    pausing: ['opening', 'opening'],
    failed: ['failed', 'failed'],
    ready: ['ready', 'ready'],
    replacing: ['degraded', 'degraded'],
    degraded: ['degraded', 'degraded'],
    removed: ['failed', 'failed'],
    closed: ['closed', 'closed'],
  },
  retry: {
    idle: ['opening+', 'opening+'],
    opening: ['opening', 'opening'],
    pausing: ['opening+', 'opening+'],
    failed: ['opening+', 'opening+'],
    ready: ['replacing+', 'replacing+'],
    replacing: ['replacing', 'replacing'],
    degraded: ['degraded+', 'degraded+'],
    removed: ['failed', 'failed'],
    closed: ['closed', 'closed'],
  },
  expired: {
    idle: ['idle', 'idle'],
    opening: ['opening', 'opening'],
    pausing: ['opening', 'opening'],
    failed: ['failed', 'failed'],
    ready: ['replacing+', 'idle expired'],
    replacing: ['replacing', 'idle expired'],
    degraded: ['degraded', 'idle expired'],
    removed: ['failed', 'failed'],
    closed: ['closed', 'closed'],
  },
  idle: {
    idle: ['idle', 'idle'],
    opening: ['opening', 'idle idle'],
    pausing: ['opening', 'idle'],
    failed: ['failed', 'idle'],
    ready: ['ready', 'idle idle'],
    replacing: ['replacing', 'idle idle'],
    degraded: ['degraded', 'idle idle'],
    removed: ['failed', 'failed'],
    closed: ['closed', 'closed'],
  },
  broken: {
    idle: ['idle', 'idle'],
    opening: ['opening', 'opening'],
    pausing: ['opening', 'opening'],
    failed: ['failed', 'failed'],
    ready: ['opening+ failed', 'idle failed'],
    replacing: ['opening failed', 'opening failed'],
    degraded: ['opening+ failed', 'idle failed'],
    removed: ['failed', 'failed'],
    closed: ['closed', 'closed'],
  },
  'broken soon': {
    idle: ['idle', 'idle'],
    opening: ['opening', 'opening'],
    pausing: ['opening', 'opening'],
    failed: ['failed', 'failed'],
    ready: ['opening failed', 'failed failed'],
    replacing: ['opening failed', 'opening failed'],
    degraded: ['opening failed', 'failed failed'],
    removed: ['failed', 'failed'],
    closed: ['closed', 'closed'],
  },
  reset: {
    idle: ['opening+', 'idle'],
    opening: ['opening+', 'idle reset'],
    pausing: ['opening+', 'idle'],
    failed: ['opening+', 'idle'],
    ready: ['opening+ reset', 'idle reset'],
    replacing: ['opening+ reset', 'idle reset'],
    degraded: ['opening+ reset', 'idle reset'],
    removed: ['failed', 'failed'],
    closed: ['closed', 'closed'],
  },
  evicted: {
    idle: ['idle', 'idle'],
    opening: ['opening', 'idle evicted'],
    pausing: ['opening', 'idle'],
    failed: ['failed', 'idle'],
    ready: ['ready', 'idle evicted'],
    replacing: ['replacing', 'idle evicted'],
    degraded: ['degraded', 'idle evicted'],
    removed: ['failed', 'failed'],
    closed: ['closed', 'closed'],
  },
  closed: {
    idle: ['closed', 'closed'],
    opening: ['closed closed', 'closed closed'],
    pausing: ['closed', 'closed'],
    failed: ['closed', 'closed'],
    ready: ['closed closed', 'closed closed'],
    replacing: ['closed closed', 'closed closed'],
    degraded: ['closed closed', 'closed closed'],
    removed: ['closed', 'closed'],
    closed: ['closed', 'closed'],
  },
};

describe('the state table', () => {
  it.each(Object.entries(table))('%s', (event, expected) => {
    const came = Object.keys(expected).map((from) => [
      from,
      [next(from as Name, event, true), next(from as Name, event, false)],
    ]);
    expect(Object.fromEntries(came)).toEqual(expected);
  });

  it('has every event', () => {
    expect(Object.keys(actions).sort()).toEqual(Object.keys(table).sort());
  });

  it('a lease keeps an instance as interest does', () => {
    for (const event of ['expired', 'idle', 'evicted']) {
      const before = states.ready();
      const { state } = reduce(before, actions[event]!(before), deps({ wanted: false, leased: true }));
      expect(state.current).toBe(before.current);
    }
  });

  it('where two cannot live side by side, the old one ends when the new attempt begins', () => {
    const before = states.ready();
    const resource = { overlap: false, keeps: () => false, failure: () => transient };
    const { state, retired, reason } = reduce(before, actions['new config']!(before), deps({ resource }));
    expect([state.current, state.attempt?.config, retired, reason]).toEqual([
      undefined,
      'c',
      before.current,
      'replaced',
    ]);
  });

  it('what breaks soon is opened anew after a pause that doubles, and at once when one has served', () => {
    let before: Any = states.ready();
    const pauses = [10, 10, 10, 6_000, 10].map((lived) => {
      const { state } = reduce(
        before,
        { type: 'broken', instance: before.current!, error: 'lost', jitter: 1 },
        deps({ now: lived }),
      );
      before = { ...state, failure: undefined, attempt: undefined, current: instance(1) };
      return [state.failure?.pause, state.failure?.retryIn, state.attempt !== undefined];
    });
    expect(pauses).toEqual([
      [100, 100, false],
      [200, 200, false],
      [400, 400, false],
      [undefined, undefined, true],
      [100, 100, false],
    ]);
  });

  it('refused credentials are tried at most once in a pause, however many ask for it one after the other', () => {
    const auth = new OpenError('auth_failed', 'no', { category: 'auth' });
    let state: Any = { ...idleState, target };
    let now = 0;
    const waited: number[] = [];
    for (let nth = 0; nth < 8; nth++) {
      state = reduce(state, { type: 'wanted' }, deps({ now })).state;
      const pause = state.attempt ? 0 : state.failure!.retryIn;
      expect(stateName(state)).toBe('opening');
      waited.push(pause);
      now += pause;
      state = reduce(state, { type: 'retry' }, deps({ now })).state;
      state = reduce(state, { type: 'failed', attempt: state.attempt!, error: auth, jitter: 1 }, deps({ now })).state;
      expect(stateName(state)).toBe('failed');
      state = reduce(state, { type: 'unwanted' }, deps({ now, wanted: false })).state;
    }
    expect(waited).toEqual([0, 100, 200, 400, 800, 1600, 3200, 5000]);
  });
});
