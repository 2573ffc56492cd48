import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createConnections, type ConnectionRegistry, type SourceStatus } from 'hotline';
import { memoryKind, memorySource, type MemoryKind } from 'hotline/testing';
import { firstValueFrom } from 'rxjs';
import { observed } from '../../src/testing/observed.ts';
import { waiting } from '../../src/testing/source-words.ts';

describe('memoryKind', () => {
  let memory: MemoryKind;
  let hot: ConnectionRegistry;

  beforeEach(() => {
    memory = memoryKind();
    const source = memorySource({ connections: { pets: { size: 1 } } });
    hot = createConnections({ sources: [source], retry: { attempts: 1 }, closeTimeout: 50 });
  });
  afterEach(() => hot.close());

  it('writes down what is opened, checked, retired and closed', async () => {
    const pets = await hot.connection('pets', { type: memory.Kind });
    expect(memory.open).toEqual([{ number: 1, config: expect.objectContaining({ size: 1 }), closed: false }]);
    await pets.reset();
    await hot.close();
    expect(memory.log).toEqual(['connect 1', 'check 1', 'retire 1', 'disconnect 1']);
    expect(memory.opened).toHaveLength(1);
    expect(memory.open).toEqual([]);
  });

  it('fails as often as it is told, with the category of the error', async () => {
    memory.failNext(Object.assign(new Error('password refused'), { category: 'auth' }));
    memory.failNext(undefined, 2);
    const codes: unknown[] = [];
    for (let i = 0; i < 4; i++)
      await hot.connection('pets', { type: memory.Kind }).then(
        () => codes.push('open'),
        (error: { code: string }) => codes.push(error.code),
      );
    expect(codes).toEqual(['auth_failed', 'open_failed', 'open_failed', 'open']);
  });

  it('hangs until it is let go on', async () => {
    const release = memory.hang();
    let there = false;
    const opening = hot.connection('pets', { type: memory.Kind }).then(() => (there = true));
    await new Promise((done) => setTimeout(done, 10));
    expect([there, memory.log]).toEqual([false, ['connect 1']]);
    release();
    await opening;
    expect(memory.open).toHaveLength(1);
  });

  it('stops when its signal fires, unless it ignores that', async () => {
    memory.hang();
    const given = hot.connection('pets', { type: memory.Kind, openTimeout: 5 });
    await expect(given).rejects.toMatchObject({ code: 'open_timeout' });
    expect(memory.log).toEqual(['connect 1', 'abort 1']);

    memory.ignoreAbort = true;
    const release = memory.hang();
    const again = hot.connection('pets', { type: memory.Kind });
    await expect(again).rejects.toMatchObject({ code: 'open_timeout' });
    release();
    await hot.close();
    expect(memory.log.slice(2)).toEqual(['connect 2', 'abort 2', 'disconnect 2']);
  });

  it.each(['throws', 'hangs'] as const)('disconnects as it is told: %s', async (how) => {
    memory.disconnects = how;
    const said: unknown[] = [];
    hot.events$.subscribe((event) => event.type === 'instance.closed' && said.push(event.error?.code));
    await hot.connection('pets', { type: memory.Kind });
    await hot.close();
    expect(said).toEqual(['close_failed']);
  });

  it('is unwell when its check throws', async () => {
    memory.checkError = new Error('no answer');
    await expect(hot.connection('pets', { type: memory.Kind })).rejects.toThrow(/no answer/);
    await hot.close();
    expect(memory.open).toEqual([]);
  });

  it('is named, has settings and cannot overlap where somebody says so', async () => {
    const { Kind } = memoryKind({ name: 'ClockConnection', overlap: false, settings: { zone: { public: true } } });
    expect([Kind.name, Kind.overlap, Kind.settings]).toEqual(['ClockConnection', false, { zone: { public: true } }]);
    const clock = await hot.connection('clock', { type: Kind, zone: 'UTC' });
    expect(clock.describe()).toMatchObject({ kind: 'ClockConnection', settings: [{ path: 'zone', value: 'UTC' }] });
  });

  it('takes its time', async () => {
    memory.delay = 30;
    const opening = hot.connection('pets', { type: memory.Kind });
    await new Promise((done) => setImmediate(done));
    expect(memory.opened).toEqual([]);
    await opening;
    expect(memory.opened).toHaveLength(1);
  });
});

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

describe('observed', () => {
  it('is the same kind, with a record of what it was asked', async () => {
    const memory = memoryKind({ name: 'Clock', overlap: false });
    const spy = observed(memory.Kind);
    expect([spy.Kind.name, spy.Kind.overlap]).toEqual(['Clock', false]);

    const hot = createConnections({ sources: [] });
    const clock = await hot.connection('clock', { type: spy.Kind, zone: 'UTC' });
    await hot.close();
    expect(spy.calls.map(({ hook }) => hook)).toEqual(['connect', 'opened', 'disconnect', 'disconnected']);
    expect(spy.of('connect')[0]?.config['zone']).toBe('UTC');
    expect(spy.of('disconnected')[0]?.raw).toBe(memory.opened[0]);
    expect(spy.classify(clock, { category: 'auth' })).toBe('auth');
  });
});

describe('waiting', () => {
  it('says what a source did not say in time', async () => {
    const { first, until } = waiting(20);
    const source = memorySource({ connections: { subject: { word: 'one' } } });
    source.missing();
    await expect(first(source)).rejects.toThrow('The source did not say so in 20 ms: that it is loaded.');
    const hot = createConnections({ sources: [source] });
    await expect(until(hot, 'two')).rejects.toThrow('two');
    await hot.close();
  });
});
