import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OpenError } from '../../src/errors/index.ts';
import { backOff, stateName, type State } from '../../src/lifecycle/index.ts';
import { Instance } from '../../src/lifecycle/instance.ts';
import { idleState } from '../../src/lifecycle/state.ts';
import { renewalAge } from '../../src/lifecycle/timers.ts';
import { defaultPolicies, defaultPolicies as policies } from '../../src/policy/index.ts';

describe('timers', () => {
  const openedAt = 1_700_000_000_000;
  const hour = 3_600_000;
  const age = (lifetime: number, spread = 0, place = 0): number =>
    renewalAge({ openedAt, expiresAt: openedAt + lifetime }, { spread }, place);

  describe('renewalAge', () => {
    it('is four fifths of what is left when it is opened', () => {
      expect(age(hour)).toBe(48 * 60_000);
    });

    it.each([[Infinity], [0], [-1], [NaN]])('is never where %s is left', (lifetime) => {
      expect(age(lifetime)).toBe(Infinity);
    });

    it('is a second at the least, so that the same credentials given again are no storm', () => {
      expect([age(1), age(900), age(1300)]).toEqual([1000, 1000, 1040]);
    });

    it('spreads a fleet over the time before, by its places, and never over more than half of it', () => {
      expect([0, 0.5, 1].map((place) => age(hour, 60_000, place))).toEqual([48, 47.5, 47].map((at) => at * 60_000));
      expect([0, 0.5, 1].map((place) => age(10_000, hour, place))).toEqual([8000, 6000, 4000]);
    });

    it('is before the end, for every lifetime that leaves time for it', () => {
      const lifetimes = fc.double({ min: 1001, max: 1e12, noNaN: true });
      const spreads = fc.double({ min: 0, max: 1e12, noNaN: true });
      const places = fc.double({ min: 0, max: 1, noNaN: true });
      fc.assert(fc.property(lifetimes, spreads, places, (...given) => age(...given) < given[0]));
    });
  });
});

describe('state', () => {
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
});

describe('back off', () => {
  const retry = { ...defaultPolicies.retry, minDelay: 100, maxDelay: 1000, jitter: 'none' as const };
  const middle = 0.5;

  describe('backOff', () => {
    it.each(['transient', 'timeout', 'query', 'cancelled'] as const)('doubles up to maxDelay: %s', (category) => {
      const delays = [1, 2, 3, 4, 5, 6].map((failures) => backOff(category, failures, retry, middle));
      expect(delays).toEqual([100, 200, 400, 800, 1000, 1000]);
    });

    it('with full jitter it is a random share of that', () => {
      const jittered = { ...retry, jitter: 'full' as const };
      expect([0, 0.25, 1].map((share) => backOff('transient', 2, jittered, share))).toEqual([0, 50, 200]);
    });

    it('refused credentials wait for maxDelay, jitter or not', () => {
      expect(backOff('auth', 1, { ...retry, jitter: 'full' }, middle)).toBe(1000);
    });

    it('a broken config waits for a change', () => {
      expect(backOff('config', 1, retry, middle)).toBe(Infinity);
    });

    it('stays a number after any number of failures', () => {
      expect(backOff('transient', 1e6, { ...retry, minDelay: 0 }, middle)).toBe(0);
      expect(backOff('transient', 1e6, retry, middle)).toBe(1000);
      expect(backOff('transient', 60, { ...retry, maxDelay: Infinity }, middle)).toBeGreaterThan(1e15);
    });
  });
});
