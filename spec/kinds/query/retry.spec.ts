import { getMaxListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { Subscription, VirtualTimeScheduler } from 'rxjs';
import { QueryError } from '../../../src/errors/index.ts';
import { retry } from '../../../src/kinds/query/retry.ts';
import { within } from '../../../src/kinds/query/within.ts';
import { readRetry, type RetryOptions } from '../../../src/policy/index.ts';

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

const limits = (scheduler: VirtualTimeScheduler, rest: { signals?: AbortSignal[]; timeout?: number } = {}) => ({
  connection: 'pets',
  scheduler,
  signals: [],
  ...rest,
});
const later = () => new Promise<void>((resolve) => setImmediate(resolve));
const never = () => new Promise<never>(() => undefined);

describe('within', () => {
  it('gives what the work gives, and leaves nothing behind', async () => {
    const scheduler = new VirtualTimeScheduler();
    const caller = new AbortController();
    let stop!: AbortSignal;
    const work = async (signal: AbortSignal) => {
      stop = signal;
      return 1;
    };
    await expect(within(limits(scheduler, { signals: [caller.signal], timeout: 10 }), work)).resolves.toBe(1);
    scheduler.flush();
    caller.abort();
    expect(stop.aborted).toBe(false);
    await expect(within(limits(scheduler), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    const thrown = within(limits(scheduler), () => {
      throw new Error('at once');
    });
    await expect(thrown).rejects.toThrow('at once');
  });

  it('ends at once when the time is over, and stops the work', async () => {
    const scheduler = new VirtualTimeScheduler();
    let stop!: AbortSignal;
    const running = within(limits(scheduler, { timeout: 10 }), (signal) => ((stop = signal), never()));
    scheduler.flush();
    const error: unknown = await running.catch((error: unknown) => error);
    expect(error).toBeInstanceOf(QueryError);
    expect(error).toMatchObject({ code: 'timeout', connection: 'pets', message: expect.stringMatching('10 ms') });
    expect(stop.reason).toBe(error);
    expect(scheduler.now()).toBe(10);
  });

  it('lets any number of calls share a signal, so that Node does not warn of a leak', async () => {
    const { signal } = new AbortController();
    const calls = Array.from({ length: 20 }, () =>
      within(limits(new VirtualTimeScheduler(), { signals: [signal] }), later),
    );
    expect(getMaxListeners(signal)).toBeGreaterThan(20);
    await Promise.all(calls);
  });

  it('ends when any of the signals fires, or has fired: then the work is not begun', async () => {
    const scheduler = new VirtualTimeScheduler();
    const [one, two] = [new AbortController(), new AbortController()];
    const running = within(limits(scheduler, { signals: [one.signal, two.signal] }), never);
    two.abort();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    let begun = false;
    const late = within(limits(scheduler, { signals: [one.signal, two.signal] }), async () => (begun = true));
    await expect(late).rejects.toMatchObject({ code: 'cancelled' });
    expect(begun).toBe(false);
  });
});
