import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, describe, expect, it } from '@jest/globals';
import { firstValueFrom, take } from 'rxjs';
import type { BaseConnection, ConnectionStatus, ListedConnection } from 'hotline';
import { memorySource, type MemoryInstance } from 'hotline/testing';
import { createConnections } from 'hotline';
import { settled } from './support/clock.ts';
import { codeOf, stage, type Stage } from './support/stage.ts';

let on: Stage;
afterEach(async () => {
  const closed = on.hot.close();
  await on.clock.pass(60_000);
  await closed;
  expect(on.memory.open).toEqual([]);
  expect(on.clock.timers).toBe(0);
});

const pets = (): Promise<BaseConnection<MemoryInstance>> => on.hot.connection('pets') as never;
const number = (connection: BaseConnection<MemoryInstance>): Promise<number> => connection.use((raw) => raw.number);

describe('promise 1: one open', () => {
  it('any number of concurrent callers cause one open, and share its success', async () => {
    on = stage();
    const streamed: unknown[] = [];
    on.hot.connection$('pets').subscribe((handle) => streamed.push(handle));
    const handles = await Promise.all(Array.from({ length: 50 }, pets));
    expect(new Set([...handles, ...streamed]).size).toBe(1);
    expect(on.memory.log).toEqual(['connect 1', 'check 1']);
  });

  it('they share its failure', async () => {
    on = stage(undefined, { retry: { attempts: 1 } });
    on.memory.failNext();
    const codes = await Promise.all(Array.from({ length: 50 }, () => codeOf(pets())));
    expect(new Set(codes)).toEqual(new Set(['open_failed']));
    expect(on.memory.log).toEqual(['connect 1', 'fail 1']);
  });

  it('the first caller takes its signal away with it, and not the open', async () => {
    on = stage();
    const release = on.memory.hang();
    const stop = new AbortController();
    const first = on.hot.connection('pets', { signal: stop.signal });
    const second = pets();
    await settled();
    stop.abort();
    expect(await codeOf(first)).toBe('cancelled');
    release();
    expect(await number(await second)).toBe(1);
    expect(on.memory.log).toEqual(['connect 1', 'check 1']);
  });

  it('a signal that has fired already is refused, also where an instance serves', async () => {
    on = stage();
    await on.hot.connection('pets');
    expect(await codeOf(on.hot.connection('pets', { signal: AbortSignal.abort() }))).toBe('cancelled');
    await on.hot.close();
  });

  it('the open sees nothing of the first caller in its async context', async () => {
    const seen: unknown[] = [];
    const context = new AsyncLocalStorage<string>();
    on = stage();
    const { Kind } = on.memory;
    class Looking extends (Kind as unknown as new (leases: never) => BaseConnection<MemoryInstance>) {
      protected override connect(config: never, options: never): Promise<MemoryInstance> {
        seen.push(context.getStore());
        return Kind.prototype['connect'].call(this, config, options) as Promise<MemoryInstance>;
      }
      protected override check(): void {
        seen.push(context.getStore());
      }
    }
    const mine = await context.run('request 1', async () => {
      await on.hot.connection('pets', { type: Looking as never });
      return context.getStore();
    });
    expect([mine, ...seen]).toEqual(['request 1', undefined, undefined]);
  });
});

describe('promise 2: a failure is never cached', () => {
  it('the next caller tries again', async () => {
    on = stage(undefined, { retry: { attempts: 1 } });
    on.memory.failNext(undefined, 2);
    expect(await codeOf(pets())).toBe('open_failed');
    expect(await codeOf(pets())).toBe('open_failed');
    expect(await number(await pets())).toBe(3);
  });

  it('one call makes a round of attempts, which back off', async () => {
    on = stage(undefined, { retry: { attempts: 3, minDelay: 100, jitter: 'none' } });
    on.memory.failNext(undefined, 3);
    const code = codeOf(pets());
    await on.clock.pass(99);
    expect(on.memory.log).toEqual(['connect 1', 'fail 1']);
    await on.clock.pass(1 + 200);
    expect(await code).toBe('open_failed');
    expect(on.memory.log).toHaveLength(6);
    expect(on.told('instance.failed')).toHaveLength(3);
  });
});

