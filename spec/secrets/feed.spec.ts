import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'smol-toml';
import { config, map, Observable, of, Subject, tap, throwError } from 'rxjs';
import { upkeepScheduler } from '../../src/duration/index.ts';
import { type Load, secretsFeed } from '../../src/secrets/index.ts';
import { same } from '../../src/secrets/tree.ts';
import { tomlFile } from '../../src/sources/index.ts';
import type { SecretTree, SourceState } from '../../src/sources/source.ts';
import type { FileContent } from '../../src/sources/watch-file.ts';
import { changesOf, expectedSnapshots, type Step } from './settled.ts';
import { names, stories } from './stories.ts';
import { fixed, recorded, told, virtually } from './told-source.ts';

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
          const bad = story.filter(({ does }) => does === 'bad').length;
          expect(events.filter(({ type }) => type === 'source.failed').length).toBeLessThanOrEqual(bad);
        });
      }),
      { numRuns: 500 },
    );
  });

  it('is the same over real files, however they are written', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hotline-feed-'));
    const told = fc.sample(stories(20), 12).map((story) => story.map((step) => ({ ...step, wait: 210 })));
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
