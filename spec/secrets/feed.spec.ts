import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'smol-toml';
import { config, map, Observable, of, Subject, tap, throwError, VirtualTimeScheduler } from 'rxjs';
import { upkeepScheduler } from '../../src/duration/index.ts';
import { type Load, secretsFeed } from '../../src/secrets/index.ts';
import { same } from '../../src/secrets/tree.ts';
import { tomlFile } from '../../src/sources/index.ts';
import type { SecretTree, SourceState } from '../../src/sources/source.ts';
import type { FileContent } from '../../src/sources/watch-file.ts';
import { changesOf, expectedSnapshots, type Step } from './settled.ts';
import { names, stories } from './stories.ts';
import type { Source } from '../../src/sources/index.ts';
import { watchFile$ } from '../../src/sources/index.ts';
import { fixed, recorded, told, virtually } from './told-source.ts';
import { depth } from '../support/depth.ts';

/** Files have been looked at, and what came of it is told. */
const settled = (): Promise<void> => setTimeout(100);

const now = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('secretsFeed: the first load', () => {
  it('is there at once when every source speaks at once', () => {
    const feed = secretsFeed({ sources: [fixed({ a: 1 }), fixed({ b: 2 })], scheduler: upkeepScheduler, env: {} });
    expect(feed.current()!.reveal()).toEqual({ a: 1, b: 2 });
  });

  it('2.A.5: is empty without any source', () => {
    const feed = secretsFeed({ sources: [], scheduler: upkeepScheduler, env: {} });
    expect(feed.current()!.reveal()).toEqual({});
  });

  it('2.A.8, 2.C.41: goes without an optional source that is missing', () => {
    virtually((scheduler) => {
      const { trees } = recorded(
        { sources: [Object.assign(of({ state: 'missing' } as const)), fixed({ a: 1 })] },
        scheduler,
      );
      expect(trees()).toEqual([{ a: 1 }]);
    });
  });

  it('2.A.13: takes an empty source for a loaded one', () => {
    virtually((scheduler) => {
      const { trees, events } = recorded({ sources: [fixed({})] }, scheduler);
      expect([trees(), events.map(({ type }) => type)]).toEqual([[{}], ['source.loaded']]);
    });
  });

  it('waits for every source', () => {
    virtually((scheduler) => {
      const [a, b] = [told('a'), told('b')];
      const { trees } = recorded({ sources: [a, b] }, scheduler);
      a.good({ x: 1 });
      expect(trees()).toEqual([]);
      b.good({ y: 1 });
      expect(trees()).toEqual([{ x: 1, y: 1 }]);
    });
  });

  it('2.A.15, 2.A.16: says why it failed, as often as the reason changes, and loads when that is mended', () => {
    virtually((scheduler, at) => {
      const [a, b] = [told('a'), told('b')];
      const { trees, feed } = recorded({ sources: [a, b] }, scheduler);
      const good: unknown[] = [];
      feed.secrets$.subscribe((secrets) => good.push(secrets.reveal()));
      at(1, () => a.good({ x: 1 }));
      at(2, () => b.bad());
      at(3, () => a.good({ x: 2 }));
      at(4, () => b.gone());
      at(5, () => b.good({ y: 1 }));
      at(6, () => b.bad());
      scheduler.flush();
      expect(trees()).toEqual(['source_invalid', 'source_missing', { x: 2, y: 1 }]);
      expect(good).toEqual([{ x: 2, y: 1 }]);
      expect(feed.current()!.reveal()).toEqual({ x: 2, y: 1 });
    });
  });

  it('does not start for those who only listen to events, and starts once for all others', () => {
    let subscribed = 0;
    const source = new Observable<never>(() => void subscribed++);
    const feed = secretsFeed({ sources: [source], scheduler: upkeepScheduler, env: {} });
    feed.events$.subscribe();
    expect(subscribed).toBe(0);
    feed.sources$.subscribe();
    feed.load$.subscribe();
    feed.current();
    expect(subscribed).toBe(1);
    feed.close();
  });

  it('does not run in the async context of who asked first', () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const source = new Observable<never>(() => void seen.push(storage.getStore()));
    const make = () => secretsFeed({ sources: [source], scheduler: upkeepScheduler, env: {} });
    const feed = storage.run('of the maker', make);
    storage.run('of the first request', () => feed.current());
    expect(seen).toEqual([undefined]);
  });
});

