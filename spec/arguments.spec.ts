import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { firstValueFrom, isObservable, take, timeout } from 'rxjs';
import {
  createConnections,
  environmentVariables,
  HotlineError,
  inline,
  pull$,
  secretsDirectory,
  snowflakeFiles,
  SqlConnection,
  tomlFile,
  type ConnectionRegistry,
  type Secrets,
} from '../src/index.ts';
import { memoryKind } from '../src/testing/index.ts';
import { runPackageInChild } from './support/child.ts';

/** What a program may hand over by mistake. */
const throwing = (): never => {
  throw new TypeError('it throws at any question');
};
const traps = new Proxy({}, { get: () => throwing });
const circle: Record<string, unknown> = {};
circle['self'] = [circle];
const deep = (levels: number): unknown => {
  let value: unknown = 'end';
  for (let level = 0; level < levels; level++) value = level % 2 ? [value] : { inner: value };
  return value;
};
const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const odd: Readonly<Record<string, unknown>> = {
  null: null,
  zero: 0,
  NaN: NaN,
  negative: -1,
  bigint: 1n,
  'no text': '',
  text: 'x',
  true: true,
  symbol: Symbol('s'),
  'shared symbol': Symbol.for('s'),
  function: () => 1,
  'throwing function': throwing,
  array: [],
  object: {},
  'no date': new Date(NaN),
  map: new Map(),
  circle,
  'deep nesting': deep(10_000),
  'a proxy that throws': new Proxy({}, traps),
  'a function that throws as a proxy': new Proxy(() => 1, traps),
  'a revoked proxy': revoked(),
  'an object whose getters throw': Object.defineProperty({}, 'x', { enumerable: true, get: throwing }),
  'an object that is no text': { toString: throwing, [Symbol.toPrimitive]: throwing },
  'a bare object': Object.create(null) as unknown,
};

let hot: ConnectionRegistry;
let pets: SqlConnection;
let secrets: Secrets;
const reached: unknown[] = [];
const note = (error: unknown): void => void reached.push(error);
const types = { memory: memoryKind().Kind };

beforeAll(async () => {
  for (const event of ['unhandledRejection', 'uncaughtExceptionMonitor'] as const) process.on(event, note);
  hot = createConnections({ sources: [inline({ connections: { pets: { url: 'sqlite://' } } })], types });
  pets = await hot.connection('pets', { type: SqlConnection });
  secrets = await firstValueFrom(hot.secrets$);
});
afterEach(async () => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(reached.splice(0)).toEqual([]);
});
afterAll(async () => {
  for (const event of ['unhandledRejection', 'uncaughtExceptionMonitor'] as const) process.off(event, note);
  await hot.close();
});

type Door = (value: never) => unknown;

/** What a function of the program throws is its own affair. */
const own = (value: never): never =>
  typeof value === 'function' && value !== odd['function'] ? (undefined as never) : value;

const connection: Readonly<Record<string, Door>> = {
  'connection(name)': (name) => hot.connection(name),
  'connection(name, { type })': (type) => hot.connection('memory', { type, size: 1 }),
  'connection(name, options)': (options) => hot.connection('memory', options),
  'connection(name, { signal })': (signal) => hot.connection('nowhere', { signal }),
  'connection(name, { params })': (params) => hot.connection('memory', { params }),
  'connection(name, { param })': (size) => hot.connection('memory', { size }),
  'connection(name, { ttl })': (ttl) => hot.connection('memory', { size: 1, ttl }),
  'connection(name, { retry })': (retry) => hot.connection('memory', { size: 1, retry }),
  'connection(name, { maxEntries })': (maxEntries) => hot.connection('memory', { size: 1, maxEntries }),
  'connection$(name)': (name) => hot.connection$(name),
  'connection$(name, options)': (options) => hot.connection$('memory', options),
  'connection$(name, { param })': (size) => hot.connection$('memory', { size }),
  'status$(name)': (name) => hot.status$(name),
  'status$(name, options)': (options) => hot.status$('memory', options),
  'stats(name)': (name) => hot.stats(name),
  'stats(name, options)': (options) => hot.stats('memory', options),
  'handle(id)': (id) => hot.handle(id),
  'provide(name, fake)': (name) => (hot.provide(name, {}), hot.provide(name, undefined)),
  'SQL settings': (url) => hot.connection('sql', { url, retry: false }),
};

