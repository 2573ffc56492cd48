import { afterEach, describe, expect, it } from '@jest/globals';
import { pool, settled, stage, type Stage } from './stage.ts';

let on: Stage;
afterEach(() => on.close());

describe('reload metrics', () => {
  it('say of a connection whether its last opening went well, and when one did', async () => {
    on = stage({ pets: { type: 'memory', size: 1 } });
    await on.hot.connection('pets');
    const first = await on.collector.collect();
    const at = first('hotline.connection.reload.success_time', pool('pets'));
    expect([first('hotline.connection.reload.successful', pool('pets')), Number(at) > 1e9]).toEqual([1, true]);
    on.memory.failNext();
    on.source.section('pets', { type: 'memory', size: 2 });
    await settled();
    const second = await on.collector.collect();
    expect(second('hotline.connection.reload.successful', pool('pets'))).toBe(0);
    expect(second('hotline.connection.reload.success_time', pool('pets'))).toBe(at);
    on.source.section('pets', { type: 'memory', size: 3 });
    await settled();
    const third = await on.collector.collect();
    expect(third('hotline.connection.reload.successful', pool('pets'))).toBe(1);
    expect(Number(third('hotline.connection.reload.success_time', pool('pets')))).toBeGreaterThan(Number(at));
  });

  it('say the same of a source; a connection that never opened has no time', async () => {
    on = stage({ pets: { type: 'memory' } });
    on.memory.failNext();
    await on.hot.connection('pets').catch(() => undefined);
    on.source.fail();
    await settled();
    const of = await on.collector.collect();
    expect(of('hotline.source.reload.successful', { 'hotline.source.label': 'memory' })).toBe(0);
    expect(of('hotline.source.reload.success_time')).toBeGreaterThan(1e9);
    expect(of('hotline.connection.reload.successful')).toBe(0);
    expect(of('hotline.connection.reload.success_time')).toBeUndefined();
  });
});
