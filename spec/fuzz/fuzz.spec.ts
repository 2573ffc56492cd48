import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { deepBudget, depth } from '../support/depth.ts';
import { inputs, subjects } from './subjects.ts';

/** `HOTLINE_INPUTS=1000000` reads so many of each; a failing run prints the seed and the path that play it again. */
const many = process.env['HOTLINE_INPUTS'];
const numRuns = Number(many ?? depth(150, 1_000_000));
const budget = many === undefined ? depth(5_000, deepBudget(0.02)) : 24 * 60 * 60_000;

describe.each(subjects)('$name', (subject) => {
  it(
    'is one HotlineError or a right answer, whatever is written there',
    () => {
      const began = performance.now();
      let read = 0;
      fc.assert(
        fc.property(inputs(subject), (text) => {
          read++;
          subject.read(text);
        }),
        { numRuns, interruptAfterTimeLimit: budget, markInterruptAsFailure: false },
      );
      const took = Math.round((performance.now() - began) / 1000);
      if (many !== undefined) process.stdout.write(`${subject.name}: ${read} inputs in ${took} s\n`);
      expect(read).toBeGreaterThanOrEqual(Math.min(numRuns, 100));
    },
    budget + 60_000,
  );
});