describe('secretsFeed: changes', () => {
  it('2.D.50, 2.D.53: tells of a change once, and leaves the other sections the same objects', () => {
    virtually((scheduler, at) => {
      const a = told('a');
      const { loads } = recorded({ sources: [a] }, scheduler);
      a.good({ connections: { x: { v: 1 }, y: { v: 1 } } });
      at(10, () => a.good({ connections: { y: { v: 1 }, x: { v: 1 } } }));
      at(20, () => a.good({ connections: { x: { v: 1 }, y: { v: 2 } } }));
      at(30, () => a.good({ connections: { x: { v: 1 }, y: { v: 2 } } }));
      scheduler.flush();
      expect(loads).toHaveLength(2);
      const [before, after] = loads.map((load) => (load.state === 'loaded' ? load.secrets : undefined));
      expect(after!.section('x')).toBe(before!.section('x'));
      expect(after!.section('y')).toEqual({ v: 2 });
      expect(after!.get('connections.x')).toBe(before!.get('connections.x'));
      expect(before!.section('y')).toEqual({ v: 1 });
    });
  });

  it('finds the one that changed among ten thousand sections', () => {
    virtually((scheduler, at) => {
      const a = told('a');
      const many = (changed: number) => ({
        connections: Object.fromEntries(
          Array.from({ length: 10_000 }, (_, i) => [`c${i}`, { v: i === 5_000 ? changed : 0 }]),
        ),
      });
      const { loads } = recorded({ sources: [fixed({ connections: { c1: { w: 1 } } }), a] }, scheduler);
      a.good(many(1));
      at(10, () => a.good(many(2)));
      scheduler.flush();
      const [before, after] = loads.map((load) => (load.state === 'loaded' ? load.secrets.reveal('connections') : {}));
      const [old, young] = [before as SecretTree, after as SecretTree];
      expect(Object.keys(young).filter((name) => young[name] !== old[name])).toEqual(['c5000']);
    });
  });

  it('2.D.51: says nothing of a save that changes no value, not even that the source was loaded', () => {
    virtually((scheduler, at) => {
      const a = told('a');
      const { loads, events } = recorded({ sources: [a] }, scheduler);
      a.good({ x: { y: [1, new Date(7)] } });
      at(10, () => a.good({ x: { y: [1, new Date(7)] } }));
      scheduler.flush();
      expect([loads.length, events.length]).toEqual([1, 1]);
    });
  });

  it('2.D.55, 2.D.56: keeps the last good secrets over a bad save, and sees the next good one', () => {
    virtually((scheduler, at) => {
      const a = told('a');
      const { trees, events, feed } = recorded({ sources: [a] }, scheduler);
      a.good({ x: 1 });
      at(10, () => a.bad());
      at(20, () => expect(feed.current()!.reveal()).toEqual({ x: 1 }));
      at(30, () => a.good({ x: 1 }));
      at(40, () => a.bad());
      at(50, () => a.good({ x: 2 }));
      scheduler.flush();
      expect(trees()).toEqual([{ x: 1 }, { x: 2 }]);
      expect(events.map(({ type, at: when }) => `${type} ${when}`)).toEqual([
        'source.loaded 0',
        'source.failed 10',
        'source.loaded 30',
        'source.failed 40',
        'source.loaded 50',
      ]);
    });
  });

  it('2.D.58, 2.D.60: keeps what a deleted source said, and tells that it is missing', () => {
    virtually((scheduler, at) => {
      const a = told('a');
      const { trees, events } = recorded({ sources: [a] }, scheduler);
      a.good({ x: 1 });
      at(10, () => a.gone());
      at(20, () => a.good({ x: 2 }));
      scheduler.flush();
      expect(trees()).toEqual([{ x: 1 }, { x: 2 }]);
      expect(events.map(({ type }) => type)).toEqual(['source.loaded', 'source.missing', 'source.loaded']);
    });
  });

  it('2.D.61, 2.D.66: merges a source that comes later', () => {
    virtually((scheduler, at) => {
      const [a, b] = [told('a'), told('b')];
      const { trees } = recorded({ sources: [a, b] }, scheduler);
      a.good({ x: 1, t: { u: 1 } });
      b.next({ state: 'missing' });
      at(10, () => b.good({ t: { v: 2 } }));
      scheduler.flush();
      expect(trees()).toEqual([
        { x: 1, t: { u: 1 } },
        { x: 1, t: { u: 1, v: 2 } },
      ]);
    });
  });

  it('2.D.65: keeps the layers apart: what a program said still wins after a file was broken and mended', () => {
    virtually((scheduler, at) => {
      const file = told('file');
      const { trees } = recorded({ sources: [file, fixed({ x: 'program' })] }, scheduler);
      file.good({ x: 'file', y: 1 });
      at(10, () => file.good({ x: 'edited', y: 2 }));
      at(20, () => file.bad());
      at(30, () => file.good({ x: 'mended', y: 3 }));
      scheduler.flush();
      expect(trees()).toEqual([1, 2, 3].map((y) => ({ x: 'program', y })));
    });
  });

  it('2.D.63: lets a section go when it is gone at the second look', () => {
    virtually((scheduler, at) => {
      const a = told('a');
      const { trees, feed } = recorded({ sources: [a] }, scheduler);
      a.good({ connections: { x: { v: 1 }, y: { v: 1 } } });
      at(100, () => a.good({ connections: { x: { v: 2 } } }));
      at(130, () => expect(feed.current()!.section('y')).toEqual({ v: 1 }));
      at(150, () => a.good({ connections: { x: { v: 2 }, y: { v: 1 } } }));
      at(300, () => a.good({ connections: { x: { v: 2 } } }));
      scheduler.flush();
      expect(trees()).toEqual([
        { connections: { x: { v: 1 }, y: { v: 1 } } },
        { connections: { x: { v: 2 }, y: { v: 1 } } },
        { connections: { x: { v: 2 } } },
      ]);
    });
  });

  it('makes one snapshot of what several sources say in one wake-up', async () => {
    const vault$ = new Subject<number>();
    const half = (key: string) =>
      Object.assign(vault$.pipe(map((v) => ({ state: 'loaded', secrets: { [key]: v } }) as const)), { label: key });
    const { trees } = recorded({ sources: [half('host'), half('password')] }, upkeepScheduler);
    vault$.next(1);
    await now();
    vault$.next(2);
    await now();
    expect(trees()).toEqual([
      { host: 1, password: 1 },
      { host: 2, password: 2 },
    ]);
  });

  it('is not confused by a subscriber who makes a source speak', async () => {
    const a = told('a');
    const { feed, trees } = recorded({ sources: [a] }, upkeepScheduler);
    feed.secrets$.subscribe((secrets) => {
      const x = secrets.get<number>('x')!;
      if (x < 3) a.good({ x: x + 1 });
    });
    const late: unknown[] = [];
    feed.secrets$.subscribe((secrets) => late.push(secrets.get('x')));
    a.good({ x: 1 });
    await now();
    expect(trees()).toEqual([{ x: 1 }, { x: 2 }, { x: 3 }]);
    expect(late).toEqual([1, 2, 3]);
  });

  it('gives newcomers the new origin of a value that only moved, and tells nobody', () => {
    virtually((scheduler, at) => {
      const [a, b] = [told('a'), told('b')];
      const { feed, loads } = recorded({ sources: [a, b] }, scheduler);
      a.good({ x: 1 });
      b.good({});
      at(10, () => b.good({ x: 1 }));
      at(20, () => expect(feed.current()!.origin('x')).toBe('b'));
      scheduler.flush();
      expect(loads).toHaveLength(1);
    });
  });
});

