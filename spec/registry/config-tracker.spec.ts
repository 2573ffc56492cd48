import { afterEach, describe, expect, it } from '@jest/globals';
import type { BaseConnection, ConnectionOptions, SecretTree } from 'hotline';
import type { MemoryInstance } from 'hotline/testing';
import { settled } from './support/clock.ts';
import { codeOf, stage, type Stage } from './support/stage.ts';
import { depth } from '../support/depth.ts';

describe('targeting', () => {
  let on: Stage;
  afterEach(() => on.hot.close());

  const pets = (params?: Record<string, unknown>): Promise<BaseConnection<MemoryInstance>> =>
    on.hot.connection('pets', params) as never;
  const warnings = (): unknown[] => on.events.flatMap((event) => (event.type === 'warning' ? [event.code] : []));

  describe('what a connection should be', () => {
    it('the params over the section, key by key, at any depth', async () => {
      on = stage({ pets: { type: 'memory', host: 'a', pool: { min: 1, max: 2 } } });
      const connection = await pets({ pool: { max: 3 }, port: 7 });
      const config = await connection.use((raw) => raw.config);
      expect(JSON.parse(JSON.stringify({ ...config, pool: { ...(config['pool'] as object) } }))).toEqual({
        host: 'a',
        pool: { min: 1, max: 3 },
        port: 7,
      });
    });

    it('follows the section while it is not open, too', async () => {
      on = stage({ pets: { type: 'memory', idle_timeout: '1s', size: 1 } });
      const connection = await pets();
      await on.clock.pass(1_000);
      expect(on.memory.open).toEqual([]);
      on.source.section('pets', { type: 'memory', idle_timeout: '1s', size: 2 });
      await settled();
      expect(on.memory.opened).toHaveLength(1);
      expect(await connection.use((raw) => raw.config['size'])).toBe(2);
    });

    it('a section that comes first, with a type that was given', async () => {
      on = stage({});
      on.source.set({ other: 1 });
      expect(await codeOf(on.hot.connection('pets', { type: on.memory.Kind }))).toBe('missing_config');
      on.source.section('pets', { size: 1 });
      await settled();
      expect(await codeOf(on.hot.connection('pets', { type: on.memory.Kind }))).toBe('resolved');
    });

    it('a misspelt type of a live connection is one warning; the mended one is its new config', async () => {
      on = stage();
      const connection = await pets();
      on.source.section('pets', { type: 'memroy', size: 2 });
      await settled();
      on.source.section('pets', { type: 'memroy', size: 3 });
      await settled();
      expect([await connection.use((raw) => raw.config['size']), warnings()]).toEqual([1, ['unknown_type']]);
      on.source.section('pets', { type: 'memory', size: 3 });
      await settled();
      expect(await connection.use((raw) => raw.config['size'])).toBe(3);
    });

    it('a source that turns bad changes nothing', async () => {
      on = stage();
      const connection = await pets();
      on.source.fail('line 3 is broken');
      await settled();
      on.source.missing();
      await settled();
      expect(await connection.use((raw) => raw.number)).toBe(1);
      expect(on.told('source.failed', 'source.missing', 'config.changed')).toEqual([
        'source.failed source_invalid',
        'source.missing source_missing',
      ]);
    });
  });
});

