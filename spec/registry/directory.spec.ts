import { afterEach, describe, expect, it } from '@jest/globals';
import { settled } from './support/clock.ts';
import { codeOf, stage, type Stage } from './support/stage.ts';

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
