import { afterEach, describe, expect, it } from '@jest/globals';
import { config, type Subscription } from 'rxjs';
import { BaseConnection, createConnections, inline } from 'hotline';
import { memoryKind, type MemoryInstance } from 'hotline/testing';
import { settled } from './support/clock.ts';
import { codeOf, stage, type Stage } from './support/stage.ts';

let on: Stage;
afterEach(async () => {
  const closed = on.hot.close();
  await on.clock.pass(60_000);
  await closed;
  expect(on.memory.open).toEqual([]);
});

const pets = (): Promise<BaseConnection<MemoryInstance>> => on.hot.connection('pets') as never;

describe('what subscribers do inside their own value', () => {
  it('unsubscribe', async () => {
    on = stage({ pets: { type: 'memory', idle_timeout: '0s' } });
    let count = 0;
    const subscription: Subscription = on.hot.connection$('pets').subscribe(() => {
      count++;
      subscription.unsubscribe();
    });
    await on.clock.pass(1);
    expect([count, on.hot.stats('pets').subscribers, on.memory.open.length]).toEqual([1, 0, 0]);
  });

  it('unsubscribe at once from what is open already', async () => {
    on = stage();
    await pets();
    const seen: unknown[] = [];
    on.hot
      .connection$('pets')
      .pipe((source) => source)
      .subscribe(function (this: unknown, handle) {
        seen.push(handle);
      })
      .unsubscribe();
    expect([seen.length, on.hot.stats('pets').subscribers]).toEqual([1, 0]);
  });

  it('subscribe again, ask again, use it', async () => {
    on = stage();
    const seen: string[] = [];
    on.hot.connection$('pets').subscribe((outer) => {
      seen.push('outer');
      on.hot.connection$('pets').subscribe((inner) => seen.push(inner === outer ? 'inner' : 'other'));
      void pets().then(() => seen.push('asked'));
      void (outer as BaseConnection<MemoryInstance>).use((raw) => seen.push(`used ${raw.number}`));
    });
    await settled();
    expect(seen.sort()).toEqual(['asked', 'inner', 'outer', 'used 1']);
    expect(on.memory.opened).toHaveLength(1);
  });

  it('change the secrets: the newest config wins, once', async () => {
    on = stage();
    const sizes: unknown[] = [];
    on.hot.connection$('pets').subscribe((handle) => {
      void (handle as BaseConnection<MemoryInstance>).use((raw) => sizes.push(raw.config['size']));
      if (sizes.length < 3) on.source.section('pets', { type: 'memory', size: sizes.length + 2 });
    });
    for (let i = 0; i < 5; i++) await settled();
    expect(sizes.at(-1)).toBe(4);
    expect(on.memory.open).toHaveLength(1);
  });

  it('reset it, or close everything', async () => {
    on = stage();
    let count = 0;
    on.hot.connection$('pets').subscribe((handle) => {
      if (++count === 1) void handle.reset();
      if (count === 2) void on.hot.close();
    });
    for (let i = 0; i < 3; i++) await settled();
    expect([count, on.memory.opened.length, on.memory.open.length]).toEqual([2, 2, 0]);
  });

  it('throw: the others are served, and so is the next one', async () => {
    on = stage();
    const unhandled: unknown[] = [];
    config.onUnhandledError = (error) => unhandled.push(error);
    const seen: string[] = [];
    on.hot.connection$('pets').subscribe(() => {
      throw new Error('mine');
    });
    on.hot.connection$('pets').subscribe(() => seen.push('other'));
    await settled();
    await new Promise((done) => setTimeout(done, 20));
    config.onUnhandledError = null;
    expect(unhandled).toHaveLength(1);
    expect([seen, (await pets()).name]).toEqual([['other'], 'pets']);
  });
});

