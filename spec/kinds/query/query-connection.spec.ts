import { getEventListeners, getMaxListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { BehaviorSubject, firstValueFrom, Subject, toArray } from 'rxjs';
import { ConfigError, OpenError, QueryError } from '../../../src/errors/index.ts';
import { createConnections, inline, type QueryCacheOptions } from '../../../src/index.ts';
import type { QueryDriver } from '../../../src/kinds/query/index.ts';
import type { Config } from '../../../src/secrets/index.ts';
import { DriverError, memoryConnection, MemoryConnection, MemoryServer } from '../../support/memory-query-kind.ts';

const rows = [{ id: 1, name: 'Rex' }];

describe('query', () => {
  it('gives the rows, and ends its lease', async () => {
    const { connection, server, leases } = memoryConnection();
    server.answer = () => rows;
    await expect(connection.query('select * from pet where id = ?', { params: [1] })).resolves.toEqual(rows);
    expect(server.sent).toEqual([{ sql: 'select * from pet where id = ?', params: [1] }]);
    expect(server.contexts[0]).toMatchObject({ write: false, timeout: undefined, maxRows: undefined });
    expect(leases.held).toBe(0);
  });

  it('says what failed: a code, the connection, the cause; no secret and no bound value', async () => {
    const { connection, server, leases } = memoryConnection();
    leases.known = ['hunter2hunter2'];
    server.answer = () => {
      throw new DriverError('duplicate entry alice@example.com, said hunter2hunter2', 'query');
    };
    const error = await connection.query('…', { params: ['alice@example.com'] }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(QueryError);
    expect(error).toMatchObject({ code: 'query_failed', connection: 'pets', retryable: false });
    const told = `${(error as Error).message} ${(error as Error).stack} ${JSON.stringify((error as Error).cause)} ${((error as Error).cause as Error).stack}`;
    expect(told).toContain('duplicate entry');
    expect(told).not.toMatch(/alice|hunter2/);
    expect(server.sent).toHaveLength(1);
  });

  it('sends a read again on a fresh instance when the connection broke', async () => {
    const { connection, server, leases } = memoryConnection();
    server.answer = () => {
      if (leases.generation === 1) throw new DriverError('socket hang up', 'transient');
      return rows;
    };
    await expect(connection.query('…', { retry: { minDelay: 0 } })).resolves.toEqual(rows);
    expect(leases.reported).toMatchObject([{ code: 'connection_lost' }]);
    expect(leases.generation).toBe(2);
  });

  it('gives up after three attempts, with the last error', async () => {
    const { connection, server } = memoryConnection();
    let attempt = 0;
    server.answer = () => {
      throw new DriverError(`attempt ${++attempt}`, 'transient');
    };
    const failed = connection.query('…', { retry: { minDelay: 0 } });
    await expect(failed).rejects.toMatchObject({
      code: 'connection_lost',
      message: expect.stringMatching('attempt 3'),
    });
    expect(server.sent).toHaveLength(3);
  });

  it.each([
    ['retry: false', new DriverError('gone', 'transient'), { retry: false as const }],
    ['an error of the statement', new DriverError('syntax', 'query'), {}],
    ['refused credentials', new DriverError('password', 'auth'), {}],
    ['an error that nobody classified', new DriverError('what?'), {}],
    ['an error of ours', new QueryError('invalid_bind', 'missing :a'), {}],
  ])('does not send again after %s', async (_what, error, options) => {
    const { connection, server } = memoryConnection();
    server.answer = () => {
      throw error;
    };
    await expect(connection.query('…', options)).rejects.toBeInstanceOf(QueryError);
    expect(server.sent).toHaveLength(1);
  });

  it('keeps an instance that is only busy, and sends again', async () => {
    const { connection, server, leases } = memoryConnection();
    server.answer = () => {
      if (server.sent.length === 1) throw new DriverError('deadlock', 'transient', true);
      return rows;
    };
    await expect(connection.query('…', { retry: { minDelay: 0 } })).resolves.toEqual(rows);
    expect(leases.reported).toEqual([]);
  });

  it('does not try an opening again by itself, unless a timeout says how long to wait', async () => {
    const { connection, leases, server } = memoryConnection();
    let attempts = 0;
    leases.refuse = () => {
      if (++attempts === 3) leases.refuse = undefined;
      return new OpenError('open_failed', 'ECONNREFUSED', { connection: 'pets' });
    };
    await expect(connection.query('…')).rejects.toMatchObject({ code: 'open_failed' });
    expect(attempts).toBe(1);
    server.answer = () => rows;
    await expect(connection.query('…', { timeout: 10_000, retry: { minDelay: 0 } })).resolves.toEqual(rows);
  });

  it('ends with `timeout` when its time is over, and stops the work', async () => {
    const { connection, server, leases } = memoryConnection();
    let stopped: unknown;
    server.answer = (_statement, { signal }) =>
      new Promise((_, reject) =>
        signal.addEventListener('abort', () => {
          stopped = signal.reason;
          reject(new Error('canceling statement due to user request'));
        }),
      );
    const error = await connection.query('…', { timeout: 20 }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(QueryError);
    expect(error).toMatchObject({ code: 'timeout', connection: 'pets' });
    expect(stopped).toBeDefined();
    await new Promise(setImmediate);
    expect(leases.held).toBe(0);
    expect(server.sent).toHaveLength(1);
  });

  it('ends with `cancelled` when its signal fires, before, in and between attempts', async () => {
    const { connection, server } = memoryConnection();
    const gone = AbortSignal.abort();
    await expect(connection.query('…', { signal: gone })).rejects.toMatchObject({ code: 'cancelled' });
    expect(server.sent).toHaveLength(0);
    const during = new AbortController();
    server.answer = () => new Promise(() => during.abort());
    const error = await connection.query('…', { signal: during.signal }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(QueryError);
    expect(error).toMatchObject({ code: 'cancelled' });
    const between = new AbortController();
    server.answer = () => {
      setImmediate(() => between.abort());
      throw new DriverError('gone', 'transient');
    };
    const retried = connection.query('…', { signal: between.signal, retry: { minDelay: 1e6, maxDelay: 1e6 } });
    await expect(retried).rejects.toMatchObject({ code: 'cancelled' });
    expect(server.sent).toHaveLength(2);
  });

  it('passes on that its lease was cut', async () => {
    const { connection, server, leases } = memoryConnection();
    server.answer = () => new Promise(() => leases.cut());
    await expect(connection.query('…')).rejects.toMatchObject({ code: 'lease_aborted' });
  });

  it('refuses more rows than maxRows', async () => {
    const { connection, server } = memoryConnection();
    server.answer = () => [{ id: 1 }, { id: 2 }];
    await expect(connection.query('…', { maxRows: 1 })).rejects.toMatchObject({ code: 'too_many_rows' });
    await expect(connection.query('…', { maxRows: 2 })).resolves.toHaveLength(2);
    expect(server.contexts[0]!.maxRows).toBe(1);
  });

  it('takes ttl, timeout and maxRows from the config where the call does not say', async () => {
    const config = { query_ttl: '1h', query_timeout: '5s', max_rows: 10 };
    const { connection, server, leases } = memoryConnection({ config });
    await connection.query('a');
    await connection.query('a');
    expect(server.contexts).toHaveLength(1);
    expect(server.contexts[0]).toMatchObject({ maxRows: 10 });
    await connection.query('a', { ttl: 0, maxRows: 3, timeout: 1000 });
    expect(server.contexts[1]).toMatchObject({ timeout: 1000, maxRows: 3 });
    leases.replace({ max_rows: 20 });
    await connection.query('a', { ttl: 0 });
    await connection.query('a');
    expect(server.contexts.at(-1)).toMatchObject({ maxRows: 20, timeout: undefined });
  });

  it('refuses options of the wrong shape, before anything is sent', async () => {
    const { connection, server } = memoryConnection();
    await expect(connection.query('…', { timeout: 0 })).rejects.toBeInstanceOf(ConfigError);
    await expect(connection.query('…', { ttl: 'soon' as never })).rejects.toBeInstanceOf(ConfigError);
    expect(server.sent).toEqual([]);
  });

  it('as an Observable: once for each subscription, cancelled with it', async () => {
    const { connection, server } = memoryConnection();
    server.answer = () => rows;
    const rows$ = connection.query$('…');
    expect(server.sent).toEqual([]);
    await expect(firstValueFrom(rows$.pipe(toArray()))).resolves.toEqual([rows]);
    const started = new Subject<AbortSignal>();
    server.answer = (_statement, { signal }) => new Promise(() => started.next(signal));
    const signal = firstValueFrom(started);
    const subscription = rows$.subscribe();
    const stopped = await signal;
    subscription.unsubscribe();
    expect(stopped.aborted).toBe(true);
  });
});

describe('a cached query', () => {
  it('is sent once, for all who ask at once and for those who come later', async () => {
    const { connection, server } = memoryConnection();
    server.answer = async () => [{ id: 1, at: new Date(0) }];
    const ask = () => connection.query<{ id: number; at: Date }>('…', { params: { a: 1 }, ttl: '1h' });
    const [first, second] = await Promise.all([ask(), ask()]);
    const third = await ask();
    expect(server.sent).toHaveLength(1);
    first[0]!.id = 2;
    second[0]!.at.setTime(1);
    expect(third).toEqual([{ id: 1, at: new Date(0) }]);
    await connection.query('…', { params: { a: 2 }, ttl: '1h' });
    await connection.query('… ', { params: { a: 1 }, ttl: '1h' });
    expect(server.sent).toHaveLength(3);
  });

  it('belongs to what decides the data: another config, another result', async () => {
    const { connection, server, leases } = memoryConnection();
    let host: string;
    server.answer = () => [{ host }];
    const ask = () => connection.query('…', { ttl: '1h' });
    host = 'a';
    await expect(ask()).resolves.toEqual([{ host: 'a' }]);
    // The config has changed, but the old instance still serves: its rows are not those of the new config.
    leases.upcoming = { host: 'b' };
    await expect(ask()).resolves.toEqual([{ host: 'a' }]);
    leases.replace();
    host = 'b';
    await expect(ask()).resolves.toEqual([{ host: 'b' }]);
    leases.replace({ host: 'a' });
    await expect(ask()).resolves.toEqual([{ host: 'a' }]);
  });

  it('is shared by the connections of one registry that see the same data', async () => {
    const shared = new Map<symbol, unknown>();
    const one = memoryConnection({ shared, id: 'pets#1' });
    const two = memoryConnection({ shared, id: 'pets#2' });
    await one.connection.query('…', { ttl: 1000 });
    await two.connection.query('…', { ttl: 1000 });
    expect(two.server.sent).toHaveLength(0);
    const three = memoryConnection({ shared, config: { host: 'other' } });
    await three.connection.query('…', { ttl: 1000 });
    expect(three.server.sent).toHaveLength(1);
  });

  it('is not cached when its params cannot be compared', async () => {
    const { connection, server } = memoryConnection();
    for (let i = 0; i < 2; i++) await connection.query('…', { params: [new Map()], ttl: 1000 });
    expect(server.sent).toHaveLength(2);
  });

  it('one caller who leaves does not take the others along', async () => {
    const { connection, server } = memoryConnection();
    let answer!: () => void;
    let stop: AbortSignal | undefined;
    server.answer = (_statement, { signal }) => {
      stop = signal;
      return new Promise((resolve) => (answer = () => resolve(rows)));
    };
    const leaving = new AbortController();
    const left = connection.query('…', { ttl: 1000, signal: leaving.signal });
    const stays = connection.query('…', { ttl: 1000, timeout: 10_000 });
    await new Promise(setImmediate);
    leaving.abort();
    await expect(left).rejects.toMatchObject({ code: 'cancelled' });
    expect(stop!.aborted).toBe(false);
    answer();
    await expect(stays).resolves.toEqual(rows);
  });

  it('stops the work when all who wait have left', async () => {
    const { connection, server, leases } = memoryConnection();
    let stop: AbortSignal | undefined;
    server.answer = (_statement, { signal }) => {
      stop = signal;
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
    };
    const one = connection.query('…', { ttl: 1000, timeout: 20 });
    const two = connection.query('…', { ttl: 1000, timeout: 30 });
    await expect(one).rejects.toMatchObject({ code: 'timeout' });
    expect(stop!.aborted).toBe(false);
    await expect(two).rejects.toMatchObject({ code: 'timeout' });
    expect(stop!.aborted).toBe(true);
    await new Promise(setImmediate);
    expect(leases.held).toBe(0);
    server.answer = () => rows;
    await expect(connection.query('…', { ttl: 1000 })).resolves.toEqual(rows);
  });

  it('is listed without its rows and values: how often it was given, how old it is, its tags', async () => {
    const { connection, server } = memoryConnection();
    await expect(connection.cached()).resolves.toEqual({ hits: 0, misses: 0, results: [] });
    server.answer = () => [{ name: 'planted-row' }, { name: 'planted-row' }];
    await connection.query("select 'planted-value'", { ttl: 1e6 });
    for (let asked = 0; asked < 3; asked++) await connection.query('select a', { ttl: 1e6, tags: ['one'] });
    const cached = await connection.cached();
    const [bytes, age] = [expect.any(Number), expect.any(Number)];
    expect(cached).toEqual({
      hits: 2,
      misses: 2,
      results: [
        { sql: 'select a', tags: ['one'], rows: 2, hits: 2, bytes, age },
        { sql: undefined, tags: [], rows: 2, hits: 0, bytes, age },
      ],
    });
    expect(JSON.stringify(cached)).not.toContain('planted');
    await connection.invalidate({ tags: ['one'] });
    expect((await connection.cached()).results).toHaveLength(1);
  });

  it('is forgotten by statement, by tag, and as a whole', async () => {
    const { connection, server } = memoryConnection();
    const ask = async () => {
      server.sent.length = 0;
      await connection.query('a', { ttl: 1e6, tags: ['one'] });
      await connection.query('b', { ttl: 1e6, tags: ['one', 'two'] });
      await connection.query('c', { ttl: 1e6 });
      return server.sent.map(({ sql }) => sql).join('');
    };
    await expect(ask()).resolves.toBe('abc');
    await expect(ask()).resolves.toBe('');
    await connection.invalidate({ sql: 'a' });
    await expect(ask()).resolves.toBe('a');
    await connection.invalidate({ tags: ['two', 'none'] });
    await expect(ask()).resolves.toBe('b');
    await connection.invalidate({ tags: ['one'] });
    await expect(ask()).resolves.toBe('ab');
    await connection.invalidate();
    await expect(ask()).resolves.toBe('abc');
    await connection.execute('insert', { tags: ['two'] });
    await expect(ask()).resolves.toBe('b');
    await connection.transaction((tx) => tx.execute('insert', { tags: ['one'] }), { tags: ['two'] });
    await expect(ask()).resolves.toBe('ab');
    await connection
      .transaction(
        async (tx) => {
          await tx.execute('insert', { tags: ['one'] });
          throw new Error('no');
        },
        { tags: ['two'] },
      )
      .catch(() => undefined);
    await expect(ask()).resolves.toBe('');
  });
});

describe('execute', () => {
  it('gives rows and their count, as a write', async () => {
    const { connection, server } = memoryConnection();
    server.answer = () => rows;
    await expect(connection.execute('insert …')).resolves.toEqual({ rows, rowCount: 1 });
    expect(server.contexts[0]!.write).toBe(true);
  });

  it('is sent once, whatever happens, and replaces an instance that it found broken', async () => {
    const { connection, server, leases } = memoryConnection();
    server.answer = () => {
      throw new DriverError('gone', 'transient');
    };
    await expect(connection.execute('insert …', { timeout: 10_000 })).rejects.toMatchObject({
      code: 'connection_lost',
    });
    expect(server.sent).toHaveLength(1);
    expect(leases.reported).toHaveLength(1);
  });
});

describe('stream', () => {
  const table = Array.from({ length: 25 }, (_, id) => ({ id }));

  it('gives all rows, sends nothing before it is asked, and ends its lease when the cursor is closed', async () => {
    const { connection, server, leases } = memoryConnection();
    server.table = table;
    server.onClose = async () => {
      await new Promise(setImmediate);
      expect(leases.held).toBe(1);
    };
    const stream = connection.stream<{ id: number }>('select', { batchSize: 10 });
    expect(leases.taken).toBe(0);
    const seen: number[] = [];
    for await (const { id } of stream) seen.push(id);
    expect(seen).toEqual(table.map(({ id }) => id));
    expect(server.cursors.map(({ closed }) => closed)).toEqual([1]);
    expect(leases.held).toBe(0);
  });

  it('says what failed, wherever it failed', async () => {
    const { connection, server, leases } = memoryConnection();
    server.table = table;
    server.onRead = async (_count, { reads }) => {
      if (reads === 2) throw new DriverError('gone', 'transient');
    };
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const batch of connection.batches('select', { batchSize: 10 })) seen.push(batch);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'connection_lost', connection: 'pets' });
    expect(seen).toHaveLength(1);
    expect(leases.reported).toHaveLength(1);
    server.onOpen = async () => {
      throw new DriverError('syntax', 'query');
    };
    const opening = connection.stream('select')[Symbol.asyncIterator]().next();
    await expect(opening).rejects.toMatchObject({ code: 'query_failed' });
    expect(leases.held).toBe(0);
    expect(server.cursors.map(({ closed }) => closed)).toEqual([1]);
  });

  it('is cut by its signal, its timeout and the end of its instance', async () => {
    const { connection, server, leases } = memoryConnection();
    server.table = table;
    const stop = new AbortController();
    const ends: [string, object, () => void][] = [
      ['cancelled', { signal: stop.signal }, () => stop.abort()],
      ['timeout', { timeout: 20 }, () => undefined],
      ['lease_aborted', {}, () => leases.cut()],
    ];
    for (const [code, options, end] of ends) {
      const iterator = connection.batches('select', { batchSize: 10, ...options })[Symbol.asyncIterator]();
      await iterator.next();
      server.onRead = () => new Promise(() => undefined);
      await iterator.next();
      const waiting = iterator.next();
      end();
      await expect(waiting).rejects.toMatchObject({ code });
      await expect(iterator.next()).resolves.toMatchObject({ done: true });
      server.onRead = async () => undefined;
      expect(leases.held).toBe(0);
    }
    expect(server.cursors.map(({ closed }) => closed)).toEqual([1, 1, 1]);
  });

  it('finishes on its own instance when another one takes over', async () => {
    const { connection, server, leases } = memoryConnection();
    server.table = table;
    let count = 0;
    for await (const batch of connection.batches('select', { batchSize: 10 })) {
      if (count === 0) leases.replace();
      count += batch.length;
    }
    expect(count).toBe(25);
    expect(server.cursors).toHaveLength(1);
  });

  it('as an Observable asks for the next batch when the work on the last one has ended', async () => {
    const { connection, server } = memoryConnection();
    server.table = table;
    const working = new Subject<{ rows: number; done: () => void }>();
    const project = (batch: object[]) =>
      new Promise<number>((resolve) => working.next({ rows: batch.length, done: () => resolve(batch.length) }));
    const seen: number[] = [];
    working.subscribe(({ done }) => setImmediate(done));
    const all = firstValueFrom(connection.batches$('select', { batchSize: 10, project }).pipe(toArray()));
    working.subscribe(({ rows }) => seen.push(rows));
    await expect(all).resolves.toEqual([10, 10, 5]);
    const plain = await firstValueFrom(connection.batches$('select', { batchSize: 20 }).pipe(toArray()));
    expect(plain.map((batch) => batch.length)).toEqual([20, 5]);
  });
});

describe('live$', () => {
  it('emits first, on each new instance, and when told; not the same twice; it subscribes and holds no lease', async () => {
    const { connection, server, leases } = memoryConnection();
    let value = 1;
    server.answer = async () => [{ value }];
    const refresh = new Subject<void>();
    const seen: unknown[] = [];
    const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
    const subscription = connection.live$('…', { refresh }).subscribe((rows) => seen.push(rows[0]!['value']));
    await settle();
    expect(seen).toEqual([1]);
    expect(leases).toMatchObject({ held: 0, subscribers: 1 });
    refresh.next();
    await settle();
    expect(seen).toEqual([1]);
    value = 2;
    refresh.next();
    await settle();
    value = 3;
    leases.replace();
    await settle();
    expect(seen).toEqual([1, 2, 3]);
    subscription.unsubscribe();
    expect(leases).toMatchObject({ held: 0, subscribers: 0 });
  });

  it('asks the server each time, also where results are cached by default', async () => {
    const { connection, server } = memoryConnection({ config: { query_ttl: '1h' } });
    server.answer = () => [{ n: server.sent.length }];
    const refresh = new Subject<void>();
    const seen: unknown[] = [];
    const subscription = connection.live$('…', { refresh }).subscribe(([row]) => seen.push(row!['n']));
    await new Promise((resolve) => setTimeout(resolve, 5));
    refresh.next();
    await new Promise((resolve) => setTimeout(resolve, 5));
    subscription.unsubscribe();
    expect(seen).toEqual([1, 2]);
  });

  it('listens again first and asks then, on each new instance', async () => {
    const { connection, server, leases } = memoryConnection();
    const order: string[] = [];
    server.answer = async () => {
      order.push(`asked, listening ${server.listening}`);
      return [{ n: order.length }];
    };
    const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
    const subscription = connection.live$('…', { refresh: { channel: 'pets' } }).subscribe();
    await settle();
    leases.replace();
    await settle();
    server.notified$.next('changed');
    await settle();
    expect(order).toEqual(Array(3).fill('asked, listening 1'));
    expect(leases.held).toBe(0);
    subscription.unsubscribe();
    expect(server.listening).toBe(0);
  });

  it('listens and asks again when the listening broke off: what was said meanwhile is lost', async () => {
    const { connection, server, leases } = memoryConnection();
    const seen: unknown[] = [];
    server.answer = async () => [{ n: server.sent.length }];
    const subscription = connection.live$('…', { refresh: { channel: 'pets' } }).subscribe((rows) => seen.push(rows));
    await new Promise((resolve) => setTimeout(resolve, 5));
    const broken = server.notified$;
    server.notified$ = new Subject();
    broken.error(new DriverError('gone', 'transient'));
    while (seen.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(leases.reported).toMatchObject([{ code: 'connection_lost' }]);
    expect(server.listening).toBe(1);
    subscription.unsubscribe();
  });

  it('goes on after an error that passes, ends with one of the statement', async () => {
    const { connection, server, leases } = memoryConnection();
    const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
    const refresh = new Subject<void>();
    const seen: unknown[] = [];
    server.answer = () => rows;
    connection.live$('…', { refresh }).subscribe({
      next: (value) => seen.push(value),
      error: (error: QueryError) => seen.push(error.code),
    });
    await settle();
    leases.refuse = () => new OpenError('open_failed', 'ECONNREFUSED');
    refresh.next();
    await settle();
    expect(seen).toEqual([rows]);
    leases.refuse = undefined;
    server.answer = () => [];
    leases.replace();
    await settle();
    expect(seen).toEqual([rows, []]);
    server.answer = () => {
      throw new DriverError('no such table', 'query');
    };
    refresh.next();
    await settle();
    expect(seen).toEqual([rows, [], 'query_failed']);
    expect(leases.subscribers).toBe(0);
  });

  it('is an error when there is no first value, and completes when the registry closes', async () => {
    const { connection, server, leases } = memoryConnection();
    server.answer = () => {
      throw new DriverError('password', 'auth');
    };
    await expect(firstValueFrom(connection.live$('…'))).rejects.toMatchObject({ code: 'auth_failed' });
    server.answer = () => rows;
    const all = firstValueFrom(connection.live$('…', { refresh: '1s' }).pipe(toArray()));
    await new Promise(setImmediate);
    leases.close();
    await expect(all).resolves.toEqual([rows]);
  });
});

describe('under a real registry', () => {
  /** Every instance is a server of its own, which answers with the host that it was opened with. */
  function setUp(queryCache?: QueryCacheOptions) {
    const servers: (MemoryServer & { host?: unknown; closed?: boolean })[] = [];
    class Pets extends MemoryConnection {
      protected override connect(config: Config): QueryDriver<MemoryServer, string> {
        const server: (typeof servers)[number] = new MemoryServer();
        server.host = config['host'];
        server.answer = () => [{ host: config['host'] }];
        server.table = Array.from({ length: 25 }, (_, id) => ({ id }));
        servers.push(server);
        return { ...server.driver, close: () => (server.closed = true) };
      }
    }
    const secrets$ = new BehaviorSubject({ connections: { pets: { host: 'a' } } });
    const registry = createConnections({ sources: [inline(secrets$)], queryCache });
    const rotate = (host: string): void => secrets$.next({ connections: { pets: { host } } });
    return { registry, servers, rotate, pets: () => registry.connection('pets', { type: Pets }) };
  }

  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
  };

  it('a broken instance is replaced before the read is sent again', async () => {
    const { registry, servers, pets } = setUp();
    const connection = await pets();
    servers[0]!.answer = () => {
      throw new DriverError('gone', 'transient');
    };
    await expect(connection.query('select', { retry: { minDelay: 0 } })).resolves.toEqual([{ host: 'a' }]);
    expect(servers.map(({ sent }) => sent.length)).toEqual([1, 1]);
    await registry.close();
    expect(servers.map(({ closed }) => closed)).toEqual([true, true]);
  });

  it('a stream finishes on its own instance, which is closed then; live$ emits once more, from the new one', async () => {
    const { registry, servers, rotate, pets } = setUp();
    const connection = await pets();
    const seen: unknown[] = [];
    let over = false;
    connection.live$('select').subscribe({ next: ([row]) => seen.push(row!['host']), complete: () => (over = true) });
    await until(() => seen.length === 1);
    const read: unknown[] = [];
    for await (const { id } of connection.stream<{ id: number }>('select', { batchSize: 10 })) {
      if (id === 5) {
        rotate('b');
        await until(() => seen.length === 2);
      }
      expect(servers[0]!.closed).toBeUndefined();
      read.push(id);
    }
    expect(read).toHaveLength(25);
    expect(seen).toEqual(['a', 'b']);
    await until(() => servers[0]!.closed === true);
    expect(servers.map(({ cursors }) => cursors.length)).toEqual([1, 0]);
    await registry.close();
    expect(over).toBe(true);
  });

  it('a cached result is not that of another config, and a timeout is that of the call', async () => {
    const { registry, servers, rotate, pets } = setUp();
    const connection = await pets();
    const ask = () => connection.query('select', { ttl: '1h' });
    for (const host of ['a', 'b', 'a']) {
      rotate(host);
      await until(() => servers.at(-1)!.host === host);
      await until(() => servers.slice(0, -1).every(({ closed }) => closed));
      await expect(ask()).resolves.toEqual([{ host }]);
      await expect(ask()).resolves.toEqual([{ host }]);
    }
    expect(servers.map(({ sent }) => sent.length)).toEqual([1, 1, 0]);
    servers[2]!.answer = () => new Promise(() => undefined);
    const late = connection.query('select', { timeout: 10 });
    await expect(late).rejects.toBeInstanceOf(QueryError);
    await expect(late).rejects.toMatchObject({ code: 'timeout' });
    await expect(connection.execute('insert', { signal: AbortSignal.timeout(10) })).rejects.toMatchObject({
      code: 'cancelled',
    });
    await registry.close({ timeout: 10 });
  });

  it('any number of calls share a signal, so that Node does not warn of a leak', async () => {
    const { registry, pets } = setUp();
    const connection = await pets();
    for (const options of [{}, { ttl: '1h' as const }]) {
      const { signal } = new AbortController();
      const calls = Array.from({ length: 20 }, () => connection.query('select', { ...options, signal }));
      await Promise.all(calls);
      expect(getMaxListeners(signal)).toBeGreaterThan(20);
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    }
    await registry.close();
  });

  it('the cache keeps what the registry was told', async () => {
    const { registry, servers, pets } = setUp({ maxEntries: 1 });
    const connection = await pets();
    for (const sql of ['a', 'b', 'b', 'a']) await connection.query(sql, { ttl: '1h' });
    expect(servers[0]!.sent.map(({ sql }) => sql)).toEqual(['a', 'b', 'a']);
    await registry.close();
  });
});
