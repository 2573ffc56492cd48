import { describe, expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { QueryError } from '../../../src/errors/index.ts';
import { QueryConnection, type QueryDriver } from '../../../src/kinds/query/index.ts';
import type { Cursor, Params, Result, Statement } from '../../../src/kinds/query/statement.ts';
import type { Config } from '../../../src/secrets/index.ts';
import { FakeLeases } from '../../support/fake-leases.ts';

type Sent = Statement[];

/** A driver that can do what it must, and nothing else. */
function bareDriver(sent: Sent = []): QueryDriver<Sent> {
  const done = async () => undefined;
  const openCursor = async (): Promise<Cursor> => ({ read: async () => [], close: done });
  return {
    raw: sent,
    async run(statement): Promise<Result> {
      sent.push(statement);
      if (statement.sql === 'fail') throw new Error('no');
      return { rows: [{ n: sent.length }], rowCount: 1 };
    },
    openCursor,
    async begin() {
      const run = async () => ({ rows: [], rowCount: 0 });
      return { raw: undefined, commit: done, rollback: done, run, openCursor };
    },
    close: done,
  };
}

/** A kind that has a driver and nothing else. */
class Bare extends QueryConnection<Sent> {
  protected connect(): QueryDriver<Sent> {
    return bareDriver();
  }
}

/** One that knows more of its server. */
class Knowing extends Bare {
  protected override statement(sql: string, params: Params | undefined): Statement {
    return { sql: sql.trim(), params, options: { role: 'reader' } };
  }
  protected override guardRead({ sql }: Statement): void {
    if (sql.startsWith('insert')) throw new QueryError('write_in_query', 'Use execute.', { connection: this.name });
  }
  protected override cacheScope({ host }: Config): unknown {
    return host;
  }
  protected override queryDefaults() {
    return { maxRows: 10 };
  }
}

describe('a kind with a driver alone', () => {
  const leases = new FakeLeases<QueryDriver<Sent>>(() => bareDriver());
  const connection = new Bare(leases);

  it('sends statements as they are, of any sort, and fails without being tried again', async () => {
    await expect(connection.query('insert', { params: { a: 1 } })).resolves.toEqual([{ n: 1 }]);
    await expect(connection.query('fail')).rejects.toMatchObject({ code: 'query_failed' });
    expect(leases.raw.raw).toEqual([
      { sql: 'insert', params: { a: 1 } },
      { sql: 'fail', params: undefined },
    ]);
  });

  it('has streams, and transactions that may be nested', async () => {
    for await (const row of connection.stream('select')) expect(row).toBeUndefined();
    await expect(connection.transaction(() => connection.query('select'))).resolves.toHaveLength(1);
  });

  it('has no channels, and says what to use instead', async () => {
    const live = firstValueFrom(connection.live$('select', { refresh: { channel: 'pets' } }));
    await expect(live).rejects.toMatchObject({ code: 'not_supported', message: expect.stringMatching('interval') });
    expect(leases.held).toBe(0);
  });
});

describe('a kind that knows more', () => {
  const leases = new FakeLeases<QueryDriver<Sent>>(() => bareDriver(), { config: { host: 'a', password: 'one' } });
  const connection = new Knowing(leases);

  it('says what is sent, and what query must not send', async () => {
    await expect(connection.query(' insert ')).rejects.toMatchObject({ code: 'write_in_query' });
    await connection.execute(' insert ');
    expect(leases.raw.raw).toEqual([{ sql: 'insert', params: undefined, options: { role: 'reader' } }]);
    await connection.transaction(async (tx) => {
      await expect(tx.query('insert')).rejects.toMatchObject({ code: 'write_in_query' });
    });
  });

  it('says what decides the data: another password is no other data', async () => {
    await connection.query('select', { ttl: 1e6 });
    const sent = leases.raw.raw;
    leases.replace({ host: 'a', password: 'two' });
    await connection.query('select', { ttl: 1e6 });
    expect(leases.raw.raw).toEqual([]);
    leases.replace({ host: 'b', password: 'two' });
    await connection.query('select', { ttl: 1e6 });
    expect([sent.length, leases.raw.raw.length]).toEqual([2, 1]);
  });
});
