import { describe, expect, it } from '@jest/globals';
import { QueryError } from '../../../src/errors/index.ts';
import { queryCacheKey } from '../../../src/kinds/query/index.ts';
import { QueryCache } from '../../../src/kinds/query/cache.ts';
import { DriverError, memoryConnection } from '../../support/memory-query-kind.ts';

describe('a read that is tried again', () => {
  it('has what is left of its timeout, not all of it anew', async () => {
    const { connection, server } = memoryConnection();
    const left: (number | undefined)[] = [];
    server.answer = async (_statement, { timeout }) => {
      left.push(timeout);
      await new Promise((resolve) => setTimeout(resolve, 30));
      if (left.length === 1) throw new DriverError('gone', 'transient');
      return [];
    };
    await connection.query('select', { timeout: 5000, retry: { minDelay: 0 } });
    expect(left[0]).toBe(5000);
    expect(left[1]).toBeLessThanOrEqual(4975);
  });

  it('within its timeout is tried for longer than three times, and ends with the error of the server', async () => {
    const { connection, server } = memoryConnection();
    server.answer = () => {
      throw new DriverError(`attempt ${server.sent.length}`, 'transient');
    };
    const failed = connection.query('select', { timeout: 500, retry: { minDelay: 1, maxDelay: 5 } });
    await expect(failed).rejects.toMatchObject({
      code: 'connection_lost',
      message: expect.stringMatching(/attempt \d/),
    });
    expect(server.sent.length).toBeGreaterThan(3);
  });

  it('does not wait for a full pool all over again, unless its timeout leaves room for that', async () => {
    const { connection, server } = memoryConnection();
    server.answer = () => {
      throw new QueryError('pool_exhausted', 'no connection became free');
    };
    await expect(connection.query('select')).rejects.toMatchObject({ code: 'pool_exhausted' });
    expect(server.sent).toHaveLength(1);
    await expect(connection.query('select', { timeout: 500, retry: { minDelay: 1, maxDelay: 5 } })).rejects.toThrow();
    expect(server.sent.length).toBeGreaterThan(2);
  });
});

describe('a cached read', () => {
  it('is tried again for as long as its first caller would wait, and joined by others meanwhile', async () => {
    const { connection, server } = memoryConnection();
    server.answer = () => {
      if (server.sent.length < 6) throw new DriverError('gone', 'transient');
      return [{ id: 1 }];
    };
    const options = { ttl: 1000, timeout: 5000, retry: { minDelay: 0 } };
    const both = Promise.all([connection.query('select', options), connection.query('select', options)]);
    await expect(both).resolves.toEqual([[{ id: 1 }], [{ id: 1 }]]);
    expect(server.sent).toHaveLength(6);
  });

  it('is sent where there is no config to keep it by, and kept again when there is', async () => {
    const { connection, server, leases } = memoryConnection();
    const ask = () => connection.query('select', { ttl: 1000 });
    await ask();
    const config = leases.config.bind(leases);
    leases.config = () => Promise.reject(new Error('the section is gone'));
    await ask();
    await connection.invalidate();
    leases.config = config;
    await ask();
    await ask();
    expect(server.sent).toHaveLength(3);
  });

  it('with another limit of rows is another one', async () => {
    const { connection, server } = memoryConnection();
    server.answer = () => [{ id: 1 }, { id: 2 }];
    await connection.query('select', { ttl: 1000 });
    await expect(connection.query('select', { ttl: 1000, maxRows: 1 })).rejects.toMatchObject({
      code: 'too_many_rows',
    });
    await expect(connection.query('select', { ttl: 1000 })).resolves.toHaveLength(2);
    expect(server.sent).toHaveLength(2);
  });

  it('is kept in the cache that the registry brings', async () => {
    const mine = new QueryCache({ maxEntries: 1 });
    const { connection, server } = memoryConnection({ shared: new Map([[queryCacheKey, mine]]) });
    for (const sql of ['a', 'b', 'a']) await connection.query(sql, { ttl: 1000 });
    expect(server.sent).toHaveLength(3);
  });
});