describe('secretsFeed: environments', () => {
  const sources = [fixed({ url: 'base', env: { staging: { url: 'staging' } } })];

  it('lays the chosen one over everything: the option, or HOTLINE_ENV', () => {
    const url = (options: object) => {
      const feed = secretsFeed({ sources, scheduler: upkeepScheduler, env: {}, ...options });
      return [feed.current()!.get('url'), feed.current()!.has('env'), feed.current()!.origin('url')];
    };
    expect(url({ environment: 'staging' })).toEqual(['staging', false, 'fixed']);
    expect(url({ env: { HOTLINE_ENV: 'staging' } })).toEqual(['staging', false, 'fixed']);
    expect(url({ env: { HOTLINE_ENV: '' } })).toEqual(['base', false, 'fixed']);
    expect(url({})).toEqual(['base', false, 'fixed']);
  });

  it('fails for an unknown one', () => {
    const { trees } = recorded({ sources, environment: 'stagin' }, upkeepScheduler);
    expect(trees()).toEqual(['unknown_environment']);
  });
});

describe('secretsFeed: references', () => {
  it('resolves variables and files, watches the files, and follows them', async () => {
    const file$ = new Subject<FileContent>();
    let watching = 0;
    const watchFile = () =>
      new Observable<FileContent>((subscriber) => {
        watching++;
        subscriber.add(() => watching--);
        subscriber.add(file$.subscribe(subscriber));
      });
    const a = told('a.toml');
    const options = { sources: [a], env: { USER: 'jane' }, watchFile };
    const { feed, trees, events } = recorded(options, upkeepScheduler);
    a.good({ url: '${env:USER}:${file:/pw}', plain: 1 });
    expect([trees(), watching]).toEqual([[], 1]);
    file$.next({ state: 'loaded', text: 'one\n' });
    file$.next({ state: 'loaded', text: 'two\n' });
    await now();
    file$.next({ state: 'missing' });
    await now();
    expect(events.at(-1)).toMatchObject({
      type: 'source.failed',
      source: 'a.toml',
      error: { code: 'missing_reference' },
    });
    file$.next({ state: 'loaded', text: 'three\n' });
    await now();
    const tree = (pw: string) => ({ url: `jane:${pw}`, plain: 1 });
    expect(trees()).toEqual([tree('one'), tree('two'), tree('three')]);
    expect(events.at(-1)).toMatchObject({ type: 'source.loaded' });
    expect(feed.current()!.origin('url')).toBe('a.toml');
    a.good({ plain: 1 });
    await now();
    expect(watching).toBe(0);
    a.good({ url: '${file:/pw}' });
    await now();
    expect(watching).toBe(1);
    feed.close();
    expect(watching).toBe(0);
  });

  it('keeps the last good secrets while something is missing, and tries again on reload', async () => {
    const env: NodeJS.ProcessEnv = { A: 'a' };
    const [a, b] = [told('a'), told('b')];
    const { feed, trees, events } = recorded({ sources: [a, b], env }, upkeepScheduler);
    a.good({ v: '${env:A}' });
    b.good({});
    a.good({ v: '${env:B}' });
    await now();
    b.good({ other: 1 });
    await now();
    expect(trees()).toEqual([{ v: 'a' }, { v: 'a', other: 1 }]);
    expect(events.filter(({ type }) => type === 'source.failed')).toMatchObject([
      {
        source: 'a',
        error: { code: 'missing_reference', message: expect.stringContaining('v in a refers to ${env:B}') },
      },
    ]);
    env['B'] = 'b';
    await feed.reload();
    expect(trees().at(-1)).toEqual({ v: 'b', other: 1 });
  });

  it('follows none of a remote source', () => {
    const { trees } = recorded(
      { sources: [fixed({ v: '${env:A}' }, 'vault', 'remote')], env: { A: 'a' } },
      upkeepScheduler,
    );
    expect(trees()).toEqual(['untrusted_reference']);
  });
});

