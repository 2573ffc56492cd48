import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { mysqlEngine } from '../../../../src/kinds/sql/engines/mysql.ts';

/** A connection that answers what the spec says; the real one is in contract.services.spec.ts. */
function played(answer: unknown) {
  const sent: string[] = [];
  const rows = new PassThrough({ objectMode: true, highWaterMark: 3 });
  const connection = {
    escape: (value: unknown) => `<${String(value)}>`,
    query(sql: string, callback?: (error: null, answer: unknown) => void) {
      sent.push(sql);
      callback?.(null, answer);
      return { stream: () => rows };
    },
  };
  const killed: unknown[] = [];
  const engine = mysqlEngine({ cancelQuery: async (of: unknown) => void killed.push(of) } as never);
  const run = (bound: { text: string[]; values: unknown[] }) => engine.run(connection as never, bound, false);
  return { connection, engine, killed, rows, run, sent };
}
const nothing = { text: ['select 1'], values: [] };

describe('the engine of MySQL', () => {
  it('writes values where the placeholders were, and nowhere else', async () => {
    const { run, sent } = played([]);
    await run({ text: [`select '?', `, ', ', ''], values: ['a?', 7n] });
    expect(sent).toEqual([`select '?', <a?>, 7`]);
  });

  it('tells rows, the header of a write, and the results of a procedure apart', async () => {
    const header = { affectedRows: 3, insertId: 0 };
    expect(await played([{ a: 1 }]).run(nothing)).toEqual({ rows: [{ a: 1 }], rowCount: 1 });
    expect(await played([]).run(nothing)).toEqual({ rows: [], rowCount: 0 });
    expect(await played(header).run(nothing)).toEqual({ rows: [], rowCount: 3 });
    expect(await played([[{ a: 1 }], header]).run(nothing)).toEqual({ rows: [{ a: 1 }], rowCount: 1 });
  });

  it('kills a statement that is left and lets run dry what was under way', async () => {
    const { engine, connection, rows, killed } = played([]);
    const cursor = await engine.openCursor(connection as never, nothing, 3);
    for (const a of [1, 2, 3, 4]) rows.write({ a });
    expect(await cursor.read(2)).toEqual([{ a: 1 }, { a: 2 }]);
    const closed = cursor.close();
    rows.destroy(Object.assign(new Error('interrupted'), { errno: 1317 }));
    expect(await closed).toBe(true);
    expect(killed).toEqual([connection]);
  });

  it('does not use a connection again whose statement ended before the kill', async () => {
    const { engine, connection, rows } = played([]);
    const cursor = await engine.openCursor(connection as never, nothing, 3);
    rows.end({ a: 1 });
    const closed = cursor.close();
    expect(await closed).toBe(false);
  });

  it('kills nothing that was read to its end', async () => {
    const { engine, connection, rows, killed } = played([]);
    const cursor = await engine.openCursor(connection as never, nothing, 3);
    rows.end({ a: 1 });
    expect(await cursor.read(3)).toEqual([{ a: 1 }]);
    expect(await cursor.close()).toBe(true);
    expect(killed).toEqual([]);
  });
});
