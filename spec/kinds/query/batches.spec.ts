import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { concatMap, firstValueFrom, from, NEVER, of, timer, toArray } from 'rxjs';
import { LeaseError } from '../../../src/errors/index.ts';
import { batches, rows, type OpenCursor } from '../../../src/kinds/query/batches.ts';
import { pull$ } from '../../../src/kinds/query/pull.ts';

/** A cursor over numbers that notes what is done to it. */
class Server {
  readonly log = { opened: 0, reads: 0, reading: 0, overlapping: 0, closed: 0, ended: 0, endedOpen: 0, stops: 0 };
  readonly lease = new AbortController();
  readonly total: number;
  readonly wait: () => Promise<void>;
  failAt: 'open' | 'close' | number | undefined;

  constructor(total: number, wait: () => Promise<void> = async () => undefined) {
    this.total = total;
    this.wait = wait;
  }

  readonly open = async (signal: AbortSignal): Promise<OpenCursor<number>> => {
    signal.addEventListener('abort', () => this.log.stops++);
    await this.wait();
    if (this.failAt === 'open') throw new Error('open failed');
    this.log.opened++;
    let position = 0;
    let closing = false;
    return {
      signal: this.lease.signal,
      end: () => {
        this.log.ended++;
        if (!closing) this.log.endedOpen++;
      },
      cursor: {
        read: async (count) => {
          const read = ++this.log.reads;
          if (++this.log.reading > 1) this.log.overlapping++;
          await this.wait();
          this.log.reading--;
          if (this.failAt === read) throw new Error('read failed');
          const rows = Array.from({ length: Math.min(count, this.total - position) }, (_, index) => position + index);
          position += rows.length;
          return rows;
        },
        close: async () => {
          this.log.closed++;
          await this.wait();
          closing = true;
          if (this.failAt === 'close') throw new Error('close failed');
        },
      },
    };
  };

  iterate(batchSize: number, signal?: AbortSignal): AsyncIterator<number[]> {
    return batches({ connection: 'pets', batchSize, signal, open: this.open })[Symbol.asyncIterator]();
  }
}

const ticks = async (count: number): Promise<void> => {
  for (let tick = 0; tick < count; tick++) await Promise.resolve();
};
const settle = () => new Promise(setImmediate);
const never = () => new Promise<void>(() => undefined);

