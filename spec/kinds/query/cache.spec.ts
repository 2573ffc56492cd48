import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asyncScheduler, VirtualTimeScheduler } from 'rxjs';
import { referenceNames } from '../../../src/canonical.ts';
import { upkeepScheduler } from '../../../src/duration/index.ts';
import {
  cacheKey,
  QueryCache,
  scopeKey,
  weigh,
  type CachedQuery,
  type LoadedRows,
  type QueryCacheOptions,
} from '../../../src/kinds/query/cache.ts';
import { Flight } from '../../../src/kinds/query/flight.ts';
import { copyRows, isFlat } from '../../../src/kinds/query/copy-rows.ts';
import type { ForgetResults, KeptRows, ResultStore } from '../../../src/kinds/query/shared-results.ts';

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
      counts: { hits: 0, misses: 0 },
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
        counts: { hits: 0, misses: 0 },
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

  it.each([new Map(), { get: () => 1, set: () => 1, delete: () => 1 }, null, 'redis://h'])(
    'refuses a store that is no ResultStore, which would be of no use: %p',
    (store) => {
      expect(() => new QueryCache({ store: store as never })).toThrow(
        expect.objectContaining({ code: 'invalid_argument', message: expect.stringContaining('sharedResults(keyv)') }),
      );
    },
  );

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

  it('asks again for who joined a load that had begun before and was answered from elsewhere', async () => {
    const { ask, loads } = setUp();
    let land!: () => void;
    const slow = () =>
      new Promise<LoadedRows>((resolve) => (land = () => resolve({ rows: [{ n: 'before' }], scope: 'other' })));
    const first = ask('a', { load: slow });
    await settle();
    const joined = [ask('a'), ask('a')];
    await settle();
    land();
    // Who began it was served by the instance of that moment; the others came later, and share one load.
    await expect(first).resolves.toEqual([{ n: 'before' }]);
    await expect(Promise.all(joined)).resolves.toEqual([[{ n: 1 }], [{ n: 1 }]]);
    expect(loads).toEqual(['a']);
    await expect(ask('a')).resolves.toEqual([{ n: 1 }]);
  });

  it('gives who asks again what is left of the time', async () => {
    const { ask } = setUp();
    const scheduler = new VirtualTimeScheduler();
    let land!: () => void;
    const slow = () => new Promise<LoadedRows>((resolve) => (land = () => resolve({ rows: [], scope: 'other' })));
    const limits = { connection: 'pets', scheduler, signals: [], timeout: 100 };
    void ask('a', { load: slow });
    await settle();
    const joined = ask('a', { limits, load: slow });
    await settle();
    scheduler.frame = 60;
    land();
    await settle();
    scheduler.maxFrames = 100;
    scheduler.flush();
    await expect(joined).rejects.toMatchObject({ code: 'timeout' });
    expect(scheduler.frame).toBe(100);
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

  it('is told of no result that is larger than maxBytes', async () => {
    const store = new MemoryStore();
    const { ask } = setUp({ store, maxBytes: 500 });
    await ask('large', { load: async () => ({ rows: [{ text: 'x'.repeat(500) }], scope: 'scope' }) });
    await ask('small');
    expect([...store.kept.keys()]).toEqual(['small']);
  });

  const circular: Record<string, unknown> = {};
  circular['itself'] = circular;
  it.each([
    ['rows that are none', { rows: 'Milo', at: 0 }],
    ['a row that is none', { rows: [7], at: 0 }],
    ['no time', { rows: [] }],
    ['a row that contains itself', { rows: [circular], at: 0 }],
    ['nothing of it', 7],
  ])('that gives %s is asked for nothing', async (_what, given) => {
    const store = new MemoryStore();
    store.kept.set('a', given as never);
    await expect(setUp({ store }).ask('a')).resolves.toEqual([{ n: 1 }]);
  });

  it('that throws at once is no reason to fail', async () => {
    const away = (): never => {
      throw new Error('the store is away');
    };
    const { ask, cache } = setUp({ store: { read: away, write: away, forget: away } });
    await expect(ask('a')).resolves.toEqual([{ n: 1 }]);
    await expect(cache.forget({ scope: 'scope' })).resolves.toBeUndefined();
  });

  it('is no reason to fail', async () => {
    const store = new MemoryStore();
    store.broken = true;
    const { ask, cache } = setUp({ store });
    await expect(ask('a')).resolves.toEqual([{ n: 1 }]);
    await expect(cache.forget({ scope: 'scope' })).resolves.toBeUndefined();
  });
});

