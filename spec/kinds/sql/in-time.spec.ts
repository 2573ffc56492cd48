import { describe, expect, it } from '@jest/globals';
import { inTime } from '../../../src/kinds/sql/in-time.ts';

const never = new Promise<boolean>(() => undefined);

describe('in time', () => {
  it('says what the promise says', async () => {
    expect(await inTime(Promise.resolve(true), 1000)).toBe(true);
    expect(await inTime(Promise.resolve(false), 1000)).toBe(false);
    expect(await inTime(Promise.reject(new Error('no')), 1000)).toBe(false);
  });

  it('says no when that takes too long, or the signal fires before or meanwhile', async () => {
    const stop = new AbortController();
    expect(await inTime(never, 5)).toBe(false);
    const waiting = inTime(never, 60_000, stop.signal);
    stop.abort();
    expect(await waiting).toBe(false);
    expect(await inTime(never, 60_000, stop.signal)).toBe(false);
  });
});