describe('policies', () => {
  let on: Stage;
  afterEach(async () => {
    const closed = on.hot.close();
    await on.clock.pass(60_000);
    await closed;
  });

  const open = (options?: ConnectionOptions, name = 'pets'): Promise<BaseConnection<MemoryInstance>> =>
    on.hot.connection(name, options) as never;
  const warnings = (): unknown[] => on.events.flatMap((event) => (event.type === 'warning' ? [event.code] : []));
  /** When the instance that is open now goes by itself, in ms from now; up to 100 s. */
  async function life(): Promise<number> {
    const start = on.clock.now();
    while (on.memory.open.length > 0 && on.clock.now() < start + 100_000) await on.clock.pass(1_000);
    return on.clock.now() - start;
  }

  describe('a policy', () => {
    it('of the option goes over the one of the section, and that over the one of the registry', async () => {
      const section = (more: SecretTree): SecretTree => ({ pets: { type: 'memory', ...more } });
      on = stage(section({}), { ttl: '9s' });
      await open();
      expect(await life()).toBe(9_000);
      await on.hot.close();

      on = stage(section({ ttl: '6s' }), { ttl: '9s' });
      await open();
      expect(await life()).toBe(6_000);
      await on.hot.close();

      on = stage(section({ ttl: '6s' }), { ttl: '9s' });
      await open({ ttl: 3_000 });
      expect(await life()).toBe(3_000);
    });

    it('is a number of milliseconds in code, and a text with its unit everywhere', async () => {
      on = stage({ pets: { type: 'memory' }, cats: { type: 'memory' } });
      await open({ ttl: 2_000 });
      expect(await life()).toBe(2_000);
      await open({ ttl: '4s' }, 'cats');
      expect(await life()).toBe(4_000);
    });

    it.each([{ idleTimeout: '5s' }, { idle_timeout: '5s' }])(
      'may be written in snake_case in a section: %j',
      async (policy) => {
        on = stage({ pets: { type: 'memory', ...policy } as SecretTree });
        await open();
        expect(await life()).toBe(5_000);
        expect(on.told('instance.retired')).toEqual(['instance.retired 1 idle']);
      },
    );

    it('retry is a table, in a section too', async () => {
      on = stage({ pets: { type: 'memory', retry: { attempts: 2, min_delay: '1s', jitter: 'none' } } });
      on.memory.failNext(undefined, 5);
      const code = codeOf(open());
      await on.clock.pass(1_000);
      expect(await code).toBe('open_failed');
      expect(on.memory.log).toEqual(['connect 1', 'fail 1', 'connect 2', 'fail 2']);
    });

    it('is no part of what connect gets (2.E 83)', async () => {
      on = stage({ pets: { type: 'memory', ttl: '1h', max_entries: 5, autocommit: true } });
      const connection = await open({ idleTimeout: '1h', retry: { attempts: 1 } });
      expect(Object.keys(await connection.use((raw) => raw.config))).toEqual(['autocommit']);
    });

    it('named like a param goes with params', async () => {
      on = stage();
      const connection = await open({ params: { ttl: 5, retry: 'x' } });
      expect({ ...(await connection.use((raw) => raw.config)) }).toEqual({ size: 1, ttl: 5, retry: 'x' });
    });

    it.each([
      [{ ttl: 0 }, /ttl.*over 0.*got 0/],
      [{ ttl: -1 }, /ttl/],
      [{ ttl: 'abc' }, /ttl/],
      [{ ttl: '1' }, /ttl/],
      [{ openTimeout: 0 }, /openTimeout/],
      [{ maxEntries: 0 }, /maxEntries.*whole number over 0/],
      [{ maxEntries: -1 }, /maxEntries/],
      [{ retry: 3 }, /retry.*table/],
      [{ retry: { attempt: 3 } }, /retry.attempt/],
    ])('of the wrong shape is refused before anything opens: %j (2.F 93, 98)', async (policy, message) => {
      on = stage();
      const wrong = open(policy as never);
      await expect(wrong).rejects.toMatchObject({
        code: 'invalid_policy',
        connection: 'pets',
        message: expect.stringMatching(message),
      });
      expect(on.memory.log).toEqual([]);
    });

    it('that is a bare number in a file is refused, with both spellings', async () => {
      on = stage({ pets: { type: 'memory', ttl: 600 } });
      await expect(open()).rejects.toMatchObject({
        ...{ code: 'invalid_policy', connection: 'pets' },
        message: expect.stringMatching(/\[connections\.pets\] in memory: ttl.*"600s".*"600ms"/),
      });
    });

    it('that turns bad in a section is one warning, and what worked stays in use', async () => {
      on = stage({ pets: { type: 'memory', ttl: '10s' } });
      await open();
      on.source.section('pets', { type: 'memory', ttl: 600 });
      on.source.section('pets', { type: 'memory', ttl: 600, size: 2 });
      await settled();
      expect(warnings()).toEqual(['invalid_policy']);
      expect(on.memory.open).toHaveLength(1);
    });

    it('that changes alone opens nothing anew', async () => {
      on = stage({ pets: { type: 'memory', ttl: '50s' } });
      await open();
      on.source.section('pets', { type: 'memory', ttl: '5s' });
      await settled();
      expect(on.memory.log).toEqual(['connect 1', 'check 1']);
      expect(await life()).toBe(5_000);
    });

    it('is decided by the first explicit caller; a later one who differs is one warning (2.F 85, 86)', async () => {
      on = stage();
      const first = await open();
      const second = await open({ ttl: '5s' });
      const third = await open({ ttl: '7s' });
      await open({ ttl: '7s' });
      await open({ ttl: 5_000 });
      expect([first === second, second === third, on.memory.opened.length]).toEqual([true, true, 1]);
      expect(warnings()).toEqual(['policy_conflict']);
      expect(await life()).toBe(5_000);
    });

    it('is decided by itself: a later caller may name another one, and is warned only of what differs', async () => {
      on = stage();
      await open({ ttl: '50s' });
      await open({ idleTimeout: '3s' });
      await open({ ttl: '50s', drainTimeout: '1s', idleTimeout: '3s' });
      expect(warnings()).toEqual([]);
      expect(on.memory.opened).toHaveLength(1);
      await open({ ttl: '50s', idleTimeout: '9s' });
      const [conflict, ...others] = on.events.filter(({ type }) => type === 'warning');
      expect(conflict).toMatchObject({
        code: 'policy_conflict',
        message: expect.stringContaining('another idleTimeout'),
      });
      expect(others).toEqual([]);
      // idleTimeout comes before the ttl.
      expect(await life()).toBe(3_000);
    });
  });

  describe('promise 6: maxEntries', () => {
    const many = Object.fromEntries([...'abcdefgh'].map((name) => [name, { type: 'memory' }]));
    const openNames = (): unknown[] => on.told('instance.retired');

    it('closes the least recently used entry; reading is use (2.F 91)', async () => {
      on = stage(many, { maxEntries: 2 });
      await open({}, 'a');
      await open({}, 'b');
      await open({}, 'a');
      await open({}, 'd');
      await settled();
      expect(openNames()).toEqual(['instance.retired 1 evicted']);
      expect(on.events.find(({ type }) => type === 'instance.retired')).toMatchObject({ connection: 'b' });
      expect(on.memory.open).toHaveLength(2);
    });

    it('releases in the order of last use (2.K 176)', async () => {
      on = stage(many, { maxEntries: 5 });
      for (const name of 'abcde') await open({}, name);
      await (await open({}, 'c')).use(() => undefined);
      for (const name of 'fgh') await open({}, name);
      await settled();
      const evicted = on.events.flatMap((event) => (event.type === 'instance.retired' ? [event.connection] : []));
      expect(evicted).toEqual(['a', 'b', 'd']);
    });

    it('serves the newcomer when all are in use, and closes the excess when its last user leaves', async () => {
      on = stage(many, { maxEntries: 1 });
      const interest = on.hot.connection$('a').subscribe();
      let release = (): void => undefined;
      const working = (await open({}, 'b')).use(() => new Promise<void>((resolve) => (release = resolve)));
      await open({}, 'c');
      await settled();
      expect(on.memory.open).toHaveLength(2);
      release();
      await working;
      await settled();
      expect(on.memory.open).toHaveLength(1);
      interest.unsubscribe();
    });

    it('a handle kept over an eviction re-enters under its identity', async () => {
      on = stage(many, { maxEntries: 1 });
      const kept = await open({}, 'a');
      await open({}, 'b');
      expect(await kept.use((raw) => raw.number)).toBe(3);
      expect(await open({}, 'a')).toBe(kept);
      await settled();
      expect(on.memory.open).toHaveLength(1);
    });

    it('of one name: many params, few instances', async () => {
      on = stage();
      for (const tenant of ['a', 'b', 'c', 'd']) await open({ tenant, maxEntries: 2 });
      await settled();
      expect(on.memory.open.map(({ config }) => config['tenant'])).toEqual(['c', 'd']);
    });

    it('many names through ten entries: opened is closed, but for ten', async () => {
      const names = Array.from({ length: depth(200, 1000) }, (_, i) => `n${i}`);
      on = stage(Object.fromEntries(names.map((name) => [name, { type: 'memory' }])), { maxEntries: 10 });
      await Promise.all(names.map((name) => open({}, name)));
      await settled();
      expect([on.memory.opened.length, on.memory.open.length]).toEqual([names.length, 10]);
    });

    it('a disconnect that throws concerns nobody (2.F 105)', async () => {
      on = stage(many, { maxEntries: 1 });
      await open({}, 'a');
      on.memory.disconnects = 'throws';
      expect((await open({}, 'b')).name).toBe('b');
      await settled();
      expect(on.told('instance.closed')).toEqual(['instance.closed 1 close_failed']);
    });

    it('evicts nothing that is being opened', async () => {
      on = stage(many, { maxEntries: 1 });
      const release = on.memory.hang();
      const both = [open({}, 'a'), open({}, 'b')];
      await settled();
      release();
      expect((await Promise.all(both)).map(({ name }) => name)).toEqual(['a', 'b']);
      await settled();
      expect(on.memory.open).toHaveLength(1);
    });
  });
});