describe('promise 3: leases are sacred', () => {
  it('nothing closes an instance under a lease before drainTimeout; then its promise rejects, whether or not it listens', async () => {
    on = stage(undefined, { drainTimeout: 1_000 });
    const connection = await pets();
    let signal: AbortSignal | undefined;
    const deaf = connection.use((_raw, context) => {
      signal = context.signal;
      return new Promise(() => undefined);
    });
    const code = codeOf(deaf);
    on.source.section('pets', { type: 'memory', size: 2 });
    await on.clock.pass(999);
    expect([on.memory.open.length, signal?.aborted]).toEqual([2, false]);
    await on.clock.pass(1);
    expect(await code).toBe('lease_aborted');
    expect(signal?.aborted).toBe(true);
    expect(on.memory.open.map((instance) => instance.number)).toEqual([2]);
    expect(on.told('lease.aborted')).toEqual(['lease.aborted 1 lease_aborted']);
    expect(on.events.find(({ type }) => type === 'lease.aborted')).toMatchObject({ error: { connection: 'pets' } });
  });

  it('cutLeases ends them at once: of one instance that drains, or of all of them and the one that serves', async () => {
    on = stage();
    const connection = await pets();
    const never = () => connection.use(() => new Promise(() => undefined)).catch((error: Error) => error);
    const [first, second] = [never(), (await connection.reset(), await pets(), never())];
    const third = (await connection.reset(), await pets(), never());
    await connection.cutLeases(2);
    expect(await second).toMatchObject({ code: 'lease_aborted', message: expect.stringContaining('(cutLeases)') });
    expect(connection.stats()).toMatchObject({ leases: 1, draining: [{ generation: 1, leases: 1 }] });
    await connection.cutLeases(9);
    await connection.cutLeases();
    expect(await Promise.all([first, third])).toMatchObject([{ code: 'lease_aborted' }, { code: 'lease_aborted' }]);
    await on.clock.pass(1);
    expect(on.memory.open).toEqual([]);
    await connection.use(() => undefined);
    expect(on.memory.open.map(({ number }) => number)).toEqual([4]);
  });

  it('who waits for an instance is counted', async () => {
    on = stage();
    on.memory.failNext(new Error('no'));
    const waiting = [pets(), pets()];
    await on.clock.pass(1);
    expect(on.hot.stats('pets')).toMatchObject({ waiting: 2, subscribers: 2 });
    await on.clock.pass(10_000);
    await Promise.all(waiting);
    expect(on.hot.stats('pets')).not.toHaveProperty('waiting');
  });
});

describe('promise 4: make before break', () => {
  it('the old one serves until the new one is connected and checked; newcomers move in one step', async () => {
    on = stage();
    const handles: unknown[] = [];
    on.hot.connection$('pets').subscribe((handle) => handles.push(handle));
    const connection = await pets();
    const release = on.memory.hang();
    on.source.section('pets', { type: 'memory', size: 2 });
    await settled();
    expect(await number(connection)).toBe(1);
    release();
    await settled();
    expect(await number(connection)).toBe(2);
    expect(on.memory.log).toEqual(['connect 1', 'check 1', 'connect 2', 'check 2', 'retire 1', 'disconnect 1']);
    expect(handles).toEqual([connection, connection]);
  });

  it('when the new one fails the old one stays, the status is degraded, and it is tried again', async () => {
    on = stage(undefined, { retry: { minDelay: 100, jitter: 'none' } });
    const connection = await pets();
    const states: ConnectionStatus[] = [];
    on.hot.status$('pets').subscribe((status) => states.push(status));
    on.memory.failNext();
    on.source.section('pets', { type: 'memory', size: 2 });
    await settled();
    expect(await number(connection)).toBe(1);
    expect(states.at(-1)).toMatchObject({ state: 'degraded', generation: 1, nextRetryAt: on.clock.now() + 100 });
    expect(states.at(-1)?.error).toMatchObject({ code: 'open_failed', connection: 'pets' });
    await on.clock.pass(100);
    expect(await number(connection)).toBe(3);
    expect(states.map(({ state }) => state)).toEqual(['ready', 'replacing', 'degraded', 'ready']);
  });

  it('only the connections whose effective config changed react', async () => {
    on = stage({ pets: { type: 'memory', size: 1 }, cats: { type: 'memory', size: 1 } });
    await Promise.all([pets(), on.hot.connection('cats')]);
    on.source.section('cats', { size: 1, type: 'memory' });
    on.source.section('pets', { type: 'memory', size: 2 });
    await settled();
    expect(on.told('config.changed', 'instance.ready').slice(2)).toEqual(['config.changed', 'instance.ready 2']);
    expect(on.events.filter(({ type }) => type === 'config.changed')).toMatchObject([
      { id: 'pets', connection: 'pets' },
    ]);
  });

  it('a setting that a param overrides changes nothing', async () => {
    on = stage();
    await on.hot.connection('pets', { size: 7 });
    on.source.section('pets', { type: 'memory', size: 2 });
    await settled();
    expect(on.memory.log).toEqual(['connect 1', 'check 1']);
  });
});

