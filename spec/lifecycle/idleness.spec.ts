import { describe, expect, it } from '@jest/globals';
import { map, Subject } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { idleness$ } from '../../src/lifecycle/idleness.ts';
import { defaultPolicies, type State } from '../../src/lifecycle/index.ts';
import { Instance } from '../../src/lifecycle/instance.ts';
import { rest } from '../../src/lifecycle/state.ts';
import { pending } from '../support/virtual/timeline.ts';

function open(idleTimeout: number): State<string, string> {
  const policies = { ...defaultPolicies, idleTimeout };
  const current = new Instance('raw', { config: 'a', generation: 1, policies }, 0);
  return { ...rest, current, target: { config: 'a', policies } };
}
const policies = { ...defaultPolicies, idleTimeout: 4 };
const attempt = { config: 'a', policies, generation: 1, reason: 'replaced', replacing: false } as const;
const states = {
  o: rest,
  a: open(4),
  s: open(2),
  z: open(0),
  n: open(Infinity),
  p: { ...rest, attempt, target: { config: 'a', policies } },
};

/** In `use`, `+` is the first user who comes and `-` after one is time; `0` is the last one who leaves. */
function idle(state: string, use: string, expected: string): TestScheduler {
  const scheduler = new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted));
  scheduler.run(({ hot, expectObservable }) => {
    let since: number | undefined = 0;
    const unused$ = new Subject<void>();
    hot(use).subscribe((mark) => {
      since = mark === '0' ? scheduler.now() : undefined;
      if (mark === '0') unused$.next();
    });
    const state$ = hot<State<string, string>>(state, states);
    expectObservable(idleness$(state$, { unused$, unusedSince: () => since }, scheduler).pipe(map(() => 'i'))).toBe(
      expected,
    );
  });
  return scheduler;
}

describe('idleness$', () => {
  it.each([
    ['after idleTimeout without use', 'a---------', '----------', '----i-----'],
    ['counted from when the last user left', 'a---------', '+----0----', '---------i'],
    ['a use in between counts, however short', 'a---------', '--+0------', '-------i--'],
    ['not while it is used', 'a---------', '+---------', '----------'],
    ['0: at once', 'z---------', '+----0----', '-----i----'],
    ['Infinity: never', 'n---------', '+0--------', '----------'],
    ['an opening counts like what it opens', 'p-a-------', '+0--------', '-----i----'],
    ['a shorter idleTimeout holds at once', 'a-s-------', '+0--------', '---i------'],
    ['not when nothing is open', 'a-o-------', '+0--------', '----------'],
  ])('%s', (_, state, use, expected) => {
    expect(() => idle(state, use, expected)).not.toThrow();
  });

  it('has one timer, however often it is used, and nests nothing', () => {
    const scheduler = new TestScheduler(() => undefined);
    scheduler.maxFrames = Infinity;
    let since: number | undefined = 0;
    let found = 0;
    const unused$ = new Subject<void>();
    const use = (times: number): void => {
      since = scheduler.now();
      for (let leave = 0; leave < 10; leave++) unused$.next();
      expect(pending(scheduler)).toBeLessThanOrEqual(2);
      if (times > 0) scheduler.schedule(() => use(times - 1), 3);
    };
    const state$ = new Subject<State<string, string>>();
    idleness$(state$, { unused$, unusedSince: () => since }, scheduler).subscribe(() => found++);
    state$.next(states.a);
    // More rounds than calls fit on the stack.
    use(5_000);
    scheduler.flush();
    expect([found, pending(scheduler)]).toEqual([1, 0]);
  });
});
