import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { QueryError } from '../../../src/errors/index.ts';
import { StatementExecutor } from '../../../src/kinds/query/statement-executor.ts';
import { traceEnd, traceStart, type QueryTrace } from '../../../src/kinds/query/trace.ts';

const of = {
  sql: 'select * from pet where id = ?',
  operation: 'query' as const,
  connection: 'pets',
  id: 'pets#1',
  kind: 'SqlConnection',
  generation: 1,
};
const seen: QueryTrace[] = [];
const listen = (message: unknown) => seen.push({ ...(message as QueryTrace) });

describe('tracing', () => {
  afterEach(() => {
    unsubscribe('hotline:query', listen);
    seen.length = 0;
  });

  it('publishes one object as a statement starts, and again as it ends', () => {
    const both: unknown[] = [];
    const same = (message: unknown) => both.push(message);
    subscribe('hotline:query', listen);
    subscribe('hotline:query', same);
    traceEnd(traceStart(of), { rowCount: 3 });
    unsubscribe('hotline:query', same);
    expect(both[0]).toBe(both[1]);
    expect(seen[0]).toEqual({
      phase: 'start',
      ...of,
      start: expect.any(Number),
    });
    expect(seen[1]).toMatchObject({ phase: 'end', ...of, rowCount: 3, duration: expect.any(Number) });
    expect(Math.abs(seen[0]!.start - Date.now())).toBeLessThan(60_000);
  });

  it('says how it failed', () => {
    subscribe('hotline:query', listen);
    const error = new QueryError('query_failed', 'no', { connection: 'pets' });
    traceEnd(traceStart(of), { error });
    expect(seen[1]).toMatchObject({ phase: 'end', error });
    expect(seen[1]).not.toHaveProperty('rowCount');
  });

  it('reads no text while nobody listens', async () => {
    const shownText = jest.fn(() => of.sql);
    const kind = { kind: of.kind, shownText } as unknown as ConstructorParameters<typeof StatementExecutor>[1];
    const leases = { id: of.id, name: of.connection } as ConstructorParameters<typeof StatementExecutor>[0];
    const executor = new StatementExecutor(leases, kind);
    const lease = { generation: 1, signal: new AbortController().signal, broken: () => undefined };
    const context = { signal: lease.signal, timeout: undefined, maxRows: undefined, write: false };
    const send = () =>
      executor.send(lease, { sql: of.sql, params: undefined }, context, async () => ({ rows: [], rowCount: 0 }));
    await send();
    expect([shownText.mock.calls.length, seen]).toEqual([0, []]);
    subscribe('hotline:query', listen);
    await send();
    expect([shownText.mock.calls.length, seen.length]).toEqual([1, 2]);
  });
});
