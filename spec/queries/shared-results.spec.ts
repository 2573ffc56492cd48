import { EventEmitter } from 'node:events';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { sharedResults, type KeyValueStore } from '../../src/queries/shared-results.ts';

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

  it('refuses a budget that is no duration', () => {
    expect(() => sharedResults(mapStore(), { budget: 'soon' as never })).toThrow(
      expect.objectContaining({ code: 'invalid_policy' }),
    );
  });
});
