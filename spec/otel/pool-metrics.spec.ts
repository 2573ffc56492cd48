import { afterEach, describe, expect, it } from '@jest/globals';
import { pool, settled, stage, type Stage } from './stage.ts';

let on: Stage;
afterEach(() => on.close());

describe('pool metrics', () => {
  it('are of each connection that is listed, and of its pool while one is open', async () => {
    on = stage({ pets: { type: 'memory' }, wh: { type: 'memory' } });
    const pets = await on.hot.connection('pets');
    await on.hot.connection('pets', { size: 2 });
    on.hot.status$('wh').subscribe();
    await settled();
    let of = await on.collector.collect();
    const idle = { 'db.client.connection.state': 'idle' };
    expect(['pets', 'pets~1', 'wh'].map((id) => of('db.client.connection.count', { ...pool(id), ...idle }))).toEqual([
      1,
      1,
      undefined,
    ]);
    expect(['pets', 'wh'].map((id) => of('hotline.connection.generation', pool(id)))).toEqual([1, 0]);
    await pets.reset();
    await settled();
    of = await on.collector.collect();
    expect(of('hotline.connection.instances', { ...pool('pets'), 'hotline.instance.state': 'serving' })).toBe(0);
  });

  it('sum what serves and what drains', async () => {
    on = stage({ pets: { type: 'memory', size: 1 } });
    const pets = await on.hot.connection('pets');
    let release = (): void => undefined;
    const working = pets.use(() => new Promise<void>((done) => (release = done)));
    on.source.section('pets', { type: 'memory', size: 2 });
    await settled();
    const of = await on.collector.collect();
    expect(of('db.client.connection.count', { 'db.client.connection.state': 'idle' })).toBe(2);
    expect(of('hotline.connection.instances', { 'hotline.instance.state': 'draining' })).toBe(1);
    release();
    await working;
  });
});
