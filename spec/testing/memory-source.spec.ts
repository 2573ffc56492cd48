import { afterEach, describe, expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { createConnections, type ConnectionRegistry, type SourceStatus } from 'hotline';
import { memorySource } from 'hotline/testing';

describe('memorySource', () => {
  let hot: ConnectionRegistry;
  afterEach(() => hot.close());

  async function read(): Promise<unknown> {
    await hot.reload();
    return (await firstValueFrom(hot.secrets$)).reveal();
  }

  it('says what it is told', async () => {
    const source = memorySource({ key: 'a' });
    hot = createConnections({ sources: [source] });
    expect(await read()).toEqual({ key: 'a' });
    source.set({ key: 'b' });
    expect(await read()).toEqual({ key: 'b' });
  });

  it('sets and removes one section, and leaves the others', async () => {
    const source = memorySource({ connections: { cats: { size: 1 } } });
    hot = createConnections({ sources: [source] });
    source.section('dogs', { size: 2 });
    expect(await read()).toEqual({ connections: { cats: { size: 1 }, dogs: { size: 2 } } });
    source.remove('cats');
    expect(await read()).toEqual({ connections: { dogs: { size: 2 } } });
  });

  it('can be bad or missing: what was good stays in use', async () => {
    const source = memorySource({ key: 'a' }, { label: 'vault', trust: 'remote' });
    hot = createConnections({ sources: [source] });
    const seen: SourceStatus[] = [];
    hot.sources$.subscribe(([status]) => seen.push(status!));
    source.fail('vault: sealed');
    await hot.reload();
    source.missing();
    expect(await read()).toEqual({ key: 'a' });
    expect(seen.map(({ label, state, trust, error }) => [label, state, trust, error?.code])).toEqual([
      ['vault', 'loaded', 'remote', undefined],
      ['vault', 'failed', 'remote', 'source_invalid'],
      ['vault', 'missing', 'remote', 'source_missing'],
    ]);
  });

  it('counts how often it was looked at', async () => {
    const source = memorySource();
    hot = createConnections({ sources: [source] });
    await hot.reload();
    await hot.reload();
    expect(source.looks).toBe(2);
  });
});
