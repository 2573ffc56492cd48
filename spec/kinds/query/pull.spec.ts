import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, Observable, toArray } from 'rxjs';
import { pull$, type PullOptions } from '../../../src/index.ts';

/** A source that counts what it has given and what has not ended yet. */
function counted(length: number) {
  const seen = { held: 0, most: 0, given: 0, closed: false };
  const source = async function* (): AsyncGenerator<number> {
    try {
      for (let value = 0; value < length; value++) {
        seen.given++;
        seen.most = Math.max(seen.most, ++seen.held);
        yield value;
      }
    } finally {
      seen.closed = true;
    }
  };
  /** Ends the later, the earlier it came. */
  const project = async (value: number): Promise<number> => {
    await new Promise((done) => setTimeout(done, value % 4 === 0 ? 12 : 2));
    seen.held--;
    return value;
  };
  return { seen, source, project };
}

const pulled = (options?: PullOptions) => {
  const { seen, source, project } = counted(16);
  return lastValueFrom(pull$(source(), project, options).pipe(toArray())).then((values) => ({ ...seen, values }));
};
const all = Array.from({ length: 16 }, (_, index) => index);

describe('pull$', () => {
  it('works on one value at a time by default', async () => {
    expect(await pulled()).toMatchObject({ most: 1, given: 16, values: all });
  });

  it('works on as many as `concurrency` says, and holds no more', async () => {
    const { most, values } = await pulled({ concurrency: 4 });
    expect(most).toBe(4);
    expect(values).not.toEqual(all);
    expect(values.sort((a, b) => a - b)).toEqual(all);
  });

  it('keeps the order where it is asked to', async () => {
    const { most, values } = await pulled({ concurrency: 4, ordered: true });
    expect(most).toBeLessThanOrEqual(4);
    expect(values).toEqual(all);
  });

  it.each<PullOptions>([{ concurrency: 4 }, { concurrency: 4, ordered: true }])(
    'ends with the first error, and closes the source: %j',
    async (options) => {
      const { seen, source } = counted(100);
      const ended: number[] = [];
      const project = (value: number) =>
        new Observable<number>((subscriber) => {
          if (value === 2) setTimeout(() => subscriber.error(new Error('no')), 5);
          if (value < 2 && options.ordered) setTimeout(() => subscriber.complete(), 30);
          return () => void ended.push(value);
        });
      await expect(lastValueFrom(pull$(source(), project, options))).rejects.toThrow('no');
      await new Promise((done) => setTimeout(done, 5));
      expect([seen.given, seen.closed, ended.sort()]).toEqual([
        options.ordered ? expect.any(Number) : 4,
        true,
        expect.arrayContaining([0, 1, 2, 3]),
      ]);
    },
  );

  it.each([{ concurrency: 0 }, { concurrency: 1.5 }, { concurrency: Infinity }, { concurency: 2 }, 4, null])(
    'refuses %j',
    async (options) => {
      const values$ = pull$(counted(1).source(), (value) => [value], options as PullOptions);
      await expect(lastValueFrom(values$)).rejects.toMatchObject({ code: 'invalid_argument' });
    },
  );
});