describe('an event that falls into another one', () => {
  it('close while the kind is resolved', async () => {
    on = stage();
    const hot = createConnections({ sources: [inline({ connections: { sql: { url: 'sqlite://:memory:' } } })] });
    const codes = [codeOf(hot.connection('sql')), codeOf(hot.connection('sql', { type: 'sql', database: 'x' }))];
    await hot.close();
    expect(await Promise.all(codes)).toEqual(['closed', 'closed']);
  });

  it('a full registry while the kind is resolved', async () => {
    on = stage();
    const names = ['a', 'b', 'c', 'd'];
    const hot = createConnections({
      sources: [
        inline({
          connections: Object.fromEntries(names.map((name) => [name, { type: 'sql', url: 'sqlite://:memory:' }])),
        }),
      ],
      maxEntries: 1,
    });
    const handles = await Promise.all(names.map((name) => hot.connection(name, { type: 'sql' })));
    expect(await Promise.all(handles.map((sql) => sql.query('select 1 as n')))).toHaveLength(4);
    await hot.close();
  });

  it('two changes in one tick open one instance more', async () => {
    on = stage();
    await pets();
    on.source.section('pets', { type: 'memory', size: 2 });
    on.source.section('pets', { type: 'memory', size: 3 });
    await settled();
    expect(on.memory.opened.map(({ config }) => config['size'])).toEqual([1, 3]);
  });

  it('there and back in one tick opens none', async () => {
    on = stage();
    await pets();
    on.source.section('pets', { type: 'memory', size: 2 });
    on.source.section('pets', { type: 'memory', size: 1 });
    await settled();
    expect(on.memory.opened).toHaveLength(1);
  });

  it('the type changes under a lease: it drains, newcomers are told, the next one asked for is of the new kind', async () => {
    on = stage();
    const other = memoryKind({ name: 'OtherConnection' });
    const source = on.source;
    const hot = createConnections({ sources: [source], types: { memory: on.memory.Kind, other: other.Kind } });
    const connection = (await hot.connection('pets')) as BaseConnection<MemoryInstance>;
    let finish = (): void => undefined;
    const working = connection.use((raw) => new Promise((done) => (finish = () => done(raw.number))));
    source.section('pets', { type: 'other', size: 1 });
    await settled();
    expect(await codeOf(connection.use(() => 1))).toBe('kind_changed');
    expect(on.memory.open).toHaveLength(1);
    expect((await hot.connection('pets')).kind).toBe('OtherConnection');
    finish();
    expect(await working).toBe(1);
    await settled();
    expect(on.memory.open).toHaveLength(0);
    source.section('pets', { type: 'memory', size: 1 });
    await settled();
    expect(await hot.connection('pets')).toBe(connection);
    await hot.close();
    expect([on.memory.open, other.open]).toEqual([[], []]);
  });
});

describe('identity by reference', () => {
  it('functions, classes and instances as params: the same one is the same connection (2.F 88, 90)', async () => {
    on = stage();
    const [f, g] = [() => 1, () => 1];
    const open = (params: Record<string, unknown>): Promise<unknown> => on.hot.connection('pets', params);
    expect(await open({ f })).toBe(await open({ f }));
    expect(await open({ f })).not.toBe(await open({ f: g }));
    expect(await open({ _token: 'a' })).not.toBe(await open({ _token: 'b' }));
    expect(await open({ at: new Date(1), big: 1n, nothing: null })).toBe(
      await open({ nothing: null, big: 1n, at: new Date(1) }),
    );
    expect(await open({ f: Map })).not.toBe(await open({ f: Set }));
  });

  it('what is passed by reference gets to connect as it is', async () => {
    on = stage();
    const now = (): number => 7;
    const connection = (await on.hot.connection('pets', { now, deep: { now } })) as BaseConnection<MemoryInstance>;
    const given = await connection.use((raw) => raw.config);
    expect([given['now'], (given['deep'] as { now: unknown }).now]).toEqual([now, now]);
    expect(Object.isFrozen(given['deep'])).toBe(true);
  });
});

