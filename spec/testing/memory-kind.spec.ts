import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createConnections, type ConnectionRegistry } from 'hotline';
import { memoryKind, memorySource, type MemoryKind } from 'hotline/testing';

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
