import { expect, it } from '@jest/globals';
import { elapsed } from '../../../src/cli/output/elapsed.ts';

it.each([
  [0.4, '0 ms'],
  [12.3, '12 ms'],
  [1000, '1 s'],
  [1449, '1.4 s'],
  [200_000, '3 min 20 s'],
  [7_500_000, '2 h 5 min'],
])('%p is %s', (milliseconds, text) => {
  expect(elapsed(milliseconds)).toBe(text);
});
