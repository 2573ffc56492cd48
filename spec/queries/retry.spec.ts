import { describe, expect, it } from '@jest/globals';
import { Subscription, VirtualTimeScheduler } from 'rxjs';
import { readRetry, type RetryOptions } from '../../src/policy/index.ts';
import { retry } from '../../src/queries/retry.ts';

/** Runs `retry` in virtual time: every attempt fails, at the times that are returned. */
async function attemptsAt(options: RetryOptions | undefined, patience?: number, worthwhile = true) {
  const scheduler = new VirtualTimeScheduler();
  const at: number[] = [];
  let last: unknown;
  const running = retry(new Error('first'), {
    connection: 'pets',
    scheduler,
    options: options && readRetry(options, 'code', 'retry'),
    signal: undefined,
    left: () => patience && patience - scheduler.now(),
    worthwhile: () => worthwhile,
    again: () => {
      at.push(scheduler.now());
      return Promise.reject(new Error(`attempt at ${scheduler.now()}`));
    },
    random: () => 1,
  }).catch((error: unknown) => (last = error));
  for (let turn = 0; turn < 60 && last === undefined; turn++) {
    await new Promise(setImmediate);
    scheduler.flush();
  }
  await running;
  return { at, last: (last as Error).message };
}

describe('retry', () => {
  it('tries three times in all, with a pause that doubles', async () => {
    await expect(attemptsAt(undefined)).resolves.toEqual({ at: [100, 300], last: 'attempt at 300' });
    await expect(attemptsAt({ attempts: 5, minDelay: 10, maxDelay: 30 })).resolves.toMatchObject({
      at: [10, 30, 60, 90],
    });
    await expect(attemptsAt({ attempts: 1 })).resolves.toEqual({ at: [], last: 'first' });
  });

  it('within a timeout tries for as long as there is time, and does not wait in vain', async () => {
    await expect(attemptsAt(undefined, 2000)).resolves.toEqual({ at: [100, 300, 700, 1500], last: 'attempt at 1500' });
    await expect(attemptsAt({ attempts: 2 }, 2000)).resolves.toMatchObject({ at: [100] });
  });

  it('does not try what is not worth it', async () => {
    await expect(attemptsAt(undefined, undefined, false)).resolves.toEqual({ at: [], last: 'first' });
  });

  it('stops waiting when the signal fires, and leaves no timer behind', async () => {
    const scheduler = new VirtualTimeScheduler();
    const stop = new AbortController();
    const running = retry(new Error('first'), {
      connection: 'pets',
      scheduler,
      options: undefined,
      signal: stop.signal,
      left: () => undefined,
      worthwhile: () => true,
      again: () => Promise.resolve('too late'),
    });
    stop.abort();
    await expect(running).rejects.toMatchObject({ code: 'cancelled', connection: 'pets' });
    expect(scheduler.actions.every((action) => (action as Subscription).closed)).toBe(true);
  });
});
