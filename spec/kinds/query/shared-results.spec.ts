import { EventEmitter } from 'node:events';
import { types } from 'node:util';
import { serialize } from 'node:v8';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Breaker } from '../../../src/kinds/query/breaker.ts';
import { pack, sharedResults, unpack, type KeyValueStore } from '../../../src/kinds/query/shared-results.ts';

const labels = { scope: 's', sql: 'select 1', tags: ['pets', 'owners'] };
const rows = [{ id: 1n, born: new Date(5) }];
const kept = { rows, at: 10 };

function mapStore(): KeyValueStore & { map: Map<string, string>; ttls: Map<string, number> } {
  const map = new Map<string, string>();
  const ttls = new Map<string, number>();
  return {
    map,
    ttls,
    get: (key) => Promise.resolve(map.get(key)),
    set: (key, value, ttl) => Promise.resolve(void (map.set(key, value), ttls.set(key, ttl))),
    delete: (key) => Promise.resolve(map.delete(key)),
  };
}

/** Reads, and writes what a load brought. */
async function load(process: ReturnType<typeof sharedResults>, key = 'k'): Promise<'hit' | 'miss'> {
  if (await process.read(key, labels)) return 'hit';
  await process.write(key, kept, labels, 1234.5);
  return 'miss';
}

describe('sharedResults', () => {
  it('gives one process what another one kept, with the types that it had', async () => {
    const store = mapStore();
    const [one, other] = [sharedResults(store), sharedResults(store)];
    expect(await load(one)).toBe('miss');
    expect(await other.read('k', labels)).toMatchObject({ at: 10, rows: [{ id: 1n }] });
    expect(await other.read('another key', labels)).toBeUndefined();
    expect([...store.ttls.values()]).toContain(1235);
  });

  it.each([
    ['all of the scope', {}],
    ['a statement', { sql: 'select 1' }],
    ['one of its tags', { tags: ['owners'] }],
  ])('forgets %s in every process', async (_what, which) => {
    const store = mapStore();
    const [one, other] = [sharedResults(store), sharedResults(store)];
    await load(one);
    await other.forget({ scope: 's', ...which });
    expect(await load(one)).toBe('miss');
    expect(await load(other)).toBe('hit');
  });

  it('keeps what is of another scope, statement or tag', async () => {
    const store = sharedResults(mapStore());
    await load(store);
    await store.forget({ scope: 'other' });
    await store.forget({ scope: 's', sql: 'select 2' });
    await store.forget({ scope: 's', tags: ['toys'] });
    expect(await load(store)).toBe('hit');
  });

  it('keeps no rows that were read before somebody forgot them', async () => {
    const store = mapStore();
    const [one, other] = [sharedResults(store), sharedResults(store)];
    await one.read('k', labels);
    await other.forget({ scope: 's', tags: ['pets'] });
    await one.write('k', kept, labels, 1000);
    expect(await other.read('k', labels)).toBeUndefined();
  });

  it('finds nothing of what was kept under versions that the store has dropped', async () => {
    const store = mapStore();
    const one = sharedResults(store);
    await load(one);
    for (const key of store.map.keys()) if (!key.includes(':rows:')) store.map.delete(key);
    expect(await load(one)).toBe('miss');
  });

  it('shows no statement and no bound value in its keys', async () => {
    const store = mapStore();
    const one = sharedResults(store);
    await one.read('hunter2', { ...labels, sql: 'hunter2' });
    await one.write('hunter2', kept, labels, 1000);
    expect([...store.map.keys()].join()).not.toMatch(/hunter2|select|pets/);
  });

  it.each([
    ['is dead', () => Promise.reject(new Error('no'))],
    ['does not answer', () => new Promise<never>(() => undefined)],
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
  ])('is a miss, and no error, where the store %s', async (_what, act) => {
    const one = sharedResults({ get: act, set: act, delete: act }, { budget: 5 });
    for (let call = 0; call < 5; call++) expect(await load(one)).toBe('miss');
    await one.forget({ scope: 's' });
  });

  it('takes a call as failed in which the store emits an error', async () => {
    const emitter = Object.assign(new EventEmitter(), mapStore());
    const one = sharedResults(emitter);
    await load(one);
    const { get } = emitter;
    emitter.get = (key) => (emitter.emit('error', new Error('no')), get(key));
    expect(await load(one)).toBe('miss');
  });

  describe.each([
    ['rejects', () => Promise.reject(new Error('no'))],
    ['says false', () => Promise.resolve(false)],
    ['emits an error', (store: EventEmitter) => Promise.resolve(store.emit('error', new Error('no')))],
  ])('where a set %s', (_how, fail) => {
    it('makes up for what was forgotten meanwhile, before it reads', async () => {
      const store = Object.assign(new EventEmitter(), mapStore());
      const one = sharedResults(store);
      await load(one);
      const { set } = store;
      store.set = () => fail(store);
      await one.forget({ scope: 's', tags: ['pets'] });
      store.set = set;
      expect(await load(one)).toBe('miss');
      expect(await load(one)).toBe('hit');
      expect(await load(sharedResults(store))).toBe('hit');
    });
  });

  describe('a store that does not answer', () => {
    afterEach(() => void jest.useRealTimers());

    it('costs all round trips together less than the budget', async () => {
      jest.useFakeTimers();
      const slow = mapStore();
      const { get } = slow;
      // Two round trips of a read: each would be in time alone.
      slow.get = (key) => new Promise((done) => setTimeout(() => void get(key).then(done), 30));
      const ends: string[] = [];
      void sharedResults(slow)
        .read('k', labels)
        .then(() => ends.push('read'));
      void sharedResults({ ...slow, set: () => new Promise(() => undefined) })
        .forget({ scope: 's', sql: 'a', tags: ['b', 'c'] })
        .then(() => ends.push('forget'));
      await jest.advanceTimersByTimeAsync(39);
      expect(ends).toEqual([]);
      await jest.advanceTimersByTimeAsync(1);
      expect(ends.sort()).toEqual(['forget', 'read']);
    });

    it.each([
      ['0', 0],
      ['Infinity', Infinity],
      ['longer than a timer can hold', '30d'],
    ] as const)('with a budget of %s costs what that says', async (_what, budget) => {
      jest.useFakeTimers();
      const silent = { ...mapStore(), get: () => new Promise<never>(() => undefined) };
      let over = false;
      void sharedResults(silent, { budget })
        .read('k', labels)
        .then(() => (over = true));
      await jest.advanceTimersByTimeAsync(budget === 0 ? 1 : 3_600_000);
      expect(over).toBe(budget === 0);
    });
  });

  it('forgets what is there and is no result', async () => {
    const store = mapStore();
    await load(sharedResults(store));
    const [place] = [...store.map.keys()].filter((key) => key.includes(':rows:'));
    store.map.set(place!, `hotline1:${serialize({ rows: [new Map()], at: 1 }).toString('base64')}`);
    expect(await sharedResults(store).read('k', labels)).toBeUndefined();
    await new Promise((done) => setImmediate(done));
    expect(store.map.has(place!)).toBe(false);
  });

  it('writes no result that is larger than maxBytes', async () => {
    const store = mapStore();
    const narrow = sharedResults(store, { maxBytes: 1000 });
    for (const [key, length] of [
      ['large', 1000],
      ['small', 100],
    ] as const) {
      await narrow.read(key, labels);
      await narrow.write(key, { rows: [{ text: 'x'.repeat(length) }], at: 1 }, labels, 1000);
    }
    expect([...store.map.values()].filter((value) => value.startsWith('hotline1:'))).toHaveLength(1);
    expect(await narrow.read('small', labels)).toBeDefined();
  });

  it('has the name of the project in its keys, so that another application finds nothing; a prefix says which do', async () => {
    const store = mapStore();
    await load(sharedResults(store));
    expect([...store.map.keys()].every((key) => key.startsWith('hotline1:hotline:'))).toBe(true);
    expect(await sharedResults(store, { prefix: 'shop' }).read('k', labels)).toBeUndefined();
    expect(await load(sharedResults(store, { prefix: 'hotline' }))).toBe('hit');
  });

  it.each([{ maxBytes: 0 }, { maxBytes: 'much' }, { prefix: '' }, { prefix: 7 }, { budgets: 1 }])(
    'refuses %p',
    (options) => {
      expect(() => sharedResults(mapStore(), options as never)).toThrow(
        expect.objectContaining({ code: 'invalid_argument' }),
      );
    },
  );

  it('refuses a budget that is no duration', () => {
    expect(() => sharedResults(mapStore(), { budget: 'soon' as never })).toThrow(
      expect.objectContaining({ code: 'invalid_policy' }),
    );
  });
});