const registry: Readonly<Record<string, Door>> = {
  'createConnections(options)': (options) => createConnections(options).close(),
  ...Object.fromEntries(
    [
      'sources',
      'types',
      'root',
      'environment',
      'scheduler',
      'instance',
      'ttl',
      'retry',
      'queryCache',
      'maxEntries',
    ].map((name) => [
      `createConnections({ ${name} })`,
      async (value: never) => {
        const made = createConnections({ sources: [inline({})], types, [name]: value });
        await made.connection('memory', { size: 1, signal: AbortSignal.timeout(200) }).finally(() => made.close());
      },
    ]),
  ),
  'a source': async (source) => {
    const made = createConnections({ sources: [source] });
    await made.connection('pets', { signal: AbortSignal.timeout(200) }).finally(() => made.close());
  },
  'close(options)': (options) => createConnections({ sources: [] }).close(options),
  'close({ timeout })': (timeout) => createConnections({ sources: [] }).close({ timeout }),
  'tomlFile(path)': (path) => tomlFile(path),
  'tomlFile(path, options)': (options) => tomlFile('x.toml', options),
  'secretsDirectory(path)': (path) => secretsDirectory(path),
  'snowflakeFiles(options)': (options) => snowflakeFiles(options),
  'environmentVariables(options)': (options) => environmentVariables(options),
  'environmentVariables({ prefix })': (prefix) => environmentVariables({ prefix }),
  'environmentVariables({ map })': (map) => environmentVariables({ map }),
  'inline(secrets)': (value) => inline(value),
  'secrets.get(path)': (path) => secrets.get(path),
  'secrets.has(path)': (path) => secrets.has(path),
  'secrets.require(path)': (path) => secrets.require(path),
  'secrets.origin(path)': (path) => secrets.origin(path),
  'secrets.keys(path)': (path) => secrets.keys(path),
  'secrets.reveal(path)': (path) => secrets.reveal(path),
};

const handle: Readonly<Record<string, Door>> = {
  'use(fn)': (fn) => pets.use(typeof fn === 'function' && fn !== odd['function'] ? (5 as never) : fn),
  'use(fn, options)': (options) => pets.use(() => 1, options),
  'use(fn, { signal })': (signal) => pets.use(() => 1, { signal }),
  'ping(options)': (options) => pets.ping(options),
  'ping({ timeout })': (timeout) => pets.ping({ timeout }),
  'query(sql)': (sql) => pets.query(sql),
  'query(sql, options)': (options) => pets.query('select 1', options),
  'query(sql, { params })': (params) => pets.query('select ? as x', { params }),
  'query(sql, { params: [value] })': (value) => pets.query('select ? as x', { params: [value] }),
  'query(sql, { params: { x: value } })': (value) => pets.query('select :x as x', { params: { x: value } }),
  'a cached query': (value) => pets.query('select ? as x', { params: [value], ttl: 1000 }),
  'a cached query by name': (value) => pets.query('select :x as x', { params: { x: value }, ttl: 1000 }),
  ...Object.fromEntries(
    ['ttl', 'signal', 'timeout', 'retry', 'tags', 'maxRows', 'staleWhileRevalidate'].map((name) => [
      `query(sql, { ${name} })`,
      (value: never) => pets.query('select 1', { ttl: name === 'ttl' ? value : 10, [name]: value }),
    ]),
  ),
  'execute(sql)': (sql) => pets.execute(sql),
  'execute(sql, options)': (options) => pets.execute('select 1', options),
  'execute(sql, { params: [value] })': (value) => pets.execute('select ? as x', { params: [value] }),
  'execute(sql, { tags })': (tags) => pets.execute('select 1', { tags }),
  'stream(sql)': (sql) => pets.stream(sql),
  'stream(sql, options)': (options) => pets.stream('select 1', options),
  'stream(sql, { signal })': (signal) => pets.stream('select 1', { signal }),
  'stream(sql, { params: [value] })': (value) => pets.stream('select ? as x', { params: [value] }),
  'stream(sql, { batchSize })': (batchSize) => pets.stream('select 1', { batchSize }),
  'batches$(sql, options)': (options) => pets.batches$('select 1', options),
  'batches$(sql, { project })': (project) => pets.batches$('select 1', { project: own(project) }),
  'query$(sql, options)': (options) => pets.query$('select 1', options),
  'live$(sql)': (sql) => pets.live$(sql),
  'live$(sql, options)': (options) => pets.live$('select 1', options),
  'live$(sql, { refresh })': (refresh) => pets.live$('select 1', { refresh }),
  'live$(sql, { refresh: { channel } })': (channel) => pets.live$('select 1', { refresh: { channel } }),
  'transaction(fn)': (fn) => pets.transaction(typeof fn === 'function' ? (5 as never) : fn),
  'transaction(fn, options)': (options) => pets.transaction(() => 1, options),
  'transaction(fn, { isolation })': (isolation) => pets.transaction(() => 1, { isolation }),
  'transaction(fn, { tags })': (tags) => pets.transaction(() => 1, { tags }),
  'tx.query(sql)': (sql) => pets.transaction((tx) => tx.query(sql)),
  'tx.query(sql, options)': (options) => pets.transaction((tx) => tx.query('select 1', options)),
  'tx.query(sql, { params: [value] })': (value) => pets.transaction((tx) => tx.query('select ?', { params: [value] })),
  'tx.execute(sql, { signal })': (signal) => pets.transaction((tx) => tx.execute('select 1', { signal })),
  'tx.stream(sql, options)': (options) => pets.transaction(async (tx) => settle(tx.stream('select 1', options))),
  'invalidate(what)': (what) => pets.invalidate(what),
  'invalidate({ tags })': (tags) => pets.invalidate({ tags }),
  'invalidate({ sql })': (sql) => pets.invalidate({ sql }),
  'pull$(source, project, options)': (options) =>
    pull$(
      (async function* () {
        yield 1;
      })(),
      () => [1],
      options,
    ),
  'pull$(source, project, { concurrency })': (concurrency) =>
    pull$(
      (async function* () {
        yield 1;
      })(),
      () => [1],
      { concurrency },
    ),
  'batches$(sql, { concurrency })': (concurrency) => pets.batches$('select 1', { concurrency }),
  'pull$(source)': (source) => pull$(own(source), () => [1]),
};