describe('secretsFeed: mishaps', () => {
  const unhandled: unknown[] = [];
  beforeEach(() => {
    config.onUnhandledError = (error) => unhandled.push(error);
  });
  afterEach(() => {
    config.onUnhandledError = null;
    unhandled.length = 0;
  });

  it('survives a subscriber that throws: the others and the next change are served', async () => {
    const a = told('a');
    const feed = secretsFeed({ sources: [a], scheduler: upkeepScheduler, env: {} });
    const seen: unknown[] = [];
    const thrower = (): never => {
      throw new Error('mine');
    };
    for (const thrown$ of [
      feed.secrets$,
      feed.load$,
      feed.sources$,
      feed.events$,
      feed.secrets$.pipe(map((one) => one)),
    ])
      (thrown$ as Observable<unknown>).subscribe(thrower);
    feed.secrets$.subscribe((secrets) => seen.push(secrets.get('x')));
    a.good({ x: 1 });
    await now();
    a.good({ x: 2 });
    await setTimeout(5);
    expect(seen).toEqual([1, 2]);
    // What rxjs reports, it reports by a timer of its own; none may be left for the next test.
    await setTimeout(5);
    expect(unhandled.length).toBeGreaterThan(0);
    expect(unhandled.every((error) => (error as Error).message === 'mine')).toBe(true);
  });

  it('survives a source that throws, at once and later', async () => {
    const a = told('a');
    const broken = throwError(() => new Error('no vault'));
    const { trees, events, feed } = recorded({ sources: [a, broken] }, upkeepScheduler);
    a.good({ x: 1 });
    expect(trees()).toEqual(['source_unreadable']);
    expect(events.map((event) => ('source' in event ? event.source : ''))).toEqual(['source 2', 'a']);
    feed.close();
    const b = told('b');
    const { trees: later } = recorded({ sources: [b] }, upkeepScheduler);
    b.good({ x: 1 });
    b.error(new Error('connection lost'));
    await now();
    expect(later()).toEqual([{ x: 1 }]);
    expect(unhandled).toEqual([]);
  });

  it('survives a watcher of files that throws', () => {
    const watchFile = () => throwError(() => new Error('no'));
    const { trees } = recorded({ sources: [fixed({ v: '${file:/x}' })], watchFile }, upkeepScheduler);
    expect(trees()).toEqual(['missing_reference']);
  });
});

