import { afterEach, describe, expect, it } from '@jest/globals';
import { pool, stage, type Stage } from './stage.ts';

let on: Stage;
afterEach(() => on.close());

describe('lease metrics', () => {
  it('are how long callers waited for an instance, and how long they held it', async () => {
    on = stage({ pets: { type: 'memory' } });
    on.memory.delay = 60;
    const pets = await on.hot.connection('pets');
    await pets.reset();
    await pets.use(() => new Promise((done) => setTimeout(done, 40)));
    const of = await on.collector.collect();
    const [wait, use] = ['wait', 'use'].map(
      (what) => of(`hotline.lease.${what}_time`, pool('pets')) as { sum: number },
    );
    expect([wait, use]).toMatchObject([{ count: 1 }, { count: 1 }]);
    expect([wait!.sum > 0.04, use!.sum > 0.02, use!.sum < 10]).toEqual([true, true, true]);
  });
});
