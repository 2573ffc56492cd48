import { afterEach, describe, expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { createConnections, inline, type ConnectionRegistry } from '../../src/index.ts';
import { memoryKind, memorySource } from '../../src/testing/index.ts';
import { runPackageInChild } from '../support/child.ts';

let hot: ConnectionRegistry;
afterEach(() => hot?.close());

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `unknown-${index}`);
const listed = async (): Promise<string[]> => (await firstValueFrom(hot.connections$)).map(({ name }) => name);

describe('names that cannot be resolved', () => {
  it.each<[string, (name: string) => unknown]>([
    ['connection()', (name) => hot.connection(name, { type: 'memory' }).catch(() => undefined)],
    ['connection() with maxEntries', (name) => hot.connection(name, { type: 'memory', maxEntries: 1 }).catch(() => 1)],
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

  it('do not grow the heap', async () => {
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
  }, 60_000);
});
