import { afterEach, describe, expect, it } from '@jest/globals';
import { settled, stage, type Stage } from './stage.ts';

let on: Stage;
afterEach(() => on.close());

describe('openings', () => {
  it('are spans of their own, whoever asked; failed and abandoned ones say why', async () => {
    on = stage({ pets: { type: 'memory', size: 1 } });
    on.memory.failNext(Object.assign(new Error('hunter22'), { category: 'auth' }));
    await on.hot.connection('pets').catch(() => undefined);
    await on.hot.connection('pets');
    const release = on.memory.hang();
    on.source.section('pets', { type: 'memory', size: 2 });
    await settled();
    on.source.section('pets', { type: 'memory', size: 3 });
    release();
    await settled();
    const { spans } = on.collector;
    expect(
      spans.map(({ name, attributes, status }) => [name, attributes['hotline.connection.generation'], status]),
    ).toEqual([
      ['open pets', 1, { code: 2, message: 'auth_failed' }],
      ['open pets', 2, { code: 0 }],
      ['replace pets', 3, { code: 0 }],
      ['replace pets', 4, { code: 0 }],
    ]);
    expect(spans[2]?.attributes).toMatchObject({ 'hotline.retire.reason': 'replaced' });
    expect(spans.every(({ parentSpanContext }) => parentSpanContext === undefined)).toBe(true);
    expect(on.collector.text).not.toContain('hunter22');
  });

  it('and drains are timed', async () => {
    on = stage({ pets: { type: 'memory' } });
    const pets = await on.hot.connection('pets');
    const working = pets.use(() => new Promise((done) => setTimeout(done, 60)));
    await pets.reset();
    await working;
    await pets.use(() => 1);
    await settled();
    const of = await on.collector.collect();
    const drained = of('hotline.connection.drain_time', { 'hotline.retire.reason': 'reset' }) as { sum: number };
    expect(drained).toMatchObject({ count: 1 });
    expect(drained.sum).toBeGreaterThan(0.04);
    expect(of('db.client.connection.create_time')).toMatchObject({ count: 2 });
  });
});