describe('describe()', () => {
  it('says the effective settings with the origin of each, redacted, and the policies apart from them', async () => {
    on = stage(
      { pets: { type: 'memory', ttl: '1h', host: 'a', password: 'secret' } },
      { kind: { settings: { host: { public: true }, password: {}, port: { public: true } } } },
    );
    const connection = await on.hot.connection('pets', { port: 7 });
    expect(connection.describe()).toEqual({
      name: 'pets',
      kind: 'MemoryConnection',
      settings: [
        { path: 'host', value: 'a', origin: 'memory' },
        { path: 'password', value: '[redacted]', origin: 'memory' },
        { path: 'port', value: 7, origin: 'params' },
      ],
      policies: expect.arrayContaining([
        { path: 'ttl', value: 3_600_000, origin: 'memory' },
        { path: 'idleTimeout', value: Infinity, origin: 'default' },
        { path: 'retry.attempts', value: 3, origin: 'default' },
      ]),
    });
  });

  it('of a policy that several gave, who has won and who is hidden', async () => {
    on = stage({ pets: { type: 'memory', drainTimeout: '2s', ttl: '1h' } }, { drainTimeout: '3s', spread: '1m' });
    const connection = await on.hot.connection('pets', { drainTimeout: '1s' });
    expect(connection.describe().policies).toEqual(
      expect.arrayContaining([
        { path: 'drainTimeout', value: 1000, origin: 'options', hides: ['memory', 'createConnections'] },
        { path: 'spread', value: 60_000, origin: 'createConnections' },
        { path: 'ttl', value: 3_600_000, origin: 'memory' },
      ]),
    );
  });

  it('a change is told with the paths of its settings, and no value', async () => {
    on = stage({ pets: { type: 'memory', host: 'a', password: 'planted-1' } });
    await pets();
    on.source.section('pets', { type: 'memory', host: 'a', password: 'planted-2', port: 1 });
    await settled();
    const changes = on.events.filter(({ type }) => type === 'config.changed');
    expect(changes).toMatchObject([{ settings: ['password', 'port'] }]);
    expect(JSON.stringify(changes)).not.toContain('planted');
  });

  it('a setting that the kind does not know is one warning, with the nearest that it does', async () => {
    on = stage({ pets: { type: 'memory', hots: 'a' } }, { kind: { settings: { host: { public: true } } } });
    await pets();
    on.source.section('pets', { type: 'memory', hots: 'b' });
    await settled();
    const warnings = on.events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
    expect(warnings).toEqual(['"pets": MemoryConnection knows no setting "hots"; did you mean "host"?']);
  });
});

describe('an error in an event', () => {
  it('names the connection and shows no secret of it', async () => {
    on = stage();
    class Telling extends BaseConnection<object> {
      protected connect(): object {
        return {};
      }
      protected override disconnect(): never {
        throw new Error('sesame-open refused');
      }
    }
    const connection = await on.hot.connection('cats', { type: Telling, password: 'sesame-open' });
    await connection.reset();
    await settled();
    const closed = on.events.find(({ type }) => type === 'instance.closed');
    const { error } = closed as Extract<typeof closed, { type: 'instance.closed' }>;
    expect(error).toMatchObject({ code: 'close_failed', connection: 'cats' });
    expect((error?.cause as Error).message).toBe('[redacted] refused');
  });
});

describe('connection() of an open instance', () => {
  it('begins its idleTimeout anew', async () => {
    on = stage({ pets: { type: 'memory', size: 1, idle_timeout: '10s' } });
    await on.hot.connection('pets');
    await on.clock.pass(6_000);
    await on.hot.connection('pets');
    await on.clock.pass(6_000);
    expect(on.told('instance.closed')).toEqual([]);
    await on.clock.pass(5_000);
    expect(on.told('instance.closed')).toHaveLength(1);
  });
});

describe('a connection at rest', () => {
  it('opens again when its section was gone meanwhile, and came back', async () => {
    on = stage({ pets: { type: 'memory', idle_timeout: '1s' } });
    const { Kind: type } = on.memory;
    await on.hot.connection('pets', { type });
    await on.clock.pass(2_000);
    expect(on.told('instance.closed')).toHaveLength(1);
    on.source.remove('pets');
    await on.clock.pass(2_000);
    expect(await codeOf(on.hot.connection('pets', { type }))).toBe('missing_config');
    on.source.section('pets', { type: 'memory', idle_timeout: '1s' });
    await on.clock.pass(100);
    expect(await codeOf(on.hot.connection('pets', { type }))).toBe('resolved');
  });
});

describe('a kind that names no place', () => {
  it('opens with `params: {}` and without a section, also where it was asked for without them before', async () => {
    on = stage({});
    const { Kind: type } = on.memory;
    expect(await codeOf(on.hot.connection('pets', { type }))).toBe('missing_config');
    expect(await codeOf(on.hot.connection('pets', { type, params: {} }))).toBe('resolved');
    expect(await codeOf(on.hot.connection('pets', { type }))).toBe('resolved');
    expect(await codeOf(on.hot.connection('sql', { type: 'sql', params: {} }))).toBe('missing_config');
  });
});
