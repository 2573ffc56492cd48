import { describe, expect, it } from '@jest/globals';
import { OpenError } from '../../src/errors/index.ts';
import { stateName, type State } from '../../src/lifecycle/index.ts';
import { defaultPolicies as policies } from '../../src/policy/index.ts';
import { Instance } from '../../src/lifecycle/instance.ts';
import { idleState } from '../../src/lifecycle/state.ts';

const current = new Instance('raw', { config: 'a', generation: 1, policies }, 0);
const attempt = { config: 'b', policies, generation: 2, reason: 'replaced', replacing: true } as const;
const failed = { error: new OpenError('open_failed', 'no'), final: true, retryIn: 100, pause: 0, at: 0 };
const pausing = { ...failed, final: false };

describe('stateName', () => {
  it.each<[string, Partial<State<string, string>>]>([
    ['idle', {}],
    ['idle', { target: { config: 'a', policies } }],
    ['opening', { attempt }],
    ['opening', { attempt, failure: failed }],
    ['opening', { failure: pausing }],
    ['ready', { current }],
    ['replacing', { current, attempt }],
    ['degraded', { current, failure: failed }],
    ['degraded', { current, failure: pausing, attempt }],
    ['failed', { failure: failed }],
    ['closed', { closed: true }],
    ['closed', { closed: true, failure: failed }],
  ])('%s', (name, state) => {
    expect(stateName({ ...idleState, ...state })).toBe(name);
  });
});
