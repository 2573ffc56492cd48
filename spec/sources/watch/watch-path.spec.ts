import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { depth } from '../../support/depth.ts';
import { scenarios as all } from './scenarios.ts';
import { tryOut, type Result } from './trial.ts';

/** Every scenario; `npm test` tries each a few times. */
const scenarios = all.map((scenario) => ({ ...scenario, times: Math.min(scenario.times, depth(4, Infinity)) }));

/** How many scenarios are tried side by side. */
const lanes = 4;

describe('a watched path, while another process writes', () => {
  const results = new Map<string, Result>();

  beforeAll(async () => {
    const waiting = [...scenarios];
    const lane = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift())
        results.set(next.name, await tryOut(next, join('spec', 'sources', 'watch', 'writer.js')));
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  }, 180_000);

  it.each(scenarios.map(({ name, times }) => ({ name, times })))(
    '$name, $times times: every change is seen, none of them half',
    ({ name, times }) => {
      const { latencies, ...result } = results.get(name)!;
      expect(result).toEqual({ name, changes: times, missed: 0, partial: 0 });
      expect(latencies).toHaveLength(times);
    },
  );

  it('enough changes were tried', () => {
    expect([...results.values()].reduce((sum, { changes }) => sum + changes, 0)).toBeGreaterThanOrEqual(depth(50, 500));
  });
});
