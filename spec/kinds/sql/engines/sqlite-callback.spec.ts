import { describe, expect, it } from '@jest/globals';
import { callbackSqlite } from '../../../../src/kinds/sql/engines/sqlite-callback.ts';

type Answer = (error: Error | null, answer?: unknown) => void;

/** The package sqlite3 as it answers; it is compiled where it is installed, so it is not among those of the specs. */
function played(rows: object[]) {
  const called: string[] = [];
  const left = [...rows];
  const connection = {
    all: (_sql: string, _values: unknown[], answer: Answer) => (called.push('all'), answer(null, rows)),
    run: (_sql: string, _values: unknown[], answer: Answer) => (called.push('run'), answer.call({ changes: 2 }, null)),
    prepare(_sql: string, _values: unknown[], answer: Answer) {
      setImmediate(answer, null);
      return {
        get: (next: Answer) => setImmediate(next, null, left.shift()),
        finalize: (done: () => void) => (called.push('finalize'), done()),
      };
    },
    interrupt: () => called.push('interrupt'),
  };
  return { connection: connection as never, called };
}
const text = (sql: string) => ({ text: [sql], values: [] });

describe('the package sqlite3', () => {
  it('is asked for rows, or for how many have changed', async () => {
    const { connection, called } = played([{ a: 1 }]);
    expect(await callbackSqlite.run(connection, text('select 1'), false)).toEqual({ rows: [{ a: 1 }], rowCount: 1 });
    expect(await callbackSqlite.run(connection, text('update pet set a = 1'), true)).toEqual({ rows: [], rowCount: 2 });
    expect((await callbackSqlite.run(connection, text('delete from pet returning a'), true)).rows).toEqual([{ a: 1 }]);
    expect(called).toEqual(['all', 'run', 'all']);
  });

  it('is read row by row, and may be stopped', async () => {
    const { connection, called } = played([{ a: 1 }, { a: 2 }, { a: 3 }]);
    const cursor = await callbackSqlite.openCursor(connection, text('select a'), 2);
    expect([await cursor.read(2), await cursor.read(2)]).toEqual([[{ a: 1 }, { a: 2 }], [{ a: 3 }]]);
    await callbackSqlite.cancel?.(connection);
    expect(await cursor.close()).toBe(true);
    expect(called).toEqual(['interrupt', 'finalize']);
  });
});