describe('secretsFeed: reload and close', () => {
  it('looks again at every source that can, and resolves when what they found is in use', async () => {
    const [a, b, c] = [told('a'), told('b'), told('c')];
    a.look = async () => a.good({ x: 2 });
    b.look = () => Promise.reject(new Error('no'));
    const { feed } = recorded({ sources: [a, b, c] }, upkeepScheduler);
    a.good({ x: 1 });
    b.good({});
    c.good({});
    await feed.reload();
    expect(feed.current()!.reveal()).toEqual({ x: 2 });
  });

  it('does not wait for a source that never answers', async () => {
    const scheduler = new VirtualTimeScheduler();
    const [a, b] = [told('a'), told('b')];
    a.look = () => new Promise(() => undefined);
    b.look = async () => b.good({ y: 2 });
    const { feed } = recorded({ sources: [a, b] }, scheduler);
    a.good({ x: 1 });
    b.good({ y: 1 });
    const reload = feed.reload();
    await new Promise((done) => setImmediate(done));
    scheduler.flush();
    await reload;
    expect(feed.current()!.reveal()).toEqual({ x: 1, y: 2 });
    expect(scheduler.now()).toBe(30_000);
  });

  it('resolves a reload that found a section gone when that is believed', async () => {
    const a = told('a');
    a.look = async () => a.good({ connections: {} });
    const { feed } = recorded({ sources: [a] }, upkeepScheduler);
    a.good({ connections: { x: { v: 1 } } });
    const hold = setInterval(() => undefined, 1_000);
    await feed.reload();
    clearInterval(hold);
    expect(feed.current()!.section('x')).toBeUndefined();
  });

  it('lets go of everything, completes, and keeps the last snapshot', async () => {
    let subscribed = 0;
    const a = told('a');
    const source = new Observable<never>((subscriber) => {
      subscribed++;
      subscriber.add(() => subscribed--);
      subscriber.add(a.subscribe(subscriber as never));
    });
    const env: NodeJS.ProcessEnv = {};
    const { feed } = recorded({ sources: [source], env, exportToEnv: true }, upkeepScheduler);
    const ended: string[] = [];
    feed.load$.subscribe({ complete: () => ended.push('load$') });
    feed.secrets$.subscribe({ complete: () => ended.push('secrets$') });
    feed.sources$.subscribe({ complete: () => ended.push('sources$') });
    feed.events$.subscribe({ complete: () => ended.push('events$') });
    a.good({ KEY: 'x' });
    expect([env['KEY'], subscribed]).toEqual(['x', 1]);
    const reload = feed.reload();
    feed.close();
    feed.close();
    await reload;
    await feed.reload();
    expect(ended.sort()).toEqual(['events$', 'load$', 'secrets$', 'sources$']);
    expect([env['KEY'], subscribed]).toEqual([undefined, 0]);
    expect(feed.current()!.get('KEY')).toBe('x');
  });

  it('never starts after it was closed', () => {
    let subscribed = 0;
    const feed = secretsFeed({
      sources: [new Observable(() => void subscribed++)],
      scheduler: upkeepScheduler,
      env: {},
    });
    feed.close();
    feed.load$.subscribe();
    expect([feed.current(), subscribed]).toEqual([undefined, 0]);
  });
});