describe('envelope', () => {
  it('A6 gives no row a prototype from data', () => {
    const rows = [{ json: JSON.parse('{"__proto__": {"admin": true}}') as { admin?: boolean } }];
    const found = unpack(pack({ rows, at: 1 }))!.rows as typeof rows;
    expect(found[0]!.json.admin).toBeUndefined();
    expect(Object.keys(found[0]!.json)).toEqual(['__proto__']);
  });

  it('brings every value back as what it was', () => {
    const rows = [
      { day: new Date(7), big: 2n ** 70n, bytes: Buffer.from([1, 2]), none: null, nan: Number.NaN, list: [{ a: 'ä' }] },
      { day: new Date(Number.NaN), minus: -0, nothing: undefined },
    ];
    const found = unpack(pack({ rows, at: 12 }));
    const [first, second] = (found?.rows ?? []) as (typeof rows)[number][];
    expect([found?.at, found?.rows.length]).toEqual([12, 2]);
    expect(types.isDate(first?.day) && types.isDate(second?.day)).toBe(true);
    expect([Number(first?.day), Number(second?.day)]).toEqual([7, Number.NaN]);
    expect(Buffer.isBuffer(first?.bytes)).toBe(true);
    expect({ ...first, day: 0 }).toEqual({ ...rows[0], day: 0 });
    expect({ ...second, day: 0 }).toEqual({ ...rows[1], day: 0 });
    // And once more, now that they come from where a store keeps them.
    expect(pack(found!)).toBeDefined();
  });

  it('takes no rows with values that would come back as something else', () => {
    class Interval {
      days = 1;
    }
    for (const value of [new Interval(), () => 1, Symbol('s'), [new Interval()], new (class extends Date {})()])
      expect(pack({ rows: [{ value }], at: 1 })).toBeUndefined();
  });

  it.each([
    ['nothing', undefined],
    ['another type', 7],
    ['another version', `hotline2:${serialize({ rows: [], at: 1 }).toString('base64')}`],
    ['something else of ours', `hotline1:${serialize({ rows: 'none' }).toString('base64')}`],
    ['a broken entry', 'hotline1:AAAA'],
    ...[
      ['rows that are none', { rows: ['Milo'], at: 1 }],
      ['a row that is an array', { rows: [[1]], at: 1 }],
      ['a row that is a Map', { rows: [new Map([['a', 1]])], at: 1 }],
      ['a value of a class', { rows: [{ a: new Set([1]) }], at: 1 }],
      ['a time that is none', { rows: [], at: Number.NaN }],
      ['a row that contains itself', ((row) => ({ rows: [Object.assign(row, { row })], at: 1 }))({})],
      ['nothing of it', null],
    ].map(([what, value]) => [what as string, `hotline1:${serialize(value).toString('base64')}`] as const),
  ])('takes %s for a miss', (_what, text) => {
    expect(unpack(text)).toBeUndefined();
  });
});

