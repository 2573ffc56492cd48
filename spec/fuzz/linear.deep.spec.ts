import { describe, expect, it } from '@jest/globals';
import { deepBudget } from '../support/depth.ts';
import { subjects } from './subjects.ts';

/** The shortest of so many times, in milliseconds. */
function time(read: () => void, times: number): number {
  const taken = Array.from({ length: times }, () => {
    const began = performance.now();
    read();
    return performance.now() - began;
  });
  return Math.min(...taken);
}

/** Sixteen times as long: a time that grows by the square is 256 times as long. */
const [short, long] = [2_000, 32_000];

describe.each(subjects)('$name', ({ words, read }) => {
  it(
    'takes a time in proportion to its length, whatever is written again and again',
    () => {
      const began = performance.now();
      const slow: string[] = [];
      for (const word of words.flatMap((one) => [one, ...words.map((other) => one + other)])) {
        if (performance.now() - began > deepBudget(0.03)) break;
        const of = (length: number): string => word.repeat(Math.ceil(length / Math.max(1, word.length)));
        const grows = (times: number): boolean => {
          const one = time(() => read(of(short)), times);
          return time(() => read(of(long)), times) > Math.max(40, one * 80);
        };
        // A pause of the machine looks like one: it is asked again.
        if (grows(1) && grows(3) && grows(5)) slow.push(JSON.stringify(word));
      }
      expect(slow).toEqual([]);
    },
    deepBudget(0.03) + 60_000,
  );
});