const limits = (signal?: AbortSignal, timeout?: number) => ({
  connection: 'pets',
  scheduler: asyncScheduler,
  signals: [signal],
  timeout,
});

describe('Flight', () => {
  it('gives all who wait the same, and each may leave', async () => {
    let land!: (value: number) => void;
    const flight = new Flight(() => new Promise<number>((resolve) => (land = resolve)));
    const leaver = new AbortController();
    const left = flight.join(limits(leaver.signal));
    const slow = flight.join(limits(undefined, 5));
    const stays = flight.join(limits());
    leaver.abort();
    await expect(left).rejects.toMatchObject({ code: 'cancelled' });
    await expect(slow).rejects.toMatchObject({ code: 'timeout' });
    expect(flight.abandoned).toBe(false);
    land(1);
    await expect(stays).resolves.toBe(1);
  });

  it('is stopped when all have left, and its failure is then nobody’s', async () => {
    let stop!: AbortSignal;
    const flight = new Flight((signal) => {
      stop = signal;
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
    });
    const [one, two] = [new AbortController(), new AbortController()];
    const both = [flight.join(limits(one.signal)), flight.join(limits(two.signal))];
    one.abort();
    await Promise.allSettled([both[0]]);
    expect(stop.aborted).toBe(false);
    two.abort();
    await Promise.allSettled(both);
    expect(stop.aborted).toBe(true);
    expect(flight.abandoned).toBe(true);
  });

  it('who has no limit keeps it going', async () => {
    const flight = new Flight(() => new Promise<number>((resolve) => setImmediate(resolve, 1)));
    const stop = new AbortController();
    const stays = flight.join(limits());
    flight.join(limits(stop.signal)).catch(() => undefined);
    stop.abort();
    await expect(stays).resolves.toBe(1);
    expect(flight.abandoned).toBe(false);
  });
});

describe('weigh', () => {
  it.each([
    ['x'.repeat(1000), 2000],
    [Buffer.alloc(1000), 1000],
    [[{ json: { list: ['x'.repeat(1000)] } }], 2000],
    [Array.from({ length: 1000 }, (_, id) => ({ id })), 20_000],
  ])('is at least what it takes, and not far from it', (value, bytes) => {
    expect(weigh(value)).toBeGreaterThanOrEqual(bytes);
    expect(weigh(value)).toBeLessThan(bytes * 3);
  });
});

