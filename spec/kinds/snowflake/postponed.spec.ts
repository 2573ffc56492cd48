import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { postponed } from '../../../src/kinds/snowflake/postponed.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

it('fires later than the signal, for the same reason', () => {
  const stop = new AbortController();
  const { signal } = postponed(stop.signal, 100);
  stop.abort(new Error('no more'));
  jest.advanceTimersByTime(99);
  expect(signal.aborted).toBe(false);
  jest.advanceTimersByTime(1);
  expect(signal.reason).toMatchObject({ message: 'no more' });
});

it('does not fire, and leaves no timer, once it has ended', () => {
  const [before, after] = [new AbortController(), new AbortController()];
  const [first, second] = [postponed(before.signal, 100), postponed(after.signal, 100)];
  first.end();
  before.abort();
  after.abort();
  second.end();
  expect(jest.getTimerCount()).toBe(0);
  expect(first.signal.aborted || second.signal.aborted).toBe(false);
});
