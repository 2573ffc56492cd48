import { describe, expect, it } from '@jest/globals';
import { VirtualTimeScheduler } from 'rxjs';
import { upkeepScheduler } from '../../src/duration/index.ts';
import { QueryCache, type CachedQuery, type LoadedRows, type QueryCacheOptions } from '../../src/queries/cache.ts';
import type { ForgetResults, KeptRows, ResultStore } from '../../src/queries/result-store.ts';

/** A cache in a time of its own, and what was loaded into it. */
function setUp(options?: QueryCacheOptions) {
  const scheduler = new VirtualTimeScheduler();
  const cache = new QueryCache(options);
  const loads: string[] = [];
  const ask = (key: string, rest: Partial<CachedQuery> = {}) =>
    cache.get({
      key,
      scope: 'scope',
      sql: key,
      tags: [],
      ttl: 100,
      stale: 0,
      limits: { connection: 'pets', scheduler, signals: [] },
      load: async () => ({ rows: [{ n: loads.push(key) }], scope: 'scope' }),
      ...rest,
    });
  const wait = (time: number): void => {
    scheduler.frame += time;
  };
  return { cache, ask, wait, loads };
}

const settle = () => new Promise(setImmediate);

describe('A6 the age of cached rows', () => {
  it('is by a clock of the process, whatever becomes of the clock of the wall', async () => {
    const cache = new QueryCache();
    const wall = Date.now;
    let loads = 0;
    const ask = (ttl: number) =>
      cache.get({
        key: 'a',
        scope: 'scope',
        sql: 'a',
        tags: [],
        ttl,
        stale: 0,
        limits: { connection: 'pets', scheduler: upkeepScheduler, signals: [] },
        load: async () => ({ rows: [{ n: ++loads }], scope: 'scope' }),
      });
    try {
      await ask(60_000);
      Date.now = () => wall() + 3_600_000;
      await expect(ask(60_000)).resolves.toEqual([{ n: 1 }]);
      Date.now = () => wall() - 3_600_000;
      await new Promise((resolve) => setTimeout(resolve, 30));
      await expect(ask(20)).resolves.toEqual([{ n: 2 }]);
    } finally {
      Date.now = wall;
    }
  });

  it.each([
    [1, 'kept'],
    [-1, 'loaded'],
    [-3_600_000, 'loaded'],
    [100, 'loaded'],
  ])('%d ms in a store that is shared: %s', async (age, expected) => {
    const at = new VirtualTimeScheduler().now() - age;
    const store: ResultStore = {
      read: async () => ({ rows: [{ n: 'kept' }], at }),
      write: async () => undefined,
      forget: async () => undefined,
    };
    const { ask } = setUp({ store });
    await expect(ask('a', { load: async () => ({ rows: [{ n: 'loaded' }], scope: 'scope' }) })).resolves.toEqual([
      { n: expected },
    ]);
  });

  it('of a shared entry goes on counting here', async () => {
    const start = new VirtualTimeScheduler().now();
    const store: ResultStore = {
      read: async () => ({ rows: [{ n: 'kept' }], at: start - 90 }),
      write: async () => undefined,
      forget: async () => undefined,
    };
    const { ask, wait } = setUp({ store });
    await expect(ask('a')).resolves.toEqual([{ n: 'kept' }]);
    wait(5);
    await expect(ask('a')).resolves.toEqual([{ n: 'kept' }]);
    wait(6);
    await expect(ask('a')).resolves.toEqual([{ n: 1 }]);
  });
});

