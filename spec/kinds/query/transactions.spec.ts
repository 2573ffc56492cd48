import { describe, expect, it } from '@jest/globals';
import { DriverError, memoryConnection } from '../../support/memory-query-kind.ts';

const settle = () => new Promise(setImmediate);

describe('transaction', () => {
  it('is committed when its callback returns, and gives what that returned', async () => {
    const { connection, server, leases } = memoryConnection();
    server.answer = () => [{ id: 1 }];
    const made = await connection.transaction(
      async (tx) => {
        expect(tx.raw).toBe('the transaction of the driver');
        expect(leases.held).toBe(1);
        await tx.execute('insert');
        return tx.query('select');
      },
      { isolation: 'serializable', readOnly: true },
    );
    expect(made).toEqual([{ id: 1 }]);
    expect(server.transactions).toEqual(['begin', 'commit']);
    expect(server.began).toMatchObject([{ isolation: 'serializable', readOnly: true }]);
    expect(server.contexts.map(({ write }) => write)).toEqual([true, false]);
    expect(leases.held).toBe(0);
  });

  it('is rolled back when its callback throws, and throws the same', async () => {
    const { connection, server, leases } = memoryConnection();
    const mine = new Error('mine');
    const failed = connection.transaction(() => {
      throw mine;
    });
    await expect(failed).rejects.toBe(mine);
    expect(server.transactions).toEqual(['begin', 'rollback']);
    expect(leases.held).toBe(0);
  });

  it('is never run twice', async () => {
    const { connection, server, leases } = memoryConnection();
    server.answer = () => {
      throw new DriverError('gone', 'transient');
    };
    let runs = 0;
    const failed = connection.transaction((tx) => (runs++, tx.query('select')), { timeout: 10_000 });
    await expect(failed).rejects.toMatchObject({ code: 'connection_lost' });
    expect(runs).toBe(1);
    expect(leases.reported).toHaveLength(1);
    expect(server.transactions).toEqual(['begin', 'rollback']);
  });

  it('says why it could not begin, or could not be committed; then it is rolled back', async () => {
    const { connection, server, leases } = memoryConnection();
    server.onTransaction = async (step) => {
      if (step === 'commit') throw new DriverError('could not serialize', 'transient', true);
    };
    await expect(connection.transaction(() => 1)).rejects.toMatchObject({ code: 'query_failed', retryable: true });
    expect(server.transactions).toEqual(['begin', 'commit', 'rollback']);
    server.onTransaction = async () => {
      throw new DriverError('gone', 'transient');
    };
    await expect(connection.transaction(() => 1)).rejects.toMatchObject({ code: 'connection_lost' });
    expect(server.transactions.slice(3)).toEqual(['begin']);
    expect(leases.reported).toHaveLength(1);
  });

  it('a rollback that fails hides nothing, but says that the instance is broken', async () => {
    const { connection, server, leases } = memoryConnection();
    server.onTransaction = async (step) => {
      if (step === 'rollback') throw new DriverError('gone', 'transient');
    };
    const failed = connection.transaction(() => Promise.reject(new Error('mine')));
    await expect(failed).rejects.toThrow('mine');
    expect(leases.reported).toHaveLength(1);
  });

  it.each([
    ['cancelled', (stop: AbortController) => stop.abort()],
    ['lease_aborted', (_stop: AbortController, cut: () => void) => cut()],
    ['timeout', () => undefined],
  ])('%s: the caller is told at once, and it is rolled back although its callback goes on', async (code, end) => {
    const { connection, server, leases } = memoryConnection();
    const stop = new AbortController();
    let later: Promise<unknown> | undefined;
    const running = connection.transaction(
      async (tx) => {
        await tx.execute('insert');
        setImmediate(end, stop, () => leases.cut());
        await new Promise((resolve) => setTimeout(resolve, 40));
        later = tx.execute('insert');
        await later;
      },
      { signal: stop.signal, timeout: code === 'timeout' ? 10 : 5000 },
    );
    await expect(running).rejects.toMatchObject({ code, connection: 'pets' });
    await settle();
    expect(server.transactions).toEqual(['begin', 'rollback']);
    expect(leases.held).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(later).rejects.toMatchObject({ code: expect.stringMatching(/transaction_ended/) });
    expect(server.sent).toHaveLength(1);
  });

  it('is refused inside itself where the instance has one connection, at any depth; not elsewhere', async () => {
    const shared = new Map<symbol, unknown>();
    const { connection, server } = memoryConnection({ shared });
    const other = memoryConnection({ shared, id: 'other#1' });
    server.capacity = other.server.capacity = 1;
    const nested = { code: 'nested_lease', connection: 'pets' };
    await connection.transaction(async () => {
      await expect(connection.query('select')).rejects.toMatchObject(nested);
      await expect(connection.query('select', { ttl: 1000 })).rejects.toMatchObject(nested);
      await expect(connection.execute('insert')).rejects.toMatchObject(nested);
      await expect(connection.transaction(() => 1)).rejects.toMatchObject(nested);
      await expect(connection.stream('select')[Symbol.asyncIterator]().next()).rejects.toMatchObject(nested);
      await other.connection.transaction(async (tx) => {
        await tx.query('select');
        await settle();
        await expect(connection.query('select')).rejects.toMatchObject(nested);
      });
    });
    await expect(connection.query('select')).resolves.toEqual([]);
    server.capacity = 2;
    await connection.transaction(async () => {
      await expect(connection.query('select')).resolves.toEqual([]);
    });
  });

  it('is not refused to others while one runs', async () => {
    const { connection, server } = memoryConnection();
    server.capacity = 1;
    let inside!: () => void;
    const begun = new Promise<void>((resolve) => (inside = resolve));
    let finish!: () => void;
    const running = connection.transaction(() => (inside(), new Promise<void>((resolve) => (finish = resolve))));
    await begun;
    await expect(connection.query('select')).resolves.toEqual([]);
    finish();
    await running;
  });
});