/** Each snapshot is what the model says it should be, and each connection sees its own changes only. */
function expectSnapshots(loads: readonly Load[], expected: readonly SecretTree[]): void {
  const good = loads.flatMap((load) => (load.state === 'loaded' ? [load.secrets] : []));
  expect(good.map((secrets) => secrets.reveal())).toEqual(expected);
  for (const name of names) {
    const sections = good.map((secrets) => secrets.section(name));
    const changes = sections.filter((section, index) => index > 0 && section !== sections[index - 1]);
    expect(changes).toHaveLength(changesOf(expected, name));
  }
}

describe('secretsFeed: whatever a source says or throws', () => {
  /** What cannot be looked at without an exception. */
  const hostile = new Proxy(
    {},
    new Proxy(
      {},
      {
        get: () => () => {
          throw new TypeError('no');
        },
      },
    ),
  );
  const deep = (levels: number): unknown => {
    let value: unknown = 1;
    for (let level = 0; level < levels; level++) value = level % 2 ? [value] : { x: value };
    return value;
  };
  const circle: Record<string, unknown> = {};
  circle['x'] = [circle];

  it.each<[string, unknown]>([
    ['a reference without a name', { trust: 'local', state: 'loaded', secrets: { p: '${file:}' } }],
    ['a variable without a name', { trust: 'local', state: 'loaded', secrets: { p: '${env:}' } }],
    [
      'a reference to what every object inherits',
      { trust: 'local', state: 'loaded', secrets: { p: '${env:toString}' } },
    ],
    ['a reference to a path with a NUL', { trust: 'local', state: 'loaded', secrets: { p: '${file:a\0b}' } }],
    ['nothing', undefined],
    ['null', null],
    ['a number', 5],
    ['a proxy that throws', hostile],
    ['secrets that throw', { state: 'loaded', secrets: hostile }],
    ['a value that throws', { state: 'loaded', secrets: { a: hostile } }],
    [
      'a getter that throws',
      {
        state: 'loaded',
        secrets: {
          get a() {
            throw new Error('no');
          },
        },
      },
    ],
    ['a symbol', { state: 'loaded', secrets: { a: Symbol('x') } }],
    ['a function', { state: 'loaded', secrets: { a: () => 1 } }],
    ['an instance', { state: 'loaded', secrets: { a: new Map() } }],
    ['a circle', { state: 'loaded', secrets: circle }],
    ['deep nesting', { state: 'loaded', secrets: { a: deep(20_000) } }],
    ['an error that is a proxy', { state: 'failed', error: hostile }],
    ['warnings that are none', { state: 'failed', warnings: 7 }],
  ])('%s: is a failed state of that source, and the next good save is seen', async (_, said) => {
    const [a, b] = [told('a'), told('b')];
    const watchFile = (path: string) => watchFile$(path);
    const { feed, trees, events } = recorded({ sources: [a, b], watchFile }, upkeepScheduler);
    let erred = false;
    feed.secrets$.subscribe({ error: () => (erred = true) });
    b.good({ y: 1 });
    a.good({ x: 1 });
    a.next(said as SourceState);
    const failed = () => events.filter(({ type }) => type === 'source.failed');
    await until(
      () => failed().length > 0,
      () => 'source.failed',
    );
    expect(trees()).toEqual([{ x: 1, y: 1 }]);
    expect(failed()).toHaveLength(1);
    a.good({ x: 2 });
    await until(
      () => trees().length > 1,
      () => 'the next good save',
    );
    expect(trees()).toEqual([
      { x: 1, y: 1 },
      { x: 2, y: 1 },
    ]);
    expect(erred).toBe(false);
    feed.close();
  });

  it('takes what accompanies a good save for what it is worth', async () => {
    const a = Object.assign(told('a'), { label: Symbol('a') as unknown as string });
    const { feed, trees } = recorded({ sources: [a] }, upkeepScheduler);
    const circle: unknown[] = [];
    circle.push(circle);
    a.good({ x: 1 }, { warnings: circle, blank: 9, originOf: () => Symbol('o') } as object);
    a.good({ x: 2 }, { warnings: [{ code: 1 }, null], blank: [null, [3]], originOf: 'no' } as object);
    await settled();
    expect([trees(), feed.current()!.origin('x')]).toEqual([[{ x: 1 }, { x: 2 }], 'source 1']);
    feed.close();
  });

  it('a default stands in for a name that is empty', () => {
    const secrets = { a: '${file::-x}', b: '${env::-y}' };
    const feed = secretsFeed({ sources: [fixed(secrets)], scheduler: upkeepScheduler, env: {} });
    expect(feed.current()!.reveal()).toEqual({ a: 'x', b: 'y' });
  });

  it('reads a long text of half references in no time', () => {
    const text = '${env:' + ':-'.repeat(200_000);
    const feed = secretsFeed({ sources: [fixed({ text })], scheduler: upkeepScheduler, env: {} });
    expect(feed.current()!.get('text')).toBe(text);
  });

  it.each<[string, () => Source]>([
    [
      'throws when it is subscribed to',
      () =>
        new Observable(() => {
          throw new Error('no');
        }),
    ],
    ['errs with a proxy that throws', () => throwError(() => hostile)],
    ['is no Observable', () => ({}) as Source],
    [
      'has a label that throws',
      () =>
        Object.defineProperty(
          throwError(() => 1),
          'label',
          {
            get: () => {
              throw new Error();
            },
          },
        ),
    ],
  ])('a source that %s: is a failed one, asked again', async (_, source) => {
    const feed = secretsFeed({ sources: [source()], scheduler: upkeepScheduler, env: {} });
    const loads: Load[] = [];
    feed.load$.subscribe((load) => loads.push(load));
    await settled();
    expect(loads).toMatchObject([{ state: 'failed', error: { code: 'source_unreadable' } }]);
    feed.close();
  });
});

