import { afterEach, describe, expect, it } from '@jest/globals';
import { stage, type Stage } from './support/stage.ts';

let on: Stage;
afterEach(async () => {
  const closed = on.hot.close();
  await on.clock.pass(60_000);
  await closed;
  expect(on.memory.open).toEqual([]);
});

const hour = 3_600_000;

describe.each([hour, -hour])('a clock that is set by %s ms', (by) => {
  it('changes nothing about the place of a process in `spread`', async () => {
    on = stage({ pets: { type: 'memory', size: 1, spread: '2s' } }, { instance: 'a' });
    on.hot.connection$('pets').subscribe();
    await on.clock.pass(10);
    on.source.section('pets', { type: 'memory', size: 2, spread: '2s' });
    on.clock.jump(by);
    await on.clock.pass(2_100);
    expect(on.memory.open.map(({ config }) => config['size'])).toEqual([2]);
  });

  it('changes nothing about the pause before refused credentials are tried again', async () => {
    on = stage({ pets: { type: 'memory', retry: { attempts: 1, min_delay: '1s', jitter: 'none' } } });
    on.memory.failNext(Object.assign(new Error('no'), { category: 'auth' }));
    await on.hot.connection('pets').catch(() => undefined);
    on.clock.jump(by);
    const later = on.hot.connection('pets').then(() => on.clock.elapsed());
    const asked = on.clock.elapsed();
    await on.clock.pass(2 * hour);
    expect((await later) - asked).toBeLessThanOrEqual(1_000);
  });

  it('changes nothing about ttl and idleTimeout', async () => {
    on = stage({ pets: { type: 'memory', ttl: '10s' }, notes: { type: 'memory', idle_timeout: '5s' } });
    await on.hot.connection('pets');
    await on.hot.connection('notes');
    on.clock.jump(by);
    await on.hot.connection('notes');
    // Looks again how old it is.
    on.source.section('pets', { type: 'memory', ttl: '11s' });
    await on.clock.pass(4_000);
    expect(on.memory.open).toHaveLength(2);
    await on.clock.pass(8_000);
    expect(on.memory.open).toEqual([]);
  });

  it('changes nothing about the time that a call has left', async () => {
    on = stage();
    const pets = await on.hot.connection('pets');
    let calls = 0;
    const first = pets.use(
      () => {
        on.clock.jump(by);
        if (calls++ === 0) throw new Error('once');
        return calls;
      },
      { timeout: '5s' },
    );
    await on.clock.pass(10);
    await expect(first).rejects.toThrow('once');
    const status = on.hot.status$('pets');
    on.memory.failNext(new Error('no'), 3);
    on.source.section('pets', { type: 'memory', size: 2 });
    await on.clock.pass(10);
    let next: number | undefined;
    status.subscribe(({ nextRetryAt }) => (next = nextRetryAt)).unsubscribe();
    expect(next).toBeGreaterThanOrEqual(on.clock.now());
    expect(next).toBeLessThanOrEqual(on.clock.now() + 5_000);
  });
});
