import { describe, expect, it } from '@jest/globals';
import { map } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { defaultPolicies, type State } from '../../src/lifecycle/index.ts';
import { expiry$ } from '../../src/lifecycle/expiry.ts';
import { Instance } from '../../src/lifecycle/instance.ts';
import { rest } from '../../src/lifecycle/state.ts';

interface Kept {
  readonly expired?: boolean;
  readonly expiresAt?: number;
  readonly spread?: number;
}

function open(
  generation: number,
  openedAt: number,
  ttl: number,
  { expired = false, expiresAt, spread = 0 }: Kept = {},
): State<string, string> {
  const policies = { ...defaultPolicies, ttl, spread };
  const current = new Instance('raw', { config: 'a', generation, policies }, openedAt, expiresAt);
  if (expired) current.expired = 'expired';
  return { ...rest, current, target: { config: 'a', policies } };
}
const withTtl = (state: State<string, string>, ttl: number): State<string, string> => ({
  ...state,
  target: { config: 'a', policies: { ...defaultPolicies, ttl } },
});

const a = open(1, 0, 5);
const states = {
  o: rest,
  a,
  b: { ...a, failures: 3 },
  c: open(2, 3, 5),
  s: withTtl(a, 2),
  l: withTtl(a, 7),
  n: withTtl(a, Infinity),
  x: open(1, 0, 5, { expired: true }),
};

describe('expiry$', () => {
  it.each([
    ['counts from the opening', 'a--------', '-----e---'],
    ['also when it is told later', '---a-----', '-----e---'],
    ['at once when it is over already', '------a--', '------e--'],
    ['is not put off by other events', 'a-b-b----', '-----e---'],
    ['counts anew for a new instance', 'a--c-----', '--------e'],
    ['a shorter ttl holds from when the instance was opened', 'a---s----', '----e----'],
    ['and a longer one', 'a---l----', '-------e-'],
    ['never for Infinity', 'n--------', '---------'],
    ['not when nothing is open any more', 'a--o-----', '---------'],
    ['not twice', 'x--------', '---------'],
  ])('%s', (_, given, expected) => {
    const scheduler = new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted));
    scheduler.run(({ hot, expectObservable }) => {
      const expired$ = expiry$(hot<State<string, string>>(given, states), scheduler);
      expectObservable(expired$.pipe(map(() => 'e'))).toBe(expected);
    });
  });

  it('says which instance', () => {
    const scheduler = new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted));
    scheduler.run(({ hot, expectObservable }) => {
      expectObservable(expiry$(hot('a', states), scheduler)).toBe('-----e', {
        e: { type: 'expired', instance: a.current },
      });
    });
  });

  it.each([
    ['at four fifths of a lifetime that ends', open(1, 0, Infinity, { expiresAt: 10_000 }), '8000ms e'],
    ['earlier by its place in the spread', open(1, 0, Infinity, { expiresAt: 10_000, spread: 1000 }), '7500ms e'],
    ['not before a ttl that is shorter', open(1, 0, 5000, { expiresAt: 10_000 }), '5000ms e'],
    ['and not after it', open(1, 0, 9000, { expiresAt: 10_000 }), '8000ms e'],
  ])('%s', (_, state, expected) => {
    const scheduler = new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted));
    scheduler.run(({ hot, expectObservable }) => {
      const expired$ = expiry$(hot<State<string, string>>('a', { a: state }), scheduler, () => 0.5);
      expectObservable(expired$.pipe(map(() => 'e'))).toBe(expected);
    });
  });
});