describe('promise 5: ttl', () => {
  it('counts from opening, is not extended by use, and ends by a timer', async () => {
    on = stage({ pets: { type: 'memory', ttl: '10s' } });
    const connection = await pets();
    await on.clock.pass(9_999);
    expect(await number(connection)).toBe(1);
    await on.clock.pass(1);
    expect(on.memory.open).toEqual([]);
    expect(on.told('instance.retired')).toEqual(['instance.retired 1 expired']);
    expect(await number(connection)).toBe(2);
  });

  it('with interest the next one is made before it', async () => {
    on = stage({ pets: { type: 'memory', ttl: '10s' } });
    on.hot.connection$('pets').subscribe();
    await on.clock.pass(10_000);
    expect(on.memory.log.slice(2)).toEqual(['connect 2', 'check 2', 'retire 1', 'disconnect 1']);
  });

  it('may be longer than a timer of the platform can hold', async () => {
    on = stage({ pets: { type: 'memory', ttl: '30d' } });
    await pets();
    await on.clock.pass(30 * 86_400_000 - 1);
    expect(on.memory.open).toHaveLength(1);
    await on.clock.pass(1);
    expect(on.memory.open).toEqual([]);
  });
});

describe('promise 7: reset()', () => {
  it('never leaks, and opens anew only where there is interest', async () => {
    on = stage();
    const connection = await pets();
    await connection.reset();
    await settled();
    expect(on.memory.log).toEqual(['connect 1', 'check 1', 'retire 1', 'disconnect 1']);
    on.hot.connection$('pets').subscribe();
    await settled();
    await connection.reset();
    await settled();
    expect(on.memory.log.slice(4)).toEqual(
      ['connect 2', 'check 2', 'retire 2', 'disconnect 2', 'connect 3', 'check 3'].sort(byLog(on)),
    );
  });

  it('five accesses after a reset open once (2.G 116)', async () => {
    on = stage();
    const connection = await pets();
    await connection.reset();
    expect(await Promise.all(Array.from({ length: 5 }, () => number(connection)))).toEqual([2, 2, 2, 2, 2]);
  });

  it('does nothing where nothing is open', async () => {
    on = stage();
    const connection = await pets();
    await connection.reset();
    await connection.reset();
    expect(on.told('instance.retired')).toEqual(['instance.retired 1 reset']);
  });
});

/** What happened, in the order in which it did. */
function byLog({ memory }: Stage): (a: string, b: string) => number {
  return (a, b) => memory.log.indexOf(a) - memory.log.indexOf(b);
}

