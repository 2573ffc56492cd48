import { describe, expect, it } from '@jest/globals';
import { map } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { OpenError } from '../../src/errors/index.ts';
import { retrial$ } from '../../src/lifecycle/retrial.ts';
import { rest, type State } from '../../src/lifecycle/state.ts';

const failing = (retryIn: number): State<never, never> => ({
  ...rest,
  failure: { error: new OpenError('open_failed', 'no'), final: false, retryIn, pause: 0, at: 0 },
});
const b = failing(6);
const states = { o: rest, a: failing(3), b, c: { ...b, generation: 9 }, n: failing(Infinity) };

describe('retrial$', () => {
  it.each([
    ['when the delay is over', 'a-------', '---r----'],
    ['once, however often the state changes around the same failure', 'b-c-c---', '------r-'],
    ['counted from the newest failure', 'b--a----', '------r-'],
    ['not when it works again', 'b--o----', '--------'],
    ['never for Infinity', 'n-------', '--------'],
  ])('%s', (_, given, expected) => {
    const scheduler = new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted));
    scheduler.run(({ hot, expectObservable }) => {
      expectObservable(retrial$(hot(given, states), scheduler).pipe(map(() => 'r'))).toBe(expected);
    });
  });
});
