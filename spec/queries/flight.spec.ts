import { describe, expect, it } from '@jest/globals';
import { asyncScheduler } from 'rxjs';
import { Flight } from '../../src/queries/flight.ts';

const limits = (signal?: AbortSignal, timeout?: number) => ({
  connection: 'pets',
  scheduler: asyncScheduler,
  signals: [signal],
  timeout,
});

describe('Flight', () => {
  it('gives all who wait the same, and each may leave', async () => {
    let land!: (value: number) => void;
    const flight = new Flight(() => new Promise<number>((resolve) => (land = resolve)));
    const leaver = new AbortController();
    const left = flight.join(limits(leaver.signal));
    const slow = flight.join(limits(undefined, 5));
    const stays = flight.join(limits());
    leaver.abort();
    await expect(left).rejects.toMatchObject({ code: 'cancelled' });
    await expect(slow).rejects.toMatchObject({ code: 'timeout' });
    expect(flight.abandoned).toBe(false);
    land(1);
    await expect(stays).resolves.toBe(1);
  });

  it('is stopped when all have left, and its failure is then nobody’s', async () => {
    let stop!: AbortSignal;
    const flight = new Flight((signal) => {
      stop = signal;
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
    });
    const [one, two] = [new AbortController(), new AbortController()];
    const both = [flight.join(limits(one.signal)), flight.join(limits(two.signal))];
    one.abort();
    await Promise.allSettled([both[0]]);
    expect(stop.aborted).toBe(false);
    two.abort();
    await Promise.allSettled(both);
    expect(stop.aborted).toBe(true);
    expect(flight.abandoned).toBe(true);
  });

  it('who has no limit keeps it going', async () => {
    const flight = new Flight(() => new Promise<number>((resolve) => setImmediate(resolve, 1)));
    const stop = new AbortController();
    const stays = flight.join(limits());
    flight.join(limits(stop.signal)).catch(() => undefined);
    stop.abort();
    await expect(stays).resolves.toBe(1);
    expect(flight.abandoned).toBe(false);
  });
});