/** Waits for what a call comes to, as its caller would. */
async function settle(result: unknown): Promise<unknown> {
  if (isObservable(result)) return firstValueFrom(result.pipe(take(1), timeout(3000)), { defaultValue: undefined });
  const iterable = result as Partial<AsyncIterable<unknown>> | undefined;
  if (typeof iterable?.[Symbol.asyncIterator] !== 'function') return result;
  const iterator = iterable[Symbol.asyncIterator]!();
  return iterator.next().finally(() => iterator.return?.());
}

async function errorOf(door: Door, value: unknown): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error('never settles')), 4000)));
  try {
    await Promise.race([settle(await door(value as never)), late]);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    clearTimeout(timer);
  }
}

describe.each(Object.entries({ ...connection, ...registry, ...handle }))('%s', (_, door) => {
  it('takes any value, or refuses it by one HotlineError; nothing is left behind', async () => {
    const wrong: string[] = [];
    for (const [name, value] of Object.entries(odd)) {
      const error = await errorOf(door, value);
      if (error !== undefined && !(error instanceof HotlineError))
        wrong.push(`${name}: ${String((error as Error)?.stack).slice(0, 300)}`);
    }
    expect(wrong).toEqual([]);
    expect(hot.stats('pets').leases).toBe(0);
  });
});

describe('what cannot be reached', () => {
  it.each([
    'file:///nowhere/kind.js#Kind',
    'file:#Kind',
    'file://host/%00#Kind',
    './nowhere.js#Kind',
    'nowhere#Kind',
    '#',
  ])('a module %s is one invalid_module', async (type) => {
    await expect(hot.connection('memory', { type })).rejects.toMatchObject({
      code: 'invalid_module',
      connection: 'memory',
    });
  });

  it('a signal that is none leaves no rejection behind, and does not hold the process', async () => {
    const { stdout, stderr, stopped } = await runPackageInChild(`
      const { createConnections } = require('hotline');
      const hot = createConnections({ sources: [] });
      for (const signal of [{}, null, 5, 'x', { aborted: true }])
        await hot.connection('nowhere', { signal }).catch(({ code }) => console.log(code));
    `);
    expect([stdout.split('\n').length - 1, stderr, stopped]).toEqual([5, '', false]);
    expect(new Set(stdout.trim().split('\n'))).toEqual(new Set(['invalid_argument']));
  });
});
