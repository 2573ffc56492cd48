import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { connection, connection$, defaultConnections, tomlFile, type BaseConnection } from 'hotline';
import {
  closeDefaultConnections,
  memoryKind,
  memorySource,
  type MemoryInstance,
  type MemoryKind,
} from 'hotline/testing';
import { firstValueFrom, VirtualTimeScheduler } from 'rxjs';

describe('the default registry', () => {
  let memory: MemoryKind;
  beforeEach(() => {
    memory = memoryKind({ settings: {} });
  });
  afterEach(() => defaultConnections().close());

  it('is made on first use, with the options of that first use', async () => {
    const hot = defaultConnections({ sources: [memorySource()], types: { memory: memory.Kind } });
    const pets = await connection('pets', { type: 'memory' });
    expect(await firstValueFrom(connection$('pets', { type: 'memory' }))).toBe(pets);
    expect(defaultConnections()).toBe(hot);
  });

  it('keeps its options when a development server evaluates the module that gives them anew', async () => {
    const evaluate = () => defaultConnections({ sources: [memorySource()], types: { memory: memory.Kind } });
    const hot = evaluate();
    const pets = await connection('pets', { type: 'memory' });
    expect(evaluate()).toBe(hot);
    expect(await connection('pets', { type: 'memory' })).toBe(pets);
    expect(memory.opened.length).toBe(1);
  });

  it('says which of its options a development server has edited, since they are not taken', async () => {
    const codes: unknown[] = [];
    const evaluate = (edited: object = {}) =>
      defaultConnections({
        sources: [memorySource(), tomlFile('a.toml', { optional: true })],
        types: { memory: memory.Kind },
        retry: { attempts: 2, minDelay: '1s' },
        scheduler: new VirtualTimeScheduler(),
        ...edited,
      });
    evaluate().events$.subscribe((event) => event.type === 'warning' && codes.push([event.code, event.message]));
    evaluate();
    expect(codes).toEqual([]);
    evaluate({ ttl: '1h', retry: { attempts: 3, minDelay: '1s' }, sources: [memorySource(), tomlFile('b.toml')] });
    expect(codes).toEqual([
      ['options_not_taken', expect.stringMatching(/: sources, retry, ttl of the options differ/)],
    ]);
  });

  it.each([
    ['no object', 5],
    ['null', null],
    ['sources that are none', { sources: 5 }],
    ['a source that is none', { sources: [null] }],
    ['an unknown option', { drainTimeOut: 5 }],
    ['an unknown option of the cache', { queryCache: { maxBytez: 1 } }],
  ])('refuses %s, also where it is there already', (_what, options) => {
    const refused = () => defaultConnections(options as never);
    expect(refused).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
    defaultConnections({ sources: [] });
    expect(refused).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  });

  it('refuses options that come too late', () => {
    defaultConnections();
    expect(() => defaultConnections({ sources: [] })).toThrow(
      expect.objectContaining({ code: 'invalid_argument', message: expect.stringContaining('before the first') }),
    );
  });

  it('steps down when it is closed, however that is done', async () => {
    const first = defaultConnections({ sources: [] });
    await first.close();
    const second = defaultConnections({ sources: [] });
    await second[Symbol.asyncDispose]();
    const third = defaultConnections({ sources: [] });
    expect(new Set([first, second, third]).size).toBe(3);
    await first.close();
    expect(defaultConnections()).toBe(third);
  });

  it('is closed by closeDefaultConnections of hotline/testing, as an afterAll of every test file', async () => {
    defaultConnections({ sources: [memorySource()], types: { memory: memory.Kind } });
    await connection('pets', { type: 'memory' });
    await closeDefaultConnections();
    expect([memory.opened.length, memory.open.length]).toEqual([1, 0]);
    await closeDefaultConnections();
  });

  it('survives that its module is evaluated twice', async () => {
    const hot = defaultConnections({ sources: [memorySource()], types: { memory: memory.Kind } });
    const pets = await connection('pets', { type: 'memory' });
    jest.resetModules();
    const again = await import('hotline');
    expect(again.defaultConnections()).toBe(hot);
    expect(await again.connection('pets', { type: 'memory' })).toBe(pets);
    // A kind of the second copy is no subclass of the first one's BaseConnection, and a kind all the same.
    class SecondConnection extends again.BaseConnection<number> {
      static override readonly settings = {};
      protected connect(): number {
        return 2;
      }
    }
    const second = await connection('second', {
      type: SecondConnection,
    });
    expect(await second.use((raw) => raw)).toBe(2);
  });

  it('a reloaded class of the same name replaces the old one, once (2.F 103)', async () => {
    defaultConnections({ sources: [memorySource()] });
    const evaluate = (): MemoryKind => memoryKind({ name: 'PetsConnection', settings: {} });
    const [before, after] = [evaluate(), evaluate()];
    const open = (kind: MemoryKind): Promise<BaseConnection<MemoryInstance>> => connection('pets', { type: kind.Kind });
    const old = await open(before);
    const fresh = await open(after);
    await new Promise((done) => setTimeout(done, 20));
    expect([before.open.length, after.open.length, fresh === old]).toEqual([0, 1, false]);
    // Code that still holds the old class is led to the new one, and the old handle says what to do.
    expect(await open(before)).toBe(fresh);
    await expect(old.use(() => 1)).rejects.toMatchObject({
      code: 'kind_changed',
      message: expect.stringMatching(/reloaded.*anew/),
    });
    expect([before.opened.length, after.opened.length]).toEqual([1, 1]);
  });

  it('a reloaded class takes over from the subscribers of the old one: they keep their last value', async () => {
    defaultConnections({ sources: [memorySource()] });
    const kinds = [memoryKind({ name: 'Same', settings: {} }), memoryKind({ name: 'Same', settings: {} })];
    const seen: string[] = [];
    connection$('pets', { type: kinds[0]!.Kind }).subscribe({
      next: () => seen.push('value'),
      error: () => seen.push('error'),
    });
    await new Promise((done) => setTimeout(done, 20));
    await connection('pets', { type: kinds[1]!.Kind });
    expect(seen).toEqual(['value']);
  });
});