describe('secretsFeed: something that becomes nothing', () => {
  it('is a failed save that is told once, until there is something again', () => {
    virtually((scheduler, at) => {
      const a = told('a');
      const { trees, events } = recorded({ sources: [a] }, scheduler);
      a.good({ connections: { x: { v: 1 } }, y: 1 });
      at(10, () => a.good({}));
      at(20, () => a.good({}));
      at(500, () => a.good({ connections: { x: { v: 2 } }, y: 1 }));
      scheduler.flush();
      expect(trees()).toEqual([
        { connections: { x: { v: 1 } }, y: 1 },
        { connections: { x: { v: 2 } }, y: 1 },
      ]);
      expect(events).toMatchObject([
        { type: 'source.loaded' },
        { type: 'source.failed', error: { code: 'source_emptied' } },
        { type: 'source.loaded' },
      ]);
    });
  });

  it('is meant when reload() is called, or when its sections are removed by name', async () => {
    const [a, b] = [told('a'), told('b')];
    const { feed, trees } = recorded({ sources: [a, b] }, upkeepScheduler);
    a.good({ connections: { x: {} } });
    b.good({ connections: { y: {} } });
    a.good({});
    b.good({ connections: {} });
    await feed.reload();
    expect(trees().at(-1)).toEqual({ connections: {} });
    feed.close();
  });

  it('holds for a part that its source calls blank, and for a file that a value refers to', async () => {
    const file$ = new Subject<FileContent>();
    const a = told('a');
    const { feed, trees, events } = recorded({ sources: [a], watchFile: () => file$ }, upkeepScheduler);
    a.good({ t: { v: 1 }, p: '${file:/p}' });
    file$.next({ state: 'loaded', text: 'one' });
    const before = [{ t: { v: 1 }, p: 'one' }];
    await settled();
    file$.next({ state: 'loaded', text: '\n' });
    await settled();
    a.good({ t: {}, p: '${file:/p}' }, { blank: [['t']] });
    await settled();
    expect(trees()).toEqual(before);
    const errors = events.flatMap((event) => (event.type === 'source.failed' ? [event.error.code] : []));
    expect(errors).toEqual(['missing_reference', 'source_emptied']);
    await feed.reload();
    expect(trees()).toEqual([...before, { t: {}, p: '' }]);
    feed.close();
  });
});

