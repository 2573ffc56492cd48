import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { QueryError } from '../../src/errors/index.ts';
import { traceEnd, traceStart, type QueryTrace } from '../../src/queries/trace.ts';

const of = { operation: 'query' as const, connection: 'pets', id: 'pets#1', kind: 'SqlConnection', generation: 1 };
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
      traceStart({ sql: 'select * from pet where id = ?', params: [4711] }, () => of),
      { rowCount: 3 },
    );
    unsubscribe('hotline:query', same);
    expect(both[0]).toBe(both[1]);
    expect(seen[0]).toEqual({
      phase: 'start',
      ...of,
      sql: 'select * from pet where id = ?',
      start: expect.any(Number),
    });
    expect(seen[1]).toMatchObject({ phase: 'end', ...of, rowCount: 3, duration: expect.any(Number) });
    expect(Math.abs(seen[0]!.start - Date.now())).toBeLessThan(60_000);
    expect(JSON.stringify(seen)).not.toContain('4711');
  });

  it('says how it failed', () => {
    subscribe('hotline:query', listen);
    const error = new QueryError('query_failed', 'no', { connection: 'pets' });
    traceEnd(
      traceStart({ sql: 'select' }, () => of),
      { error },
    );
    expect(seen[1]).toMatchObject({ phase: 'end', error });
    expect(seen[1]).not.toHaveProperty('rowCount');
  });

  it.each([
    ['select * from pet', undefined, true],
    ['select t1.a from t1', undefined, true],
    ["select * from pet where name = 'Rex'", undefined, false],
    ['select * from pet where id = 4711', undefined, false],
    ['select $$Rex$$', undefined, false],
    ['select * from pet where id = 4711', {}, false],
    ["select * from pet where kind = 'dog' and id = :id", { id: 1 }, true],
  ])('shows the text of %p with params %p: %p', (sql, params, shown) => {
    subscribe('hotline:query', listen);
    traceStart({ sql, params }, () => of);
    expect(seen[0]!.sql).toBe(shown ? sql : undefined);
  });

  it('does nothing while nobody listens', () => {
    const about = jest.fn(() => of);
    expect(traceStart({ sql: 'select' }, about)).toBeUndefined();
    expect(about).not.toHaveBeenCalled();
    expect(() => traceEnd(undefined, {})).not.toThrow();
  });
});
