import { describe, expect, it } from '@jest/globals';
import { TestScheduler } from 'rxjs/testing';
import { after, upkeepScheduler } from '../../src/duration/index.ts';

const day = 86_400_000;

describe('after', () => {
  const virtual = (): TestScheduler => new TestScheduler((actual, expected) => expect(actual).toEqual(expected));

  it('emits once and completes', () => {
    const scheduler = virtual();
    scheduler.run(({ expectObservable }) => {
      expectObservable(after(3, scheduler)).toBe('---(a|)', { a: 0 });
    });
  });

  it('emits at once for 0', () => {
    const scheduler = virtual();
    scheduler.run(({ expectObservable }) => {
      expectObservable(after(0, scheduler)).toBe('(a|)', { a: 0 });
    });
  });

  it('never emits for Infinity', () => {
    const scheduler = virtual();
    scheduler.run(({ expectObservable }) => {
      expectObservable(after(Infinity, scheduler)).toBe('');
    });
  });

  it.each([30, 90])('waits %i days, longer than a timer of the platform can', (days) => {
    const scheduler = virtual();
    scheduler.maxFrames = Infinity;
    const seen: number[] = [];
    after(days * day, scheduler).subscribe({ complete: () => seen.push(scheduler.now()) });
    scheduler.flush();
    expect(seen).toEqual([days * day]);
  });

  it('never asks the scheduler for more than the platform can hold', () => {
    const scheduler = virtual();
    scheduler.maxFrames = Infinity;
    const delays: number[] = [];
    const schedule = scheduler.schedule.bind(scheduler);
    scheduler.schedule = (work: never, delay: number, state: never) => {
      delays.push(delay);
      return schedule(work, delay, state);
    };
    after(60 * day, scheduler).subscribe();
    scheduler.flush();
    expect(delays).toHaveLength(3);
    expect(Math.max(...delays)).toBeLessThan(2 ** 31);
    expect(delays.reduce((sum, delay) => sum + delay)).toBe(60 * day);
  });

  it('takes no more for ages than for days', () => {
    const scheduler = virtual();
    after(Number.MAX_SAFE_INTEGER, scheduler).subscribe();
    expect(scheduler.actions).toHaveLength(1);
  });

  it('leaves nothing scheduled when it is no longer wanted', () => {
    const scheduler = virtual();
    after(60 * day, scheduler)
      .subscribe()
      .unsubscribe();
    expect(scheduler.actions.every((action) => action.closed)).toBe(true);
  });

  it.each([NaN, undefined, 'soon'])('refuses %p, which would be never', (delay) => {
    expect(() => after(delay as number, upkeepScheduler)).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    );
  });
});