describe('promise 8: close()', () => {
  it('refuses newcomers, completes streams, drains and closes', async () => {
    on = stage();
    const connection = await pets();
    const ended: string[] = [];
    on.hot.connection$('pets').subscribe({ complete: () => ended.push('connection$') });
    on.hot.status$('pets').subscribe({ complete: () => ended.push('status$') });
    on.hot.connections$.subscribe({ complete: () => ended.push('connections$') });
    on.hot.secrets$.subscribe({ complete: () => ended.push('secrets$') });
    on.hot.sources$.subscribe({ complete: () => ended.push('sources$') });
    on.hot.events$.subscribe({ complete: () => ended.push('events$') });
    let release = (): void => undefined;
    const working = connection.use((raw) => new Promise((resolve) => (release = () => resolve(raw.number))));
    const closed = on.hot.close().then(() => ended.push('close()'));
    await settled();
    expect(await codeOf(connection.use(() => 1))).toBe('closed');
    expect(await codeOf(pets())).toBe('closed');
    expect(await codeOf(on.hot.connection('others'))).toBe('closed');
    expect(await codeOf(firstValueFrom(on.hot.connection$('pets')))).toBe('closed');
    expect([ended.includes('close()'), on.memory.open.length]).toEqual([false, 1]);
    release();
    expect(await working).toBe(1);
    await closed;
    expect(ended.sort()).toEqual([
      'close()',
      'connection$',
      'connections$',
      'events$',
      'secrets$',
      'sources$',
      'status$',
    ]);
    expect(await firstValueFrom(connection.status$)).toMatchObject({ state: 'closed' });
  });

  it('waits no longer than its timeout: leases are cut, closes abandoned', async () => {
    on = stage();
    const connection = await pets();
    on.memory.disconnects = 'hangs';
    const code = codeOf(connection.use(() => new Promise(() => undefined)));
    let done = false;
    const closed = on.hot.close({ timeout: 500 }).then(() => (done = true));
    await on.clock.pass(499);
    expect(done).toBe(false);
    await on.clock.pass(1);
    await closed;
    expect(await code).toBe('lease_aborted');
  });

  it('can be called again, and is what await using calls', async () => {
    on = stage();
    await pets();
    await Promise.all([on.hot.close(), on.hot.close(), on.hot[Symbol.asyncDispose]()]);
    expect(on.told('instance.closed')).toEqual(['instance.closed 1']);
  });

  it('rejects for a timeout of the wrong shape, and closes nothing', async () => {
    on = stage();
    const connection = await pets();
    expect(await codeOf(on.hot.close({ timeout: 'soon' as never }))).toBe('invalid_policy');
    expect(await number(connection)).toBe(1);
  });

  it('while it is opening: whoever waits is told, and what arrives is closed', async () => {
    on = stage();
    on.memory.ignoreAbort = true;
    const release = on.memory.hang();
    const code = codeOf(pets());
    await settled();
    const closed = on.hot.close();
    expect(await code).toBe('closed');
    release();
    await closed;
    expect(on.memory.log).toEqual(['connect 1', 'abort 1', 'disconnect 1']);
  });

  it('while the sources have said nothing yet: whoever waits is told', async () => {
    on = stage();
    const silent = createConnections({ sources: [firstNever()] });
    const waiting = [codeOf(silent.connection('pets')), codeOf(firstValueFrom(silent.connection$('pets')))];
    await settled();
    await silent.close();
    expect(await Promise.all(waiting)).toEqual(['closed', 'closed']);
  });

  it('a handle that was evicted before it opens nothing after it', async () => {
    on = stage(undefined, { maxEntries: 1 });
    const connection = await pets();
    await on.hot.connection('pets', { size: 2 });
    await on.hot.close();
    expect(await codeOf(connection.use(() => 1))).toBe('closed');
    expect(on.memory.opened).toHaveLength(2);
  });
});

function firstNever(): ReturnType<typeof memorySource> {
  const source = memorySource();
  const silent = source.pipe(take(0)) as unknown as object;
  return Object.assign(Object.create(source) as object, { subscribe: () => ({ unsubscribe: () => silent }) }) as never;
}

