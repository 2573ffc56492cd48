import { afterEach, describe, expect, it } from '@jest/globals';
import { memoryKind, memorySource } from 'hotline/testing';
import { firstValueFrom } from 'rxjs';
import { createConnections, inline, type ConnectionRegistry } from '../../src/index.ts';
import { Capacity } from '../../src/registry/capacity.ts';
import { Reloads } from '../../src/registry/reloads.ts';
import { runPackageInChild } from '../support/child.ts';
import { settled } from './support/clock.ts';
import { codeOf, stage, type Stage } from './support/stage.ts';
import { deepIt } from '../support/depth.ts';

describe('directory', () => {
  let on: Stage;
  afterEach(() => on.hot.close());

  describe('who is who', () => {
    it('a forgotten identity comes back as another entry, and its old handle leads there', async () => {
      on = stage({ a: { type: 'memory' }, b: { type: 'memory' } }, { maxEntries: 1 });
      const kept = await on.hot.connection('a');
      await on.hot.connection('b');
      const fresh = await on.hot.connection('a');
      expect(fresh).not.toBe(kept);
      expect([fresh.id, kept.id]).toEqual(['a', 'a']);
      const numbers = [fresh, kept].map((handle) => handle.use((raw) => (raw as { number: number }).number));
      expect(new Set(await Promise.all(numbers)).size).toBe(1);
      await settled();
      expect(on.memory.open).toHaveLength(1);
    });

    it('a class that is said once is no longer inferred: the section may say what it wants', async () => {
      on = stage({ pets: { type: 'memory', size: 1 } });
      const handle = await on.hot.connection('pets');
      expect(await on.hot.connection('pets', { type: on.memory.Kind })).toBe(handle);
      on.source.section('pets', { type: 'sql', size: 2 });
      await settled();
      expect(await handle.use((raw) => (raw as { config: { size: number } }).config.size)).toBe(2);
    });

    it('a section that is broken under a live connection is one warning; one that is gone ends it', async () => {
      on = stage();
      const handle = await on.hot.connection('pets');
      on.source.set({ connections: { pets: 'text' } });
      await settled();
      expect(await codeOf(handle.use(() => 1))).toBe('resolved');
      on.source.set({ connections: { cats: {} } });
      await on.clock.pass(100);
      await new Promise((done) => setTimeout(done, 100));
      expect(await codeOf(handle.use(() => 1))).toBe('missing_config');
      expect(on.told('instance.retired')).toEqual(['instance.retired 1 removed']);
    });
  });
});

describe('unknown names', () => {
  let hot: ConnectionRegistry;
  afterEach(() => hot?.close());

  const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `unknown-${index}`);
  const listed = async (): Promise<string[]> => (await firstValueFrom(hot.connections$)).map(({ name }) => name);

  describe('names that cannot be resolved', () => {
    it.each<[string, (name: string) => unknown]>([
      ['connection()', (name) => hot.connection(name, { type: 'memory' }).catch(() => undefined)],
      [
        'connection() with maxEntries',
        (name) => hot.connection(name, { type: 'memory', maxEntries: 1 }).catch(() => 1),
      ],
      ['connection$()', (name) => hot.connection$(name, { type: 'memory' }).subscribe({ error: () => undefined })],
      ['status$()', (name) => hot.status$(name, { type: 'memory' }).subscribe().unsubscribe()],
      ['stats()', (name) => hot.stats(name, { type: 'memory' })],
      ['a type that nobody knows', (name) => hot.connection(name, { type: 'nope' }).catch(() => undefined)],
      ['no type at all', (name) => hot.connection(name).catch(() => undefined)],
      ['a variable', (name) => hot.connection(`env:HOTLINE_${name}`).catch(() => undefined)],
    ])('are forgotten: %s', async (_, ask) => {
      hot = createConnections({ sources: [inline({ other: 1 })], types: { memory: memoryKind().Kind } });
      for (const name of names(2000)) await ask(name);
      expect((await listed()).length).toBeLessThanOrEqual(256);
    });

    it('are kept for as long as somebody waits for them, and come back when they are known', async () => {
      const source = memorySource({ other: 1 });
      const policies = { retry: { attempts: Infinity } };
      hot = createConnections({ sources: [source], types: { memory: memoryKind().Kind }, ...policies });
      const seen: string[] = [];
      hot.connection$('wanted', { type: 'memory' }).subscribe(({ name }) => seen.push(name));
      for (const name of names(1000)) hot.stats(name, { type: 'memory' });
      expect(await listed()).toContain('wanted');
      source.set({ connections: { wanted: { size: 1 }, 'unknown-3': { size: 1 } } });
      await hot.reload();
      await hot.connection('unknown-3', { type: 'memory' });
      await hot.connection('wanted', { type: 'memory' });
      expect(seen).toEqual(['wanted']);
    });

    it('a connection whose section is gone is still listed', async () => {
      const source = memorySource({ connections: { pets: { type: 'memory' } } });
      hot = createConnections({ sources: [source], types: { memory: memoryKind().Kind } });
      await hot.connection('pets');
      source.set({ connections: {} });
      await hot.reload();
      for (const name of names(1000)) hot.stats(name, { type: 'memory' });
      expect(await listed()).toContain('pets');
    });

    deepIt(
      'do not grow the heap',
      async () => {
        const { stdout } = await runPackageInChild(
          `require('node:v8').setFlagsFromString('--expose-gc');
       const gc = require('node:vm').runInNewContext('gc');
       const { createConnections, inline, SqlConnection } = require('hotline');
       const hot = createConnections({ sources: [inline({ other: 1 })] });
       const ask = async (from, to) => {
         for (let i = from; i < to; i++) await hot.connection('name-' + i, { type: SqlConnection }).catch(() => undefined);
         gc(); await new Promise((resolve) => setTimeout(resolve, 50)); gc();
         return process.memoryUsage().heapUsed / 2 ** 20;
       };
       await ask(0, 2000);
       const before = await ask(2000, 4000);
       console.log((await ask(4000, 34000)) - before < 10);`,
          60_000,
        );
        expect(stdout).toBe('true\n');
      },
      60_000,
    );
  });
});

