import { getMaxListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { VirtualTimeScheduler } from 'rxjs';
import { QueryError } from '../../src/errors/index.ts';
import { within } from '../../src/queries/within.ts';

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
