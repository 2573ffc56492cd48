import { describe, expect, it } from '@jest/globals';
import { otherEngine } from '../../../../src/kinds/sql/engines/other.ts';

/** knex's client as it would be; there is no server of SQL Server or Oracle to run the specs on. */
function played(rows: object[], rowsAffected?: number) {
  const sent: unknown[] = [];
  const client = {
    prepBindings: (bindings: unknown[]) => bindings,
    _query: async (_connection: unknown, query: object) => {
      sent.push(query);
      return { ...query, response: rows, ...(rowsAffected !== undefined && { rowsAffected }) };
    },
    processResponse: (query: { response: object[] }) => [...query.response],
  };
  return { client: client as never, sent };
}
const bound = { text: ['select * from pet where a = ', ' and b = ', ''], values: [1, 'x'] };

describe('the engine of SQL Server and Oracle', () => {
  it('writes the placeholders of each', async () => {
    const mssql = played([{ a: 1 }]);
    expect(await otherEngine(mssql.client, 'mssql').run({}, bound, false)).toEqual({ rows: [{ a: 1 }], rowCount: 1 });
    expect(mssql.sent).toMatchObject([{ sql: 'select * from pet where a = @p0 and b = @p1', bindings: [1, 'x'] }]);
    const oracle = played([]);
    await otherEngine(oracle.client, 'oracle').run({}, bound, false);
    expect(oracle.sent).toMatchObject([{ sql: 'select * from pet where a = :1 and b = :2' }]);
  });

  it('counts what a write has changed', async () => {
    expect(await otherEngine(played([{ hotline_rowcount: 4 }]).client, 'mssql').run({}, bound, true)).toEqual({
      rows: [],
      rowCount: 4,
    });
    expect(await otherEngine(played([], 3).client, 'oracle').run({}, bound, true)).toEqual({ rows: [], rowCount: 3 });
  });

  it('says that it has no cursor, and what to use', async () => {
    const { openCursor } = otherEngine(played([]).client, 'mssql');
    await expect(openCursor({}, bound, 1)).rejects.toMatchObject({
      code: 'not_supported',
      message: expect.stringContaining('use('),
    });
  });
});