describe('capacity', () => {
  interface Kept {
    readonly name: string;
    inUse: boolean;
  }

  function kept(limit: number): {
    readonly capacity: Capacity<Kept>;
    readonly evicted: string[];
    entry(name: string, inUse?: boolean): Kept;
  } {
    const evicted: string[] = [];
    return {
      capacity: new Capacity<Kept>(limit, ({ name }) => evicted.push(name)),
      evicted,
      entry: (name, inUse = false) => ({ name, inUse }),
    };
  }

  describe('Capacity', () => {
    it('evicts the least recently used that nobody uses', () => {
      const { capacity, evicted, entry } = kept(2);
      const [a, b, c, d] = [entry('a'), entry('b'), entry('c', true), entry('d')];
      for (const one of [a, b, a, c, d]) capacity.touch(one);
      expect(evicted).toEqual(['b', 'a']);
    });

    it('keeps the newcomer, and lets the excess go when its last user leaves', () => {
      const { capacity, evicted, entry } = kept(1);
      const [a, b] = [entry('a', true), entry('b', true)];
      capacity.touch(a);
      capacity.touch(b);
      expect([evicted, capacity.over]).toEqual([[], true]);
      a.inUse = false;
      capacity.left(a);
      expect([evicted, capacity.over]).toEqual([['a'], false]);
      b.inUse = false;
      capacity.left(b);
      expect(evicted).toEqual(['a']);
    });

    it('does not count what was deleted, and counts nothing without a limit', () => {
      const { capacity, evicted, entry } = kept(1);
      const a = entry('a');
      capacity.touch(a);
      capacity.delete(a);
      capacity.touch(entry('b'));
      expect(evicted).toEqual([]);
      const unbounded = kept(Infinity);
      for (const name of 'abc') unbounded.capacity.touch(entry(name));
      expect([unbounded.evicted, unbounded.capacity.over]).toEqual([[], false]);
    });

    it('may be told of a new one while it evicts', () => {
      const entry = (name: string): Kept => ({ name, inUse: false });
      const evicted: string[] = [];
      const capacity: Capacity<Kept> = new Capacity<Kept>(1, ({ name }) => {
        evicted.push(name);
        if (name === 'a') capacity.touch(entry('c'));
      });
      capacity.touch(entry('a'));
      capacity.touch(entry('b'));
      expect(evicted).toEqual(['a', 'b']);
      expect(capacity.over).toBe(false);
    });
  });
});

describe('reloads', () => {
  const named = (name: string): ReturnType<typeof memoryKind>['Kind'] => memoryKind({ name }).Kind;

  describe('Reloads', () => {
    it('the newer class of a name replaces the older one, once', () => {
      const reloads = new Reloads();
      const [first, second, third] = [named('Pets'), named('Pets'), named('Pets')];
      expect(reloads.latest('a', '', first)).toEqual({ Kind: first, replaces: [] });
      expect(reloads.latest('a', '', second)).toEqual({ Kind: second, replaces: [first] });
      expect(reloads.latest('a', '', first)).toEqual({ Kind: second, replaces: [] });
      expect(reloads.latest('a', '', third)).toEqual({ Kind: third, replaces: [second] });
    });

    it('classes of other names, connections and params are nobody’s business', () => {
      const reloads = new Reloads();
      const [a, b] = [named('Pets'), named('Cats')];
      for (const [name, params, Kind] of [
        ['x', '', a],
        ['x', '', b],
        ['y', '', named('Pets')],
        ['x', '1', named('Pets')],
      ] as const)
        expect(reloads.latest(name, params, Kind).replaces).toEqual([]);
    });

    it('forgets with the connection of the latest class, and not with that of an older one', () => {
      const reloads = new Reloads();
      const [first, second] = [named('Pets'), named('Pets')];
      reloads.latest('a', '', first);
      reloads.latest('a', '', second);
      reloads.forget('a', '', first);
      expect(reloads.latest('a', '', first).Kind).toBe(second);
      reloads.forget('a', '', second);
      expect(reloads.latest('a', '', first)).toEqual({ Kind: first, replaces: [] });
    });
  });
});
