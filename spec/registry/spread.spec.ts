import { afterEach, describe, expect, it } from '@jest/globals';
import { createConnections, type ConnectionRegistry } from 'hotline';
import { memoryKind, memorySource } from 'hotline/testing';
import { spreadOffset, processName } from '../../src/registry/registry.ts';

describe('spreadOffset', () => {
  it('is always the same, and another one for another process or connection', () => {
    expect(spreadOffset('web-1', 'pets')).toBe(spreadOffset('web-1', 'pets'));
    expect(
      new Set([spreadOffset('web-1', 'pets'), spreadOffset('web-2', 'pets'), spreadOffset('web-1', 'toys')]).size,
    ).toBe(3);
    expect(processName()).toContain(String(process.pid));
  });

  it('spreads a fleet evenly', () => {
    const quarters = [0, 0, 0, 0];
    for (let n = 0; n < 1000; n++) quarters[Math.floor(4 * spreadOffset(`web-${n}`, 'pets'))]!++;
    for (const count of quarters) expect(count).toBeGreaterThan(200);
  });
});

describe('spread', () => {
  const registries: ConnectionRegistry[] = [];
  afterEach(() => Promise.all(registries.splice(0).map((hot) => hot.close())));

  function stage(spread: '0s' | '200ms' | '1h', overlap = true) {
    const memory = memoryKind({ overlap });
    const source = memorySource({ connections: { pets: { size: 1 } } });
    const hot = createConnections({ sources: [source], spread, instance: 'web-1', types: { memory: memory.Kind } });
    registries.push(hot);
    const open = () => hot.connection('pets', { type: 'memory' });
    return { memory, source, hot, open };
  }

  const turn = () => new Promise((resolve) => setTimeout(resolve, 20));

  it('lets a replacement wait for its turn while the old instance serves, and a first opening not', async () => {
    const { memory, source, open } = stage('1h');
    const pets = await open();
    pets.status$.subscribe();
    source.section('pets', { size: 2 });
    await turn();
    expect(memory.log).toEqual(['connect 1', 'check 1']);
    expect(await pets.use((raw) => (raw as { number: number }).number)).toBe(1);
  });

  it('opens the last of the changes that came meanwhile, at the turn of the first', async () => {
    const { memory, source, hot, open } = stage('200ms');
    await open();
    const openings: number[] = [];
    hot.events$.subscribe(({ type, at }) => type === 'instance.opening' && openings.push(at));
    const began = Date.now();
    const due = began + 200 * spreadOffset('web-1', (await open()).id);
    for (let size = 2; size < 12; size++) source.section('pets', { size });
    while (memory.opened.length < 2) await turn();
    await turn();
    expect(memory.opened.map(({ config }) => config['size'])).toEqual([1, 11]);
    expect(openings.length).toBe(1);
    expect(openings[0]).toBeGreaterThanOrEqual(Math.floor(due) - 1);
  });

  it('waits no longer once the old instance is gone, and not at all for a reset', async () => {
    const { memory, source, open } = stage('1h');
    const pets = await open();
    source.section('pets', { size: 2 });
    await turn();
    await pets.reset();
    await pets.use(() => undefined);
    expect(memory.opened.map(({ config }) => config['size'])).toEqual([1, 2]);
  });

  it('does nothing where two instances cannot live side by side, or nobody asked for it', async () => {
    for (const { memory, source, open } of [stage('1h', false), stage('0s')]) {
      await open();
      source.section('pets', { size: 2 });
      while (memory.opened.length < 2) await turn();
      expect(memory.opened[1]?.config['size']).toBe(2);
    }
  });

  it('refuses a window without an end', () => {
    expect(() => createConnections({ spread: Infinity })).toThrow(expect.objectContaining({ code: 'invalid_policy' }));
  });
});