describe('batches', () => {
  it('never has more than two batches, closes every cursor once, whatever the consumer does', async () => {
    const step = fc.oneof(
      fc.constant('next' as const),
      fc.constant('next and wait' as const),
      fc.constant('return' as const),
      fc.constant('abort' as const),
      fc.constant('cut' as const),
      fc.integer({ min: 1, max: 5 }),
    );
    const failure = fc.option(
      fc.oneof(fc.constantFrom('open' as const, 'close' as const), fc.integer({ min: 1, max: 5 })),
      {
        nil: undefined,
      },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.nat(25),
        fc.integer({ min: 1, max: 7 }),
        fc.array(fc.nat(4), { minLength: 1, maxLength: 8 }),
        failure,
        fc.array(step, { maxLength: 14 }),
        async (total, batchSize, delays, failAt, steps) => {
          let turn = 0;
          const server = new Server(total, () => ticks(delays[turn++ % delays.length]!));
          server.failAt = failAt;
          const stop = new AbortController();
          const iterator = server.iterate(batchSize, stop.signal);
          const seen: number[] = [];
          let delivered = 0;
          let ahead = 0;
          const look = (): void => {
            ahead = Math.max(ahead, server.log.reads - delivered);
          };
          const next = async (): Promise<void> => {
            const result = await iterator.next().catch(() => undefined);
            if (!result || result.done) return;
            look();
            delivered++;
            seen.push(...result.value);
          };
          const pending: Promise<unknown>[] = [];
          for (const what of steps) {
            if (what === 'next') pending.push(next());
            else if (what === 'next and wait') await next();
            else if (what === 'return') pending.push(iterator.return!());
            else if (what === 'abort') stop.abort();
            else if (what === 'cut') server.lease.abort(new Error('cut'));
            else await ticks(what);
            look();
          }
          await settle();
          look();
          await iterator.return!();
          await Promise.all(pending);
          await settle();
          // One in the consumer's hands, and one more that is read or lies ready.
          expect(ahead).toBeLessThanOrEqual(2);
          expect(server.log.reads - delivered).toBeLessThanOrEqual(2);
          expect(server.log.overlapping).toBe(0);
          expect(seen).toEqual(Array.from({ length: seen.length }, (_, index) => index));
          expect(server.log).toMatchObject({ closed: server.log.opened, ended: server.log.opened, endedOpen: 0 });
          await expect(iterator.next()).resolves.toEqual({ done: true, value: undefined });
        },
      ),
      { numRuns: 400 },
    );
  });

  it('reads one batch ahead and no more, however slow the consumer is', async () => {
    const server = new Server(100);
    const iterator = server.iterate(10);
    for (let taken = 1; taken <= 3; taken++) {
      await iterator.next();
      await settle();
      expect(server.log.reads).toBe(taken + 1);
    }
    await iterator.return!();
  });

  it('opens nothing before the first is asked for, and a cursor for each iteration', async () => {
    const server = new Server(3);
    const iterable = batches({ connection: 'pets', batchSize: 2, signal: undefined, open: server.open });
    expect(server.log.opened).toBe(0);
    for (let round = 0; round < 2; round++) {
      const seen: number[][] = [];
      for await (const batch of iterable) seen.push(batch);
      expect(seen).toEqual([[0, 1], [2]]);
    }
    expect(server.log).toMatchObject({ opened: 2, closed: 2, ended: 2 });
  });

  it('stopping early waits until the server is done', async () => {
    let done = false;
    const server = new Server(100, settle);
    for await (const batch of batches({ connection: 'pets', batchSize: 10, signal: undefined, open: server.open })) {
      if (batch[0] === 10) break;
    }
    done = server.log.ended === 1;
    expect(done).toBe(true);
    expect(server.log.closed).toBe(1);
  });

  it('return ends a next that waits, for a batch and for the opening', async () => {
    let block = false;
    const server = new Server(100, () => (block ? never() : ticks(0)));
    const iterator = server.iterate(10);
    await iterator.next();
    block = true;
    await iterator.next();
    const waiting = iterator.next();
    block = false;
    await expect(iterator.return!()).resolves.toMatchObject({ done: true });
    await expect(waiting).resolves.toMatchObject({ done: true });
    expect(server.log.closed).toBe(1);
    const opening = new Server(100, never);
    const stuck = opening.iterate(10);
    const first = stuck.next();
    await settle();
    void stuck.return!();
    await expect(first).resolves.toMatchObject({ done: true });
    expect(opening.log.stops).toBe(1);
  });

  it('the caller is told of its signal at once, the lease ends when the server is done', async () => {
    let release!: () => void;
    let block = false;
    const server = new Server(100, () => (block ? new Promise((resolve) => (release = resolve)) : ticks(0)));
    const stop = new AbortController();
    const iterator = server.iterate(10, stop.signal);
    await iterator.next();
    block = true;
    stop.abort();
    await expect(iterator.next()).rejects.toMatchObject({ code: 'cancelled', connection: 'pets' });
    expect(server.log).toMatchObject({ closed: 1, ended: 0 });
    release();
    await settle();
    expect(server.log.ended).toBe(1);
  });

  it('is cut when its lease is: told once, then over', async () => {
    const server = new Server(100);
    const iterator = server.iterate(10);
    await iterator.next();
    server.lease.abort(new LeaseError('lease_aborted', 'cut'));
    await settle();
    expect(server.log).toMatchObject({ closed: 1, ended: 1 });
    await expect(iterator.next()).rejects.toMatchObject({ code: 'lease_aborted' });
    await expect(iterator.next()).resolves.toMatchObject({ done: true });
  });

  it('reads nothing from a cursor that opened too late', async () => {
    const server = new Server(100, async () => void (await settle()));
    const iterator = server.iterate(10);
    const first = iterator.next();
    await ticks(5);
    await iterator.return!();
    await expect(first).resolves.toMatchObject({ done: true });
    await settle();
    expect(server.log).toMatchObject({ opened: 1, reads: 0, closed: 1, ended: 1 });
  });

  it.each([0, -1, 1.5, NaN, Infinity])('refuses batches of %p rows, and opens nothing', async (batchSize) => {
    const server = new Server(100);
    const first = server.iterate(batchSize).next();
    await expect(first).rejects.toMatchObject({ code: 'invalid_argument', connection: 'pets' });
    expect(server.log.opened).toBe(0);
  });

  it('a signal that has fired opens nothing', async () => {
    const server = new Server(100);
    await expect(server.iterate(10, AbortSignal.abort()).next()).rejects.toMatchObject({ code: 'cancelled' });
    expect(server.log).toMatchObject({ opened: 0, reads: 0 });
  });

  it('an error of a batch that was read ahead is told when it is its turn', async () => {
    const server = new Server(100);
    server.failAt = 2;
    const iterator = server.iterate(10);
    await expect(iterator.next()).resolves.toMatchObject({ done: false });
    await settle();
    await expect(iterator.next()).rejects.toThrow('read failed');
    expect(server.log).toMatchObject({ closed: 1, ended: 1 });
  });
});

async function* source(batches: number[][], log: string[]): AsyncGenerator<number[]> {
  try {
    for (const batch of batches) {
      log.push('asked');
      yield batch;
    }
  } finally {
    log.push('closed');
  }
}

describe('rows', () => {
  it('gives the rows of all batches in their order, also when they are asked for all at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(fc.integer(), { maxLength: 4 }), { maxLength: 6 }), async (batches) => {
        const flat = batches.flat();
        const one: number[] = [];
        for await (const row of rows(source(batches, []))) one.push(row);
        expect(one).toEqual(flat);
        const iterator = rows(source(batches, []))[Symbol.asyncIterator]();
        const asked = await Promise.all(Array.from({ length: flat.length + 2 }, () => iterator.next()));
        expect(asked.filter(({ done }) => !done).map(({ value }) => value as number)).toEqual(flat);
        expect(asked.slice(flat.length).every(({ done }) => done)).toBe(true);
      }),
    );
  });

  it('asks for a batch when the last row of the one before has been taken', async () => {
    const log: string[] = [];
    const iterator = rows(source([[1, 2], [3]], log))[Symbol.asyncIterator]();
    expect(log).toEqual([]);
    await iterator.next();
    await iterator.next();
    expect(log).toEqual(['asked']);
    await iterator.next();
    expect(log).toEqual(['asked', 'asked']);
  });

  it('closes the batches when it is left early, and gives nothing after', async () => {
    const log: string[] = [];
    for await (const row of rows(source([[1, 2], [3]], log))) if (row === 1) break;
    expect(log).toEqual(['asked', 'closed']);
    const iterator = rows(source([[1, 2]], []))[Symbol.asyncIterator]();
    await iterator.next();
    await iterator.return!();
    await expect(iterator.next()).resolves.toEqual({ done: true, value: undefined });
  });

  it('passes an error on, once', async () => {
    const failing = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('read failed')) }),
    } as AsyncIterable<number[]>;
    const iterator = rows(failing)[Symbol.asyncIterator]();
    await expect(iterator.next()).rejects.toThrow('read failed');
  });
});

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
