import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { QueryError } from '../../../src/errors/index.ts';
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
    traceEnd(
      traceStart(() => of),
      { rowCount: 3 },
    );
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
    traceEnd(
      traceStart(() => of),
      { error },
    );
    expect(seen[1]).toMatchObject({ phase: 'end', error });
    expect(seen[1]).not.toHaveProperty('rowCount');
  });

  it('does nothing while nobody listens', () => {
    const about = jest.fn(() => of);
    expect(traceStart(about)).toBeUndefined();
    expect(about).not.toHaveBeenCalled();
    expect(() => traceEnd(undefined, {})).not.toThrow();
  });
});
