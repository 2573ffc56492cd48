import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { QueryTrace } from '../../../src/kinds/query/trace.ts';
import { memoryConnection, type MemoryServer } from '../../support/memory-query-kind.ts';

let traces: QueryTrace[];
let asks = true;
const listen = (message: unknown): void => {
  const trace = message as QueryTrace;
  if (trace.phase === 'end') return;
  if (asks) trace.cancellable = true;
  traces.push(trace);
};

beforeEach(() => {
  asks = true;
  traces = [];
  subscribe('hotline:query', listen);
});
afterEach(() => void unsubscribe('hotline:query', listen));

/** A server whose statements run until they are stopped. */
function slow(server: MemoryServer): void {
  server.answer = (_statement, { signal }) =>
    new Promise((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(new Error('stopped by the server'))),
    );
}

const settle = () => new Promise(setImmediate);

describe('cancel of a trace', () => {
  it('stops the statement on the server; its caller gets `cancelled`, and it is not sent again', async () => {
    const { connection, server, leases } = memoryConnection();
    slow(server);
    const asked = connection.query('select');
    const failed = asked.catch((error: unknown) => error);
    await settle();
    traces[0]!.cancel!();
    expect(await failed).toMatchObject({ name: 'QueryError', code: 'cancelled', connection: 'pets' });
    expect(server.sent).toHaveLength(1);
    expect(traces[0]).toMatchObject({ phase: 'end', error: { code: 'cancelled' } });
    expect(leases.held).toBe(0);
  });

  it('stops one statement and no other', async () => {
    const { connection, server } = memoryConnection();
    slow(server);
    const [first, second] = [connection.execute('first'), connection.execute('second')];
    const failed = first.catch((error: unknown) => error);
    await settle();
    traces[0]!.cancel!();
    expect(await failed).toMatchObject({ code: 'cancelled' });
    expect(await Promise.race([second.catch(() => 'stopped'), settle().then(() => 'runs')])).toBe('runs');
    traces[1]!.cancel!();
    await expect(second).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('leaves the signal and the timeout of the caller as they are', async () => {
    const { connection, server } = memoryConnection();
    slow(server);
    const stop = new AbortController();
    const asked = connection.query('select', { signal: stop.signal });
    const failed = asked.catch((error: unknown) => error);
    await settle();
    stop.abort();
    expect(await failed).toMatchObject({ code: 'cancelled', message: expect.stringContaining('by its signal') });
    await expect(connection.query('select', { timeout: 5 })).rejects.toMatchObject({ code: 'timeout' });
    expect(server.contexts.at(-1)).toMatchObject({ timeout: 5, write: false });
  });

  it('stops a statement of a transaction, which is rolled back', async () => {
    const { connection, server } = memoryConnection();
    slow(server);
    const done = connection.transaction((tx) => tx.execute('update'));
    const failed = done.catch((error: unknown) => error);
    await settle();
    traces[0]!.cancel!();
    expect(await failed).toMatchObject({ code: 'cancelled' });
    expect(server.transactions).toEqual(['begin', 'rollback']);
  });

  it.each(['stream', 'transaction'])('closes the cursor of a stream: of a %s', async (where) => {
    const { connection, server, leases } = memoryConnection();
    server.table = [{ n: 1 }, { n: 2 }, { n: 3 }];
    const read = async (rows: AsyncIterable<object>): Promise<void> => {
      for await (const _row of rows) traces[0]!.cancel!();
    };
    const reading =
      where === 'stream'
        ? read(connection.stream('select', { batchSize: 1 }))
        : connection.transaction((tx) => read(tx.stream('select', { batchSize: 1 })));
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
    expect(server.cursors[0]!.closed).toBe(1);
    expect(leases.held).toBe(0);
  });

  it('is there only where a listener has asked for it', async () => {
    const { connection, server } = memoryConnection();
    asks = false;
    await connection.query('select');
    expect(traces[0]).not.toHaveProperty('cancel');
    asks = true;
    await connection.query('select');
    traces[1]!.cancel!();
    expect(server.contexts.at(-1)).not.toHaveProperty('cancel');
    expect(await connection.query('select')).toEqual([]);
  });

  it('keeps no listener on the signal of the caller', async () => {
    const { connection } = memoryConnection();
    const { signal } = new AbortController();
    let listening = 0;
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    Object.assign(signal, {
      addEventListener: (...given: Parameters<typeof add>) => (listening++, add(...given)),
      removeEventListener: (...given: Parameters<typeof remove>) => (listening--, remove(...given)),
    });
    await connection.transaction((tx) => tx.query('select', { signal }));
    expect(listening).toBe(0);
  });
});
