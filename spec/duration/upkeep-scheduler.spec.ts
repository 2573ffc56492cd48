import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from '@jest/globals';
import { asapScheduler, interval, lastValueFrom, take, timer, toArray } from 'rxjs';
import { upkeepScheduler } from '../../src/duration/index.ts';
import { runInChild } from '../support/child.ts';

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
