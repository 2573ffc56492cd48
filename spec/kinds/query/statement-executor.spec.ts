import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { QueryTrace } from '../../../src/kinds/query/trace.ts';
import { DriverError, memoryConnection } from '../../support/memory-query-kind.ts';

const ends: QueryTrace[] = [];
const starts: QueryTrace[] = [];
const listen = (message: unknown) => {
  const trace = message as QueryTrace;
  (trace.phase === 'start' ? starts : ends).push({ ...trace });
};

describe('what is published on hotline:query', () => {
  beforeEach(() => {
    starts.length = ends.length = 0;
    subscribe('hotline:query', listen);
  });
  afterEach(() => void unsubscribe('hotline:query', listen));

  it('is each statement that is sent, on which instance, and how it ended', async () => {
    const { connection, server, leases } = memoryConnection();
    server.answer = () => [{ id: 1 }, { id: 2 }];
    await connection.query('select * from pet', { ttl: 1000 });
    await connection.query('select * from pet', { ttl: 1000 });
    leases.replace();
    await connection.transaction((tx) => tx.execute('update pet set a = ?', { params: ['secret value'] }));
    const about = { connection: 'pets', id: 'pets#1', kind: 'MemoryConnection' };
    expect(ends).toMatchObject([
      { ...about, operation: 'query', generation: 1, sql: 'select * from pet', rowCount: 2 },
      { ...about, operation: 'execute', generation: 2, sql: 'update pet set a = ?', rowCount: 2 },
    ]);
    expect(starts).toHaveLength(2);
    expect(JSON.stringify(ends)).not.toContain('secret value');
  });

  it('is each attempt, with its error', async () => {
    const { connection, server } = memoryConnection();
    server.answer = () => {
      throw new DriverError('gone', 'transient');
    };
    await connection.query('select', { retry: { attempts: 2, minDelay: 0 } }).catch(() => undefined);
    expect(ends).toMatchObject([
      { generation: 1, error: { code: 'connection_lost' } },
      { generation: 2, error: { code: 'connection_lost' } },
    ]);
  });

  it('is a call that was stopped, whatever the driver made of that; the instance is none the worse', async () => {
    const { connection, server, leases } = memoryConnection();
    const stop = new AbortController();
    server.answer = (_statement, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new DriverError('connection terminated', 'transient')));
        setImmediate(() => stop.abort());
      });
    await expect(connection.query('select', { signal: stop.signal })).rejects.toMatchObject({ code: 'cancelled' });
    expect(ends).toMatchObject([{ error: { code: 'cancelled' } }]);
    expect(leases.reported).toEqual([]);
  });

  it('is a stream from its opening to the close of its cursor, with the rows that were read', async () => {
    const { connection, server } = memoryConnection();
    server.table = Array.from({ length: 25 }, (_, id) => ({ id }));
    server.onClose = async () => expect(ends).toHaveLength(0);
    for await (const row of connection.stream('select', { batchSize: 10 })) expect(row).toBeDefined();
    expect(ends).toMatchObject([{ operation: 'stream', rowCount: 25 }]);
    server.onClose = async () => undefined;
    const failing = () => connection.stream('select')[Symbol.asyncIterator]().next();
    server.onRead = async () => {
      throw new DriverError('syntax', 'query');
    };
    await expect(failing()).rejects.toMatchObject({ code: 'query_failed' });
    server.onOpen = async () => {
      throw new DriverError('syntax', 'query');
    };
    await expect(failing()).rejects.toMatchObject({ code: 'query_failed' });
    expect(ends.slice(1)).toMatchObject([{ error: { code: 'query_failed' } }, { error: { code: 'query_failed' } }]);
    expect(starts).toHaveLength(3);
  });
});

describe('a cursor that cannot be closed', () => {
  it('hides no rows, and is reported', async () => {
    const { connection, server, leases } = memoryConnection();
    server.table = [{ id: 1 }];
    server.onClose = async () => {
      throw new DriverError('gone', 'transient');
    };
    for await (const row of connection.stream('select')) expect(row).toEqual({ id: 1 });
    expect(leases.reported).toHaveLength(1);
    expect(leases.held).toBe(0);
  });
});
