import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { renewalAge } from '../../src/lifecycle/timers.ts';

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
