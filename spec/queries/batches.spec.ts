import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LeaseError } from '../../src/errors/index.ts';
import { batches, type OpenCursor } from '../../src/queries/batches.ts';

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