describe('QueryCache', () => {
  it('gives rows that are younger than the caller’s ttl', async () => {
    const { ask, wait, loads } = setUp();
    await expect(ask('a')).resolves.toEqual([{ n: 1 }]);
    wait(99);
    await expect(ask('a')).resolves.toEqual([{ n: 1 }]);
    await expect(ask('a', { ttl: 50 })).resolves.toEqual([{ n: 2 }]);
    wait(100);
    await expect(ask('a', { ttl: Infinity })).resolves.toEqual([{ n: 2 }]);
    await expect(ask('a')).resolves.toEqual([{ n: 3 }]);
    expect(loads).toEqual(['a', 'a', 'a']);
  });

  it('counts the age from before the load', async () => {
    const { ask, wait, loads } = setUp();
    const slow = async () => {
      wait(60);
      return { rows: [{ n: loads.push('slow') }], scope: 'scope' };
    };
    await ask('a', { load: slow });
    wait(50);
    await ask('a');
    expect(loads).toEqual(['slow', 'a']);
  });

  it('loads once for all who ask at once, and gives each a copy', async () => {
    const { ask, loads } = setUp();
    const [one, two] = await Promise.all([ask('a'), ask('a'), ask('b')]);
    expect(loads).toEqual(['a', 'b']);
    expect(one).toEqual(two);
    expect(one[0]).not.toBe(two[0]);
    one[0]!['n'] = 'mine';
    await expect(ask('a')).resolves.toEqual(two);
  });

  it('never keeps a failure', async () => {
    const { ask } = setUp();
    const load = () => Promise.reject(new Error('no'));
    await expect(Promise.all([ask('a', { load }), ask('a', { load })])).rejects.toThrow('no');
    await expect(ask('a')).resolves.toEqual([{ n: 1 }]);
  });

  it('gives old rows while it fetches new ones, once, where the caller allows it', async () => {
    const { ask, wait, loads } = setUp();
    const stale = { stale: 100 };
    await ask('a', stale);
    wait(150);
    await expect(Promise.all([ask('a', stale), ask('a', stale)])).resolves.toEqual([[{ n: 1 }], [{ n: 1 }]]);
    await settle();
    expect(loads).toHaveLength(2);
    await expect(ask('a')).resolves.toEqual([{ n: 2 }]);
    wait(200);
    await expect(ask('a', stale)).resolves.toEqual([{ n: 3 }]);
  });

  it('a refresh that fails leaves the old rows, and is not tried again at once', async () => {
    const { ask, wait } = setUp();
    const failed: number[] = [];
    const load = () => Promise.reject(new Error(String(failed.push(1))));
    const stale = { stale: 1000, load };
    await ask('a');
    wait(150);
    for (let i = 0; i < 3; i++) {
      await expect(ask('a', stale)).resolves.toEqual([{ n: 1 }]);
      await settle();
    }
    expect(failed).toHaveLength(1);
    wait(100);
    await ask('a', stale);
    await settle();
    expect(failed).toHaveLength(2);
  });

  it('keeps no more entries than it may: the least recently used one goes', async () => {
    const { ask, loads } = setUp({ maxEntries: 2 });
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await ask(key);
    expect(loads).toEqual(['a', 'b', 'c', 'b']);
  });

  it('keeps no more bytes than it may, and nothing that is larger than all of them', async () => {
    const { ask, loads } = setUp({ maxBytes: 10_000, maxEntries: Infinity });
    const load = (size: number) => async () => {
      loads.push(String(size));
      return { rows: [{ text: 'x'.repeat(size) }], scope: 'scope' };
    };
    await expect(ask('large', { load: load(6000) })).resolves.toHaveLength(1);
    await ask('large', { load: load(6000) });
    expect(loads).toEqual(['6000', '6000']);
    for (const key of ['a', 'b', 'c', 'a']) await ask(key, { load: load(2000) });
    expect(loads.slice(2)).toEqual(['2000', '2000', '2000', '2000']);
  });

  it('refuses bounds that are none', () => {
    for (const bound of [0, -1, 1.5, NaN, '10' as never]) {
      const refused = expect.objectContaining({ code: 'invalid_argument' });
      expect(() => new QueryCache({ maxEntries: bound })).toThrow(refused);
      expect(() => new QueryCache({ maxBytes: bound })).toThrow(refused);
    }
    expect(() => new QueryCache({ maxEntries: Infinity, maxBytes: Infinity })).not.toThrow();
  });

  it('does not keep rows that were read from elsewhere than asked for', async () => {
    const { ask, loads } = setUp();
    const load = async () => ({ rows: [{ n: loads.push('elsewhere') }], scope: 'other' });
    await expect(ask('a', { load })).resolves.toEqual([{ n: 1 }]);
    await expect(ask('a')).resolves.toEqual([{ n: 2 }]);
  });

  it('does not join a load that all have left, however long that takes to end', async () => {
    const { ask } = setUp();
    const stop = new AbortController();
    const limits = { connection: 'pets', scheduler: new VirtualTimeScheduler(), signals: [stop.signal] };
    let land!: () => void;
    const load = () =>
      new Promise<LoadedRows>((resolve) => (land = () => resolve({ rows: [{ n: 'late' }], scope: 'scope' })));
    const left = ask('a', { limits, load });
    await settle();
    stop.abort();
    await expect(left).rejects.toMatchObject({ code: 'cancelled' });
    await expect(ask('a')).resolves.toEqual([{ n: 1 }]);
    land();
    await settle();
    await expect(ask('a')).resolves.toEqual([{ n: 1 }]);
  });

  it('forgets what is kept, and what is being loaded: who waits gets it, nobody after', async () => {
    const { ask, cache, loads } = setUp();
    await ask('a', { tags: ['one'] });
    await ask('b', { tags: ['two'] });
    await cache.forget({ scope: 'other' });
    await cache.forget({ scope: 'scope', tags: ['two'], sql: 'c' });
    await ask('a', { tags: ['one'] });
    await ask('b', { tags: ['two'] });
    expect(loads).toEqual(['a', 'b', 'b']);
    const waiting = ask('c');
    await cache.forget({ scope: 'scope', sql: 'c' });
    const after = ask('c');
    await expect(waiting).resolves.toEqual([{ n: 4 }]);
    await expect(after).resolves.toEqual([{ n: 5 }]);
    await expect(ask('c')).resolves.toEqual([{ n: 5 }]);
    const late = ask('d');
    void cache.forget({ scope: 'scope' });
    await late;
    await ask('d');
    expect(loads.filter((key) => key === 'd')).toHaveLength(2);
  });
});

