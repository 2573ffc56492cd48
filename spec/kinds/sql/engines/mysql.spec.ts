import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { mysqlEngine } from '../../../../src/kinds/sql/engines/mysql.ts';

/** A connection that answers what the spec says; the real one is in contract.services.spec.ts. */
function played(answer: unknown) {
  const sent: string[] = [];
  const query = new EventEmitter();
  const asked: string[] = [];
  const connection = {
    escape: (value: unknown) => `<${String(value)}>`,
    query({ sql }: { sql: string }, callback?: (error: null, answer: unknown) => void) {
      sent.push(sql);
      callback?.(null, answer);
      return query;
    },
    pause: () => void asked.push('pause'),
    resume: () => void asked.push('resume'),
  };
  const killed: unknown[] = [];
  const engine = mysqlEngine({ cancel: async (of) => void killed.push(of) }, 'text');
  const run = (bound: { text: string[]; values: unknown[] }) => engine.run(connection as never, bound, false);
  const rows = (...values: number[]) => values.forEach((a) => query.emit('result', { a }));
  return { asked, connection, engine, killed, query, rows, run, sent };
}
const nothing = { text: ['select 1'], values: [] };

describe('the engine of MySQL', () => {
  it('writes values where the placeholders were, and nowhere else', async () => {
    const { run, sent } = played([]);
    await run({ text: [`select '?', `, ', ', ''], values: ['a?', 7n] });
    expect(sent).toEqual([`select '?', 'a?', 7`]);
  });

  it('tells rows, the header of a write, and the results of a procedure apart', async () => {
    const header = { affectedRows: 3, insertId: 0 };
    expect(await played([{ a: 1 }]).run(nothing)).toEqual({ rows: [{ a: 1 }], rowCount: 1 });
    expect(await played([]).run(nothing)).toEqual({ rows: [], rowCount: 0 });
    expect(await played(header).run(nothing)).toEqual({ rows: [], rowCount: 3 });
    expect(await played([[{ a: 1 }], header]).run(nothing)).toEqual({ rows: [{ a: 1 }], rowCount: 1 });
  });

  it('takes a batch and holds the server back until the next is asked for', async () => {
    const { engine, connection, query, rows, asked } = played([]);
    const cursor = await engine.openCursor(connection as never, nothing, 2);
    const first = cursor.read(2);
    rows(1, 2);
    expect(await first).toEqual([{ a: 1 }, { a: 2 }]);
    expect(asked).toEqual(['resume', 'pause']);
    const last = cursor.read(2);
    rows(3);
    query.emit('end');
    expect(await last).toEqual([{ a: 3 }]);
    expect(await cursor.read(2)).toEqual([]);
  });

  it('kills a statement that is left and lets run dry what was under way', async () => {
    const { engine, connection, query, rows, killed, asked } = played([]);
    const cursor = await engine.openCursor(connection as never, nothing, 2);
    const first = cursor.read(2);
    rows(1, 2);
    await first;
    const closed = cursor.close();
    await new Promise(setImmediate);
    rows(3, 4);
    query.emit('error', Object.assign(new Error('interrupted'), { errno: 1317 }));
    expect(await closed).toBe(true);
    expect(killed).toEqual([connection]);
    expect(asked.at(2)).toBe('resume');
  });

  it('lets a kill that came too late meet a statement of no use', async () => {
    const { engine, connection, query, sent } = played([]);
    const cursor = await engine.openCursor(connection as never, nothing, 3);
    const closed = cursor.close();
    query.emit('end');
    expect(await closed).toBe(true);
    expect(sent).toEqual(['select 1', 'do 0']);
  });

  it('kills nothing that was read to its end, and says how it failed', async () => {
    const { engine, connection, query, rows, killed } = played([]);
    const cursor = await engine.openCursor(connection as never, nothing, 3);
    const read = cursor.read(3);
    rows(1);
    query.emit('error', new Error('gone'));
    await expect(read).rejects.toThrow('gone');
    expect(await cursor.close()).toBe(true);
    expect(killed).toEqual([]);
  });
});