describe('promise 9: identity, not key', () => {
  it('policy and the order of keys are no part of it; name, class and params are', async () => {
    on = stage();
    const { Kind } = on.memory;
    const same = [
      on.hot.connection('pets', { a: 1, b: { c: 2, d: 3 } }),
      on.hot.connection('pets', { b: { d: 3, c: 2 }, a: 1 }),
      on.hot.connection('pets', { b: { d: 3, c: 2 }, params: { a: 1 } }),
      on.hot.connection('pets', { a: 1, b: { c: 2, d: 3 }, type: Kind }),
      on.hot.connection('pets', { a: 1, b: { c: 2, d: 3 }, type: 'memory', ttl: '1h' }),
    ];
    const others = [pets(), on.hot.connection('pets', { a: 2 }), on.hot.connection('cats', { a: 1, type: Kind })];
    expect(new Set(await Promise.all(same)).size).toBe(1);
    expect(new Set(await Promise.all([...same, ...others])).size).toBe(4);
  });

  it('what the caller does to its params later is not what was asked for', async () => {
    on = stage();
    const params = { pool: { max: 1 } };
    const connection = await on.hot.connection('pets', params);
    params.pool.max = 5;
    on.source.section('pets', { type: 'memory', size: 2 });
    await settled();
    expect(await (connection as BaseConnection<MemoryInstance>).use((raw) => ({ ...raw.config }))).toMatchObject({
      size: 2,
      pool: { max: 1 },
    });
  });

  it('ids tell them apart, whatever the names are', async () => {
    on = stage({}, { kind: { settings: {} } });
    const { Kind: type } = on.memory;
    const handles = await Promise.all([
      on.hot.connection('a~1', { type }),
      on.hot.connection('a', { type, x: 1 }),
      on.hot.connection('a', { type }),
      on.hot.connection('a', { type, x: 2 }),
    ]);
    expect(new Set(handles.map(({ id }) => id)).size).toBe(4);
    expect(handles[2].id).toBe('a');
  });

  it('a name never stands for a name with options', async () => {
    on = stage();
    await on.hot.connection('pets', { ttl: 5_000 });
    expect(await codeOf(on.hot.connection('pets\n{3:ttl=n5000}'))).toBe('invalid_argument');
  });

  it('a signal is no part of it, and nothing is remembered of it', async () => {
    on = stage();
    const handles = [];
    for (let i = 0; i < 3; i++) handles.push(await on.hot.connection('pets', { signal: new AbortController().signal }));
    expect(new Set([...handles, await pets()]).size).toBe(1);
  });
});

describe('promise 10: the stream errors only before its first value', () => {
  it('when the first open has used up its attempts', async () => {
    on = stage(undefined, { retry: { attempts: 1 } });
    on.memory.failNext();
    expect(await codeOf(firstValueFrom(on.hot.connection$('pets')))).toBe('open_failed');
  });

  it('after that it waits', async () => {
    on = stage(undefined, { retry: { attempts: 1, minDelay: 100, jitter: 'none' } });
    const seen: string[] = [];
    on.hot.connection$('pets').subscribe({ next: () => seen.push('value'), error: () => seen.push('error') });
    await settled();
    on.memory.failNext(undefined, 2);
    await (await pets()).reset();
    await on.clock.pass(300);
    expect(seen).toEqual(['value', 'value']);
  });

  it('attempts: Infinity waits from the start, and so does connection(), until there is an instance', async () => {
    on = stage(undefined, { retry: { attempts: Infinity, minDelay: 100, jitter: 'none' } });
    const seen: string[] = [];
    on.memory.failNext(undefined, 4);
    on.hot.connection$('pets').subscribe({ next: () => seen.push('value'), error: () => seen.push('error') });
    void pets().then(
      () => seen.push('resolved'),
      () => seen.push('rejected'),
    );
    await on.clock.pass(100 + 200);
    expect(seen).toEqual([]);
    await on.clock.pass(400 + 800);
    expect(seen).toEqual(['value', 'resolved']);
  });

  it('attempts: Infinity: the wait of connection() ends with its signal, and with the registry', async () => {
    on = stage(undefined, { retry: { attempts: Infinity, minDelay: 100, jitter: 'none' } });
    on.memory.failNext(undefined, 1000);
    const stop = new AbortController();
    const [stopped, waiting] = [codeOf(on.hot.connection('pets', { signal: stop.signal })), codeOf(pets())];
    await on.clock.pass(2000);
    stop.abort();
    expect(await stopped).toBe('cancelled');
    const closing = on.hot.close();
    await on.clock.pass(60_000);
    await closing;
    expect(await waiting).toBe('closed');
  });

  it('a section that is gone does not end it; one that comes back is a new value', async () => {
    on = stage();
    const seen: string[] = [];
    on.hot.connection$('pets').subscribe({ next: () => seen.push('value'), error: () => seen.push('error') });
    await settled();
    on.source.remove('pets');
    await on.clock.pass(100);
    await new Promise((done) => setTimeout(done, 100));
    expect(await codeOf(pets())).toBe('missing_config');
    on.source.section('pets', { type: 'memory', size: 1 });
    await settled();
    expect(seen).toEqual(['value', 'value']);
  });
});

