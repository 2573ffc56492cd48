import { describe, expect, it } from '@jest/globals';
import { createConnections, inline } from '../../src/index.ts';
import { memoryKind } from '../../src/testing/index.ts';
import { stage } from './support/stage.ts';
import { deepIt } from '../support/depth.ts';

describe('the end of a ttl', () => {
  it('is exact under a scheduler that was injected', async () => {
    const { hot, clock, told } = stage({ pets: { type: 'memory', ttl: '100s' } });
    await hot.connection('pets');
    await clock.pass(99_999);
    expect(told('instance.retired')).toEqual([]);
    await clock.pass(1);
    expect(told('instance.retired')).toHaveLength(1);
    await hot.close();
  });

  deepIt(
    'comes up to 2.5 % early in real time, never late, and twenty connections do not expire at one moment',
    async () => {
      const { Kind } = memoryKind();
      const hot = createConnections({ sources: [inline({})], types: { memory: Kind }, instance: 'spec', ttl: 2000 });
      const ready = new Map<string, number>();
      const ages: number[] = [];
      hot.events$.subscribe((event) => {
        if (event.type === 'instance.ready') ready.set(event.id, event.at);
        if (event.type === 'instance.retired') ages.push(event.at - ready.get(event.id)!);
      });
      await Promise.all(Array.from({ length: 20 }, (_, n) => hot.connection(`c${n}`, { type: 'memory', size: n })));
      await new Promise((done) => setTimeout(done, 2200));
      expect(ages).toHaveLength(20);
      expect(Math.min(...ages)).toBeGreaterThanOrEqual(1945);
      expect(Math.max(...ages) - Math.min(...ages)).toBeGreaterThan(20);
      await hot.close();
    },
  );
});
