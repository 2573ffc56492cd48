import { describe, expect, it } from '@jest/globals';
import { map, NEVER, of, throwError, timer, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { close$ } from '../../src/lifecycle/close.ts';
import { Host } from '../../src/lifecycle/index.ts';

/** Closes `disconnect` in virtual time, and shows how it ended: `k` well, `x` given up. */
function shows(
  marbles: string,
  disconnect: (signal: AbortSignal) => Observable<unknown>,
  closeTimeout = 5,
  forceAt = 0,
) {
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  scheduler.run(({ expectObservable }) => {
    const host = new Host(scheduler);
    if (forceAt > 0) scheduler.schedule(() => host.force$.next(), forceAt);
    const resource = { close: (_: string, signal: AbortSignal) => disconnect(signal) };
    const ended$ = close$(resource, 'raw', closeTimeout, host).pipe(map((error) => (error ? 'x' : 'k')));
    expectObservable(ended$).toBe(marbles);
  });
}

describe('close$', () => {
  it('emits nothing bad when it is closed, whatever that emits', () => {
    shows('(k|)', () => of(1, 2, 3));
    shows('---(k|)', () => timer(3));
  });

  it('never errors: what went wrong is a value', () => {
    shows('(x|)', () => throwError(() => new Error('gone')));
    shows('(x|)', () => {
      throw new Error('thrown');
    });
  });

  it('gives up after closeTimeout, and says so by the signal', () => {
    const signals: AbortSignal[] = [];
    shows('-----(x|)', (signal) => (signals.push(signal), NEVER));
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it('waits for ever when it is Infinity, or until the closing registry gives up', () => {
    shows('', () => NEVER, Infinity);
    shows('--------(x|)', () => NEVER, Infinity, 8);
  });

  it('does not fire the signal of what closed well', () => {
    const signals: AbortSignal[] = [];
    shows('---(k|)', (signal) => (signals.push(signal), timer(3)));
    expect(signals[0]?.aborted).toBe(false);
  });

  it('carries what went wrong', () => {
    const host = new Host(new TestScheduler(() => undefined));
    const errors: unknown[] = [];
    close$({ close: () => throwError(() => new Error('socket')) }, 'raw', 5, host).subscribe((error) =>
      errors.push(error),
    );
    expect(errors).toMatchObject([{ code: 'close_failed', cause: { message: 'socket' } }]);
  });
});
