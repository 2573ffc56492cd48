import { describe, expect, it, jest } from '@jest/globals';
import { concatMap, firstValueFrom, from, NEVER, of, timer, toArray } from 'rxjs';
import { pull$ } from '../../src/queries/pull.ts';

const settle = () => new Promise(setImmediate);

/** Counts what is asked for; `next` waits for ever after `last`. */
function counted(last: number, stuck = false) {
  const log = { asked: 0, returned: 0 };
  const iterator = {
    next: (): Promise<IteratorResult<number>> => {
      if (log.asked === last) return stuck ? new Promise(() => undefined) : Promise.resolve({ done: true, value: 0 });
      return Promise.resolve({ done: false, value: ++log.asked });
    },
    return: (): Promise<IteratorResult<number>> => {
      log.returned++;
      return Promise.resolve({ done: true, value: 0 });
    },
  };
  return { log, iterable: { [Symbol.asyncIterator]: () => iterator } };
}

describe('pull$', () => {
  it('asks for the next value when the work on the last one has ended: promise or Observable', async () => {
    const { log, iterable } = counted(5);
    const ahead: number[] = [];
    const work = (value: number) => {
      ahead.push(log.asked - value);
      return value % 2 ? timer(2) : new Promise((resolve) => setTimeout(resolve, 2));
    };
    const made = firstValueFrom(pull$(iterable, work).pipe(toArray()));
    await expect(made).resolves.toHaveLength(5);
    expect(ahead).toEqual([0, 0, 0, 0, 0]);
    expect(log.returned).toBe(0);
    // What it is there for: concatMap cannot ask, so everything is read before the first work has ended.
    const queued = counted(50);
    const trap = from(queued.iterable).pipe(concatMap(() => NEVER));
    const subscription = trap.subscribe();
    for (let i = 0; i < 100; i++) await Promise.resolve();
    await settle();
    subscription.unsubscribe();
    expect(queued.log.asked).toBe(50);
  });

  it('emits what the work emits, in order, and the index', async () => {
    const { iterable } = counted(3);
    const made$ = pull$(iterable, (value, index) => of(`${value}@${index}`, 'and'));
    const expected = ['1@0', 'and', '2@1', 'and', '3@2', 'and'];
    await expect(firstValueFrom(made$.pipe(toArray()))).resolves.toEqual(expected);
  });

  it('closes the iterator at once when it is unsubscribed: while it works, and while it waits', async () => {
    const working = counted(5);
    const one = pull$(working.iterable, () => NEVER).subscribe();
    await settle();
    expect(working.log).toEqual({ asked: 1, returned: 0 });
    one.unsubscribe();
    expect(working.log).toEqual({ asked: 1, returned: 1 });
    const waiting = counted(1, true);
    const two = pull$(waiting.iterable, () => of(0)).subscribe();
    await settle();
    two.unsubscribe();
    expect(waiting.log.returned).toBe(1);
  });

  it('begins no work for a value that came too late', async () => {
    const { iterable } = counted(1);
    const project = jest.fn(() => of(0));
    const subscription = pull$(iterable, project).subscribe();
    subscription.unsubscribe();
    await settle();
    expect(project).not.toHaveBeenCalled();
  });

  it('fires the signal of a function that makes the iterable, when it is left early only', async () => {
    const signals: AbortSignal[] = [];
    const make = ({ signal }: { signal: AbortSignal }) => {
      signals.push(signal);
      return counted(1, signals.length === 1).iterable;
    };
    const subscription = pull$(make, () => of(0)).subscribe();
    await settle();
    subscription.unsubscribe();
    expect(signals[0]!.aborted).toBe(true);
    await firstValueFrom(pull$(make, () => of(0)).pipe(toArray()));
    expect(signals[1]!.aborted).toBe(false);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['fails', () => Promise.reject(new Error('no'))],
  ])('ends with the error and closes the iterator when the work %s', async (_how, project) => {
    const { log, iterable } = counted(3);
    await expect(firstValueFrom(pull$(iterable, project))).rejects.toThrow('no');
    expect(log).toEqual({ asked: 1, returned: 1 });
  });

  it('ends with the error of the iterator, which is then over by itself', async () => {
    const close = jest.fn();
    const iterable = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('gone')), return: close }),
    } as unknown as AsyncIterable<number>;
    await expect(firstValueFrom(pull$(iterable, () => of(0)))).rejects.toThrow('gone');
    expect(close).not.toHaveBeenCalled();
  });
});
