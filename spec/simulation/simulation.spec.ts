import { describe, expect, it } from '@jest/globals';
import { deepBudget, depth } from '../support/depth.ts';
import { simulate } from './simulate.ts';

/**
 * `HOTLINE_SEED=17` plays one seed again and prints all that happened in it. `HOTLINE_SEEDS=10000` plays so many, however long that takes.
 */
const one = process.env['HOTLINE_SEED'];
const many = process.env['HOTLINE_SEEDS'];
const seeds = one === undefined ? Number(many ?? depth(4, 1e6)) : 1;
const budget = many === undefined ? depth(10_000, deepBudget(0.1)) : 24 * 60 * 60_000;

describe('everything that is not hotline, by one seed and in virtual time', () => {
  it(
    'keeps the promises whatever happens to files, servers, sockets and clocks',
    async () => {
      const began = performance.now();
      const sum = { seeds: 0, calls: 0, failed: 0, opened: 0 };
      for (let seed = Number(one ?? 1); sum.seeds < seeds && performance.now() - began < budget; seed++) {
        const { violations, log, calls, failed, opened } = await simulate(seed);
        if (one !== undefined) process.stdout.write(`${log.join('\n')}\n`);
        const found = violations.slice(0, 8).join('\n');
        if (found !== '') throw new Error(`HOTLINE_SEED=${seed} plays it again.\n${found}`);
        sum.seeds++;
        sum.calls += calls;
        sum.failed += failed;
        sum.opened += opened;
      }
      const took = Math.round((performance.now() - began) / 1000);
      if (many !== undefined) process.stdout.write(`${JSON.stringify(sum)} in ${took} s\n`);
      expect(sum.calls).toBeGreaterThan(sum.seeds * 30);
    },
    budget + 60_000,
  );

  it('plays a seed again exactly', async () => {
    const [once, again] = [await simulate(1), await simulate(1)];
    expect(again.log).toEqual(once.log);
    expect(once.log.length).toBeGreaterThan(50);
  });
});
