import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { rows } from '../../src/queries/rows.ts';

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