describe('what a registry shows', () => {
  it('gives the handle of a listed connection without opening it', async () => {
    on = stage();
    expect(on.hot.handle('pets')).toBeUndefined();
    on.hot.status$('pets').subscribe();
    await settled();
    const handle = on.hot.handle('pets');
    expect(handle?.describe().settings.map(({ path }) => path)).toEqual(['size']);
    expect(on.memory.log).toEqual([]);
    expect(await pets()).toBe(handle);
  });

  it('connections$: every connection that was asked for, replayed', async () => {
    on = stage();
    const lists: (readonly ListedConnection[])[] = [];
    on.hot.connections$.subscribe((list) => lists.push(list));
    await pets();
    await on.clock.pass(1);
    expect(lists[0]).toEqual([]);
    expect(lists.at(-1)).toMatchObject([
      { id: 'pets', name: 'pets', kind: 'MemoryConnection', status: { state: 'ready' } },
    ]);
    const [listed] = await firstValueFrom(on.hot.connections$);
    expect(listed?.handle).toBe(await pets());
  });

  it('status$ neither opens nor holds anything', async () => {
    on = stage({ pets: { type: 'memory', idle_timeout: '0s' } });
    const states: string[] = [];
    on.hot.status$('pets').subscribe(({ state }) => states.push(state));
    await settled();
    expect([states, on.memory.log]).toEqual([['idle'], []]);
    await pets();
    await on.clock.pass(1);
    expect(states).toEqual(['idle', 'opening', 'ready', 'idle']);
    expect(on.memory.open).toEqual([]);
  });

  it('status$ of what cannot be resolved says why', async () => {
    on = stage();
    expect(await firstValueFrom(on.hot.status$('nobody'))).toMatchObject({
      ...{ name: 'nobody', state: 'failed' },
      error: { code: 'missing_config', connection: 'nobody' },
    });
  });

  it('events$ tells of the sources where nothing but the secrets is asked for', async () => {
    on = stage();
    const seen: string[] = [];
    on.hot.events$.subscribe(({ type }) => seen.push(type));
    on.hot.secrets$.subscribe();
    await settled();
    expect(seen).toEqual(['source.loaded']);
  });

  it('events$ are told in order, with whose they are', async () => {
    on = stage();
    const connection = await pets();
    await connection.reset();
    await settled();
    expect(on.told()).toEqual([
      'source.loaded',
      'instance.opening 1',
      'instance.ready 1',
      'instance.retired 1 reset',
      'instance.closed 1',
    ]);
    expect(on.events.at(-1)).toEqual({
      type: 'instance.closed',
      at: on.clock.now(),
      id: 'pets',
      connection: 'pets',
      generation: 1,
    });
  });

  it('reload() looks at the sources, and what was found is in use when it resolves', async () => {
    on = stage();
    const connection = await pets();
    Object.assign(on.source, { look: async () => on.source.section('pets', { type: 'memory', size: 9 }) });
    await on.hot.reload();
    expect((await firstValueFrom(on.hot.secrets$)).get('connections.pets.size')).toBe(9);
    await settled();
    expect(await connection.use((raw) => raw.config['size'])).toBe(9);
  });
});

describe('provide', () => {
  it('hands out the fake instead, until it is taken back', async () => {
    on = stage();
    const fake = { name: 'fake' };
    process.env['HOTLINE_SPEC_NAME'] = 'pets';
    on.hot.provide('pets', fake);
    expect(await pets()).toBe(fake);
    expect(await on.hot.connection('env:HOTLINE_SPEC_NAME')).toBe(fake);
    expect(await firstValueFrom(on.hot.connection$('pets', { any: 'thing' }))).toBe(fake);
    expect(on.memory.log).toEqual([]);
    on.hot.provide('pets', undefined);
    expect((await pets()).kind).toBe('MemoryConnection');
    delete process.env['HOTLINE_SPEC_NAME'];
  });
});
