import { describe, expect, it } from '@jest/globals';
import type { Transaction } from '../../../src/kinds/query/index.ts';
import { DriverError, memoryConnection } from '../../support/memory-query-kind.ts';

const table = Array.from({ length: 25 }, (_, id) => ({ id }));

describe('tx', () => {
  it('is refused after its end, for everything', async () => {
    const { connection, server } = memoryConnection();
    let kept!: Transaction<string>;
    await connection.transaction((tx) => void (kept = tx));
    const ended = { code: 'transaction_ended', connection: 'pets' };
    await expect(kept.query('select')).rejects.toMatchObject(ended);
    await expect(kept.execute('insert')).rejects.toMatchObject(ended);
    await expect(kept.stream('select')[Symbol.asyncIterator]().next()).rejects.toMatchObject(ended);
    expect(() => kept.raw).toThrow(expect.objectContaining(ended));
    expect(server.sent).toEqual([]);
  });

  it('says what failed as query and execute do', async () => {
    const { connection, server } = memoryConnection();
    server.answer = ({ params }) => {
      if (params) throw new DriverError('duplicate entry alice@example.com', 'query');
      return [{ id: 1 }, { id: 2 }];
    };
    await connection.transaction(async (tx) => {
      const failed = tx.execute('insert', { params: ['alice@example.com'] });
      await expect(failed).rejects.toMatchObject({ code: 'query_failed', message: expect.not.stringMatching('alice') });
      await expect(tx.query('select', { maxRows: 1 })).rejects.toMatchObject({ code: 'too_many_rows' });
    });
  });

  it('a statement has a signal and a timeout of its own', async () => {
    const { connection, server } = memoryConnection();
    const stopped: unknown[] = [];
    server.answer = (_statement, { signal }) =>
      new Promise(() => signal.addEventListener('abort', () => stopped.push((signal.reason as { code: string }).code)));
    await connection.transaction(async (tx) => {
      await expect(tx.query('select', { timeout: 5 })).rejects.toMatchObject({ code: 'timeout' });
      const stop = new AbortController();
      setImmediate(() => stop.abort());
      await expect(tx.execute('insert', { signal: stop.signal })).rejects.toMatchObject({ code: 'cancelled' });
    });
    expect(stopped).toEqual(['timeout', 'cancelled']);
    expect(server.transactions).toEqual(['begin', 'commit']);
  });

  it('streams, pulled, on its own connection', async () => {
    const { connection, server, leases } = memoryConnection();
    server.table = table;
    await connection.transaction(async (tx) => {
      const seen: number[] = [];
      for await (const { id } of tx.stream<{ id: number }>('select', { batchSize: 10 })) seen.push(id);
      expect(seen).toEqual(table.map(({ id }) => id));
      for await (const batch of tx.batches('select', { batchSize: 10 })) {
        expect(batch).toHaveLength(10);
        break;
      }
      expect(leases.taken).toBe(1);
    });
    expect(server.cursors.map(({ closed }) => closed)).toEqual([1, 1]);
  });

  it('closes what was left open before it is committed; who reads on is told', async () => {
    const { connection, server } = memoryConnection();
    server.table = table;
    server.onTransaction = async (step) => {
      if (step === 'commit') expect(server.cursors.map(({ closed }) => closed)).toEqual([1]);
    };
    let kept!: AsyncIterator<unknown>;
    await connection.transaction(async (tx) => {
      kept = tx.batches('select', { batchSize: 10 })[Symbol.asyncIterator]();
      await kept.next();
    });
    expect(server.transactions).toEqual(['begin', 'commit']);
    await expect(kept.next()).rejects.toMatchObject({ code: 'transaction_ended' });
  });

  it('a stream that is still at it does not hold up the rollback', async () => {
    const { connection, server } = memoryConnection();
    server.table = table;
    let stopped!: () => void;
    server.onRead = () => new Promise((resolve) => (stopped = resolve));
    // The server is done with it when it is rolled back, not before.
    let rolledBack!: () => void;
    server.onClose = () => new Promise((resolve) => (rolledBack = resolve));
    server.onTransaction = async (step) => {
      await new Promise(setImmediate);
      if (step !== 'rollback') return;
      stopped();
      rolledBack();
    };
    const failed = connection.transaction(async (tx) => {
      void tx
        .batches('select')
        [Symbol.asyncIterator]()
        .next()
        .catch(() => undefined);
      await new Promise(setImmediate);
      throw new Error('mine');
    });
    await expect(failed).rejects.toThrow('mine');
    expect(server.transactions).toEqual(['begin', 'rollback']);
  });
});