describe('secretsFeed: any series of good, bad, partial, deleted and reordered versions of three sources', () => {
  it('is the merge of the last good ones, and each connection is told once per change of its own', () => {
    fc.assert(
      fc.property(stories(25), (story) => {
        virtually((scheduler, at) => {
          const sources = ['a', 'b', 'c'].map(told);
          const { loads, feed, events } = recorded({ sources }, scheduler);
          let time = 0;
          for (const { wait, source, does } of story)
            at((time += wait), () =>
              does === 'bad' || does === 'gone' ? sources[source]![does]() : sources[source]!.good(does),
            );
          scheduler.flush();
          const expected = expectedSnapshots(3, story);
          expectSnapshots(loads, expected);
          expect(feed.current()?.reveal()).toEqual(expected.at(-1));
          const bad = story.filter(({ does }) => does === 'bad' || isDeepStrictEqual(does, {})).length;
          expect(events.filter(({ type }) => type === 'source.failed').length).toBeLessThanOrEqual(bad);
        });
      }),
      { numRuns: depth(200, 500) },
    );
  });

  it('is the same over real files, however they are written', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hotline-feed-'));
    // A reload, by which each step ends, would take an emptied file for one that is meant.
    const filled = (does: Step['does']) => (isDeepStrictEqual(does, {}) ? { plain: 7 } : does);
    const told = fc
      .sample(stories(20), 12)
      .map((story) => story.map(({ source, does }) => ({ source, does: filled(does), wait: 210 })));
    await Promise.all(told.map((story, index) => tellInFiles(story, join(folder, `story-${index}`)))).finally(() =>
      rm(folder, { recursive: true }),
    );
  }, 60_000);
});

/** Writes a story into three files, waiting after each step for what it should lead to. */
async function tellInFiles(story: readonly Step[], folder: string): Promise<void> {
  await mkdir(folder);
  const files = ['a', 'b', 'c'].map((name) => join(folder, `${name}.toml`));
  const seen: (SourceState | undefined)[] = [];
  const sources = files.map((file, index) => {
    const source = tomlFile(file);
    const { label, look } = source;
    return Object.assign(source.pipe(tap((state) => (seen[index] = state))), { label: label!, look: look! });
  });
  const { feed, loads } = recorded({ sources }, upkeepScheduler);
  for (const [index, { source, does }] of story.entries()) {
    await write(files[source]!, does, index);
    const state = () =>
      `step ${index} of ${JSON.stringify(story)}: ${JSON.stringify([seen[source], feed.current()?.reveal()])}`;
    await until(() => hasSeen(seen[source], does), state);
    // The change was seen without this; it ends when vanished sections have had their second look.
    await feed.reload();
    const expected = expectedSnapshots(3, story.slice(0, index + 1)).at(-1);
    await until(() => isDeepStrictEqual(feed.current()?.reveal(), expected), state);
  }
  feed.close();
  expectSnapshots(loads, expectedSnapshots(3, story));
}

function hasSeen(state: SourceState | undefined, does: Step['does']): boolean {
  if (does === 'bad' || does === 'gone') return state?.state === (does === 'bad' ? 'failed' : 'missing');
  return state?.state === 'loaded' && same(state.secrets, does);
}

/** By turns: renamed into place, in one piece, in two halves. */
async function write(file: string, does: Step['does'], turn: number): Promise<void> {
  if (does === 'gone') return rm(file, { force: true });
  const text = does === 'bad' ? `# ${turn}\n[connections.x` : `# ${turn}\n${stringify(does)}`;
  if (turn % 3 === 0) {
    await writeFile(`${file}.tmp`, text);
    return rename(`${file}.tmp`, file);
  }
  if (turn % 3 === 1) return writeFile(file, text);
  await writeFile(file, text.slice(0, text.length / 2));
  await setTimeout(15);
  await writeFile(file, text.slice(text.length / 2), { flag: 'a' });
}

async function until(met: () => boolean, what: () => string): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!met()) {
    if (Date.now() > deadline) throw new Error(`never came: ${what()}`);
    await setTimeout(5);
  }
}