describe('Breaker', () => {
  it('brings what came in time, and nothing of what did not', async () => {
    const breaker = new Breaker({ budget: 20, failures: 3, rest: 1000 });
    expect(await breaker.run(() => Promise.resolve(7))).toBe(7);
    expect(await breaker.run(() => new Promise(() => undefined))).toBeUndefined();
    expect(await breaker.run(() => Promise.reject(new Error('no')))).toBeUndefined();
    expect(
      await breaker.run(() => {
        throw new Error('at once');
      }),
    ).toBeUndefined();
  });

  it('asks nothing after failures in a row, and then one call whether it is back', async () => {
    const breaker = new Breaker({ budget: 1000, failures: 2, rest: 300 });
    let asked = 0;
    const fail = (): Promise<never> => (asked++, Promise.reject(new Error('no')));
    for (let call = 0; call < 10; call++) await breaker.run(fail);
    expect(asked).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 310));
    await Promise.all([breaker.run(fail), breaker.run(fail), breaker.run(fail)]);
    expect(asked).toBe(3);
    await new Promise((resolve) => setTimeout(resolve, 310));
    expect(await breaker.run(() => Promise.resolve(1))).toBe(1);
    expect(await Promise.all([1, 2, 3].map((n) => breaker.run(() => Promise.resolve(n))))).toEqual([1, 2, 3]);
  });

  it('counts failures in a row only', async () => {
    const breaker = new Breaker({ budget: 1000, failures: 2, rest: 1000 });
    let asked = 0;
    for (let call = 0; call < 10; call++)
      await breaker.run(() => (asked++ % 2 ? Promise.resolve() : Promise.reject(new Error('no'))));
    expect(asked).toBe(10);
  });
});
