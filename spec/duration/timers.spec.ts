import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from '@jest/globals';
import { asapScheduler, interval, lastValueFrom, take, timer, toArray } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { after, upkeepScheduler } from '../../src/duration/index.ts';
import { runInChild } from '../support/child.ts';
import { deepIt } from '../support/depth.ts';

describe('after', () => {
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
});

describe('holdProcess$', () => {
  deepIt('keeps the process alive while it is subscribed to', async () => {
    const ended = await runInChild(
      `const { holdProcess$ } = load('src/duration/index.ts');
       holdProcess$.subscribe(() => console.log('emitted'));
       console.log('held');`,
      3000,
    );
    expect(ended).toMatchObject({ stopped: true, stdout: 'held\n' });
  });

  it('lets it go when the last subscription ends', async () => {
    const ended = await runInChild(`
      const { after, holdProcess$, upkeepScheduler } = load('src/duration/index.ts');
      const { takeUntil } = require('rxjs');
      holdProcess$.pipe(takeUntil(after(200, upkeepScheduler))).subscribe({ complete: () => console.log('let go') });
    `);
    expect(ended).toMatchObject({ code: 0, stopped: false, stdout: 'let go\n' });
  });
});

describe('holdingUntilFirst$', () => {
  it('keeps the process alive for somebody who waits for a first value, and no longer', async () => {
    const ended = await runInChild(`
      const { after, holdingUntilFirst$, upkeepScheduler } = load('src/duration/index.ts');
      const { NEVER, map, merge } = require('rxjs');
      const late$ = merge(NEVER, after(200, upkeepScheduler).pipe(map(() => 'came')));
      holdingUntilFirst$(late$).subscribe(console.log);
    `);
    expect(ended).toMatchObject({ code: 0, stopped: false, stdout: 'came\n' });
  });
});

describe('upkeepScheduler', () => {
  it('does not keep the process alive', async () => {
    const ended = await runInChild(`
      const { after, upkeepScheduler } = load('src/duration/index.ts');
      after(60_000, upkeepScheduler).subscribe(() => console.log('fired'));
      console.log('pending');
    `);
    expect(ended).toEqual({ code: 0, stopped: false, stdout: 'pending\n', stderr: '' });
  });

  it('runs its work while something else holds the process', async () => {
    expect(await lastValueFrom(timer(5, upkeepScheduler))).toBe(0);
    expect(await lastValueFrom(interval(2, upkeepScheduler).pipe(take(3), toArray()))).toEqual([0, 1, 2]);
  });

  it('does not run what was unsubscribed', async () => {
    const seen: string[] = [];
    upkeepScheduler.schedule(() => seen.push('ran'), 5).unsubscribe();
    await lastValueFrom(timer(20, upkeepScheduler));
    expect(seen).toEqual([]);
  });

  it('knows the time as the platform does', () => {
    expect(Math.abs(upkeepScheduler.now() - asapScheduler.now())).toBeLessThan(1000);
  });

  it('gives work its state, and lets it schedule itself again', async () => {
    const states = await new Promise<unknown[]>((resolve) => {
      const seen: unknown[] = [];
      upkeepScheduler.schedule<number>(
        function (state = 0) {
          seen.push(state);
          if (state < 3) this.schedule(state + 1, 1);
          else resolve(seen);
        },
        1,
        1,
      );
    });
    expect(states).toEqual([1, 2, 3]);
  });

  it('ends an action that did not schedule itself again, and one whose work threw', async () => {
    const done = upkeepScheduler.schedule(() => undefined, 1);
    await lastValueFrom(timer(10, upkeepScheduler));
    expect(done.closed).toBe(true);

    const ended = await runInChild(`
      const { upkeepScheduler } = load('src/duration/index.ts');
      process.on('uncaughtException', (error) => console.log(error.message, action.closed));
      const action = upkeepScheduler.schedule(() => { throw new Error('broken'); }, 1);
      setTimeout(() => undefined, 50);
    `);
    expect(ended).toMatchObject({ code: 0, stdout: 'broken true\n' });
  });

  it('runs in nobody’s async context', async () => {
    const context = new AsyncLocalStorage<string>();
    const seen = await context.run(
      'request 1',
      () => new Promise((resolve) => upkeepScheduler.schedule(() => resolve(context.getStore()), 1)),
    );
    expect(seen).toBeUndefined();
  });
});
