import { afterEach, describe, expect, it } from '@jest/globals';
import type { BaseConnection } from 'hotline';
import type { MemoryInstance } from 'hotline/testing';
import { settled } from './support/clock.ts';
import { codeOf, stage, type Stage } from './support/stage.ts';

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
