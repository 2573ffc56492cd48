import { describe, expect, it } from '@jest/globals';
import { EMPTY, map, NEVER, of, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { OpenError } from '../../src/errors/index.ts';
import { effects$ } from '../../src/lifecycle/effects.ts';
import { Host } from '../../src/lifecycle/host.ts';
import { Instance } from '../../src/lifecycle/instance.ts';
import { defaultPolicies } from '../../src/lifecycle/policy.ts';
import type { Resource } from '../../src/lifecycle/resource.ts';
import { Retirement } from '../../src/lifecycle/retirement.ts';
import { rest, type Attempt, type State } from '../../src/lifecycle/state.ts';

type Known = State<string, string>;

const policies = { ...defaultPolicies, ttl: 6, idleTimeout: 4 };
const target = { config: 'a', policies };
const attempt: Attempt<string> = { ...target, generation: 1, reason: 'replaced', replacing: false };
const failure = { error: new OpenError('open_failed', 'no'), final: true, retryIn: 3, pause: 0, at: 0 };
const current = new Instance('raw', attempt, 0);

const resource: Resource<string, string> = {
  overlap: true,
  open: () => of('raw'),
  check: () => EMPTY,
  expiresAt: () => Infinity,
  close: () => EMPTY,
  retire: () => undefined,
  keeps: () => false,
  named: (error) => error,
  failure: () => failure.error,
};

/** What comes back of a stream of states, by type: o(pened), e(xpired), r(etry), i(dle). */
function effects(
  given: string,
  states: Record<string, Known>,
  unusedSince: () => number | undefined,
): (as: string) => void {
  return (expected) => {
    const scheduler = new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted));
    scheduler.run(({ hot, expectObservable }) => {
      const host = new Host(scheduler);
      const context = {
        ...{ resource, host, unused$: NEVER as Observable<unknown>, unusedSince },
        retirement: new Retirement(resource, host, () => undefined),
        tell: () => undefined,
        makes: () => true,
      };
      const inputs$ = effects$<string, string>(hot(given, states), context).pipe(map(({ type }) => type.charAt(0)));
      expectObservable(inputs$).toBe(expected);
    });
  };
}

describe('effects$', () => {
  const used = (): undefined => undefined;

  it('makes the attempt of a state, once', () =>
    effects('-a-b', { a: { ...rest, target, attempt }, b: { ...rest, target, attempt, failures: 1 } }, used)('-o'));

  it('tells when the ttl of what is open is over', () =>
    effects('a', { a: { ...rest, target, current } }, used)('------e'));

  it('tells when the next attempt is due', () =>
    effects('-a', { a: { ...rest, target: { ...target }, failure } }, used)('----r'));

  it('tells when what is open was unused for long enough', () =>
    effects('a', { a: { ...rest, target, current } }, () => 0)('----i-e'));
});