describe('a shared store', () => {
  /** What another process would see. */
  class MemoryStore implements ResultStore {
    readonly kept = new Map<string, KeptRows & { lifetime: number }>();
    readonly forgotten: ForgetResults[] = [];
    broken = false;

    async read(key: string): Promise<KeptRows | undefined> {
      this.#check();
      return this.kept.get(key);
    }

    async write(key: string, kept: KeptRows, _labels: unknown, lifetime: number): Promise<void> {
      this.#check();
      this.kept.set(key, { ...kept, lifetime });
    }

    async forget(which: ForgetResults): Promise<void> {
      this.#check();
      this.forgotten.push(which);
    }

    #check(): void {
      if (this.broken) throw new Error('the store is away');
    }
  }

  it('is asked once per miss, and told of what was loaded', async () => {
    const store = new MemoryStore();
    const here = setUp({ store });
    const there = setUp({ store });
    await here.ask('a', { stale: 50 });
    expect([...store.kept]).toEqual([['a', { rows: [{ n: 1 }], at: 0, lifetime: 150 }]]);
    await expect(there.ask('a')).resolves.toEqual([{ n: 1 }]);
    expect(there.loads).toEqual([]);
    there.wait(100);
    await expect(there.ask('a')).resolves.toEqual([{ n: 1 }]);
    expect(there.loads).toEqual(['a']);
    await there.cache.forget({ scope: 'scope', tags: ['t'] });
    expect(store.forgotten).toEqual([{ scope: 'scope', tags: ['t'] }]);
  });

  it('is no reason to fail', async () => {
    const store = new MemoryStore();
    store.broken = true;
    const { ask, cache } = setUp({ store });
    await expect(ask('a')).resolves.toEqual([{ n: 1 }]);
    await expect(cache.forget({ scope: 'scope' })).resolves.toBeUndefined();
  });
});
