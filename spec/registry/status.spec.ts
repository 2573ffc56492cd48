import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ConnectionStatus, OpenMessage } from 'hotline';
import { firstValueFrom } from 'rxjs';
import { settled } from './support/clock.ts';
import { codeOf, stage, type Stage } from './support/stage.ts';

describe('status', () => {
  let on: Stage;
  afterEach(async () => {
    const closed = on.hot.close();
    await on.clock.pass(60_000);
    await closed;
  });

  function watched(): ConnectionStatus[] {
    const seen: ConnectionStatus[] = [];
    on.hot.status$('pets').subscribe((status) => seen.push(status));
    return seen;
  }

  describe('status$', () => {
    it('goes through the states of a life, with the generation and since when', async () => {
      on = stage();
      const seen = watched();
      const start = on.clock.now();
      const connection = await on.hot.connection('pets');
      await on.clock.pass(10);
      await connection.reset();
      await on.clock.pass(10);
      await on.hot.close();
      expect(seen.map(({ state, generation, since }) => [state, generation, since - start])).toEqual([
        ['idle', 0, 0],
        ['opening', 0, 0],
        ['ready', 1, 0],
        ['idle', 1, 10],
        ['closed', 1, 20],
      ]);
    });

    it('replays the state of this moment to each subscriber', async () => {
      on = stage();
      await on.hot.connection('pets');
      expect(watched()).toMatchObject([{ id: 'pets', name: 'pets', state: 'ready', generation: 1 }]);
    });

    it('says why it failed, and when it is tried again, without a secret', async () => {
      on = stage(
        { pets: { type: 'memory', password: 'correct horse' } },
        { retry: { attempts: 2, minDelay: 50, jitter: 'none' } },
      );
      const seen = watched();
      on.memory.failNext(new Error('refused correct horse'), 9);
      const code = codeOf(on.hot.connection('pets'));
      await on.clock.pass(1_000);
      expect(await code).toBe('open_failed');
      expect(seen.map(({ state }) => state)).toEqual(['idle', 'opening', 'failed']);
      expect(seen.at(-1)?.error?.message).toMatch(
        '"pets" could not be opened: refused [redacted]. The settings are from',
      );
      expect(JSON.stringify(seen)).not.toContain('horse');
    });

    it('does not emit when nothing changed', async () => {
      on = stage();
      const seen = watched();
      const connection = await on.hot.connection('pets');
      await connection.use(() => 1);
      await connection.ping();
      on.source.set({ connections: { pets: { size: 1, type: 'memory' } }, other: 1 });
      await settled();
      expect(seen.map(({ state }) => state)).toEqual(['idle', 'opening', 'ready']);
    });
  });
});

describe('stats', () => {
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
});

describe('hotline:open', () => {
  let messages: OpenMessage[];
  const listen = (message: unknown): void => void messages.push(message as OpenMessage);

  beforeEach(() => {
    messages = [];
    subscribe('hotline:open', listen);
  });
  afterEach(() => void unsubscribe('hotline:open', listen));

  it('is told of each attempt once, and why it failed', async () => {
    const { hot, memory, clock } = stage(undefined, { retry: { attempts: 2, minDelay: 100, jitter: 'none' } });
    const startedAt = clock.now();
    memory.failNext();
    const opening = hot.connection('pets');
    await clock.pass(100);
    await (await opening).use(() => 1);
    expect(messages).toEqual([
      { id: 'pets', connection: 'pets', generation: 1, startedAt, duration: 0, code: 'open_failed' },
      { id: 'pets', connection: 'pets', generation: 2, startedAt: startedAt + 100, duration: 0 },
    ]);
    await hot.close();
    expect(messages).toHaveLength(2);
  });

  it('says how long it took, and when it was abandoned', async () => {
    const { hot, memory, source, clock } = stage();
    memory.hang();
    const code = codeOf(hot.connection('pets'));
    await clock.pass(40);
    source.section('pets', { type: 'memory', size: 2 });
    await clock.pass(7);
    const closed = hot.close();
    await clock.pass(60_000);
    await closed;
    expect(await code).toBe('closed');
    expect(messages.map(({ generation, duration, abandoned }) => [generation, duration, abandoned])).toEqual([
      [1, 40, 'replaced'],
      [2, 7, 'closed'],
    ]);
  });

  it('tells nothing while nobody listens, nor of what began before', async () => {
    unsubscribe('hotline:open', listen);
    const { hot, memory } = stage();
    const release = memory.hang();
    const opening = hot.connection('pets');
    await settled();
    subscribe('hotline:open', listen);
    release();
    await opening;
    await hot.close();
    expect(messages).toEqual([]);
  });
});
