import { describe, expect, it } from '@jest/globals';
import { backOff } from '../../src/lifecycle/index.ts';
import { defaultPolicies } from '../../src/policy/index.ts';

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