describe('cacheKey', () => {
  it('two queries have one key only when scope, text, params, options and limit are the same', () => {
    const text = fc.string({ maxLength: 6, unit: fc.constantFrom('a', '1', ':', ';', 's', ' ') });
    const query = fc.tuple(
      text,
      text,
      fc.option(fc.array(text, { maxLength: 2 }), { nil: undefined }),
      text,
      fc.option(fc.nat(20), { nil: undefined }),
    );
    const keyOf = ([scope, sql, params, options, maxRows]: typeof query extends fc.Arbitrary<infer Q> ? Q : never) =>
      cacheKey(scope, { sql, params, options: options === '' ? undefined : options }, maxRows);
    fc.assert(
      fc.property(query, query, (a, b) => {
        expect(keyOf(a) === keyOf(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
      { numRuns: 3000 },
    );
  });

  it('is none when the params or the options cannot be compared', () => {
    expect(cacheKey('scope', { sql: '', params: [new Map()] }, undefined)).toBeUndefined();
    expect(cacheKey('scope', { sql: '', options: () => 1 }, undefined)).toBeUndefined();
  });
});

describe('scopeKey', () => {
  it('belongs to the kind and to what decides the data, and shows neither', () => {
    const key = scopeKey('SqlConnection', { host: 'a', user: 'alice' }, referenceNames());
    expect(key).toMatch(/^[\w-]{43}$/);
    expect(scopeKey('SqlConnection', { user: 'alice', host: 'a' }, referenceNames())).toBe(key);
    expect(scopeKey('SqlConnection', { host: 'b', user: 'alice' }, referenceNames())).not.toBe(key);
    expect(scopeKey('OtherConnection', { host: 'a', user: 'alice' }, referenceNames())).not.toBe(key);
  });

  it('tells functions and instances apart by who they are', () => {
    const names = referenceNames();
    const [one, two] = [() => 1, () => 1];
    expect(scopeKey('k', { one }, names)).toBe(scopeKey('k', { one }, names));
    expect(scopeKey('k', { one }, names)).not.toBe(scopeKey('k', { one: two }, names));
  });
});

class Interval {
  readonly parts = { days: 1 };
  toText(): string {
    return `${this.parts.days} days`;
  }
}

describe('copyRows', () => {
  it('copies rows of scalars', () => {
    const rows = [{ a: 1, b: 'x', c: null, d: 1n, e: true, f: undefined }];
    const copies = copyRows(rows);
    expect(copies).toEqual(rows);
    copies[0]!.a = 2;
    copies.pop();
    expect(rows).toEqual([{ a: 1, b: 'x', c: null, d: 1n, e: true, f: undefined }]);
  });

  it('copies what is in them, and it stays of its class', () => {
    const at = Object.assign(new Date(0), { zone: 'UTC' });
    const row = {
      at,
      bytes: Buffer.from('ab'),
      json: { list: [{ deep: 1 }] },
      every: new Interval(),
      tags: new Set(['a']),
    };
    const [copy] = copyRows([row]);
    expect(copy).toEqual(row);
    expect(copy!.every.toText()).toBe('1 days');
    expect(copy!.bytes).toBeInstanceOf(Buffer);
    expect(copy!.at.zone).toBe('UTC');
    copy!.at.setTime(1);
    copy!.bytes[0] = 0;
    copy!.json.list[0]!.deep = 2;
    copy!.every.parts.days = 2;
    copy!.tags.add('b');
    expect(row).toEqual({
      at: Object.assign(new Date(0), { zone: 'UTC' }),
      bytes: Buffer.from('ab'),
      json: { list: [{ deep: 1 }] },
      every: new Interval(),
      tags: new Set(['a']),
    });
  });

  it('A6 gives no copy a prototype from data', () => {
    const json = JSON.parse(
      '{"__proto__": {"admin": true}, "constructor": 1, "list": [{"__proto__": null}]}',
    ) as object;
    const [copy] = copyRows([{ json }]) as [{ json: { admin?: boolean } }];
    expect(copy.json.admin).toBeUndefined();
    expect(Object.getPrototypeOf(copy.json)).toBe(Object.prototype);
    expect(JSON.stringify(copy.json)).toBe(JSON.stringify(json));
    const [flat] = copyRows([JSON.parse('{"__proto__": 5}') as object]);
    expect(Object.keys(flat!)).toEqual(['__proto__']);
  });

  it('copies rows that are arrays', () => {
    const rows: unknown[][] = [[1, { a: 1 }]];
    const copies = copyRows(rows);
    (copies[0]![1] as { a: number }).a = 2;
    expect(Array.isArray(copies[0])).toBe(true);
    expect(rows).toEqual([[1, { a: 1 }]]);
  });
});

describe('isFlat', () => {
  it.each([
    [[{ a: 1, b: null }], true],
    [[], true],
    [[{ a: 1 }, { a: new Date() }], false],
    [[[1]], false],
    [[new Interval()], false],
  ])('of %p is %p', (rows, flat) => {
    expect(isFlat(rows)).toBe(flat);
  });
});
