import { afterEach, describe, expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { settled } from './support/clock.ts';
import { stage, type Stage } from './support/stage.ts';

const pool = { size: 1, used: 0, idle: 1, waiting: 0 };

describe('stats()', () => {
  let on: Stage;
  afterEach(() => on.hot.close({ timeout: 0 }));

  it('has leases, subscribers and the pool, at this moment', async () => {
    on = stage();
    expect(on.hot.stats('pets')).toEqual({ leases: 0, subscribers: 0 });
    const connection = await on.hot.connection('pets');
    const subscription = on.hot.connection$('pets').subscribe();
    let release = (): void => undefined;
    const working = connection.use(() => new Promise<void>((resolve) => (release = resolve)));
    expect(on.hot.stats('pets')).toEqual({ leases: 1, subscribers: 1, pool });
    release();
    await working;
    subscription.unsubscribe();
    expect(on.hot.stats('pets')).toMatchObject({ leases: 0, subscribers: 0 });
  });

  it('shows what was retired until it is closed', async () => {
    on = stage();
    const connection = await on.hot.connection('pets');
    let release = (): void => undefined;
    const working = connection.use(() => new Promise<void>((resolve) => (release = resolve)));
    on.source.section('pets', { type: 'memory', size: 2 });
    await settled();
    expect(on.hot.stats('pets')).toEqual({
      ...{ leases: 0, subscribers: 0, pool },
      draining: [{ generation: 1, leases: 1, pool }],
    });
    release();
    await working;
    await settled();
    expect(on.hot.stats('pets')).toEqual({ leases: 0, subscribers: 0, pool });
  });

  it('is there of each listed connection, by whatever options it was asked for', async () => {
    on = stage();
    await on.hot.connection('pets', { size: 9 });
    const [listed] = await firstValueFrom(on.hot.connections$);
    expect([listed?.name, listed?.stats()]).toEqual(['pets', { leases: 0, subscribers: 0, pool }]);
    expect(await firstValueFrom(on.hot.connections$)).toHaveLength(1);
  });
});
