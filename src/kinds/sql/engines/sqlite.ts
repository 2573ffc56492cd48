import { setImmediate as immediate } from 'node:timers/promises';
import type { Row } from '../../../queries/index.ts';
import type { DriverConnection, Engine } from '../engine.ts';
import type { Beyond } from '../integers.ts';
import { libsqlRows } from './libsql-rows.ts';
import { callbackSqlite } from './sqlite-callback.ts';
import { received, sendable } from './sqlite-values.ts';

interface Statement {
  readonly reader: boolean;
  safeIntegers(on: boolean): this;
  all(values: readonly unknown[]): Row[];
  run(values: readonly unknown[]): { readonly changes: number };
  iterate(values: readonly unknown[]): IterableIterator<Row>;
}

interface SqliteConnection extends DriverConnection {
  readonly inTransaction: boolean;
  prepare(sql: string): Statement;
}

type Statements = Pick<Engine, 'blocking' | 'run' | 'openCursor' | 'cancel' | 'leftOpen'>;

export function sqliteEngine(driver: string, beyond: Beyond): Engine {
  const statements: Statements =
    driver === 'sqlite3'
      ? callbackSqlite
      : driver === 'libsql'
        ? synchronous(libsqlRows, beyond)
        : synchronous(iterate, beyond);
  return {
    family: 'sqlite',
    ...statements,
    abandon: () => undefined,
    hold: () => undefined,
    async readOnly(connection, on) {
      await statements.run(connection, { text: [`pragma query_only = ${on ? 'on' : 'off'}`], values: [] }, true);
      return { knexReadOnly: false };
    },
  };
}

function* iterate(
  connection: DriverConnection,
  sql: string,
  values: readonly unknown[],
  beyond: Beyond,
): Generator<Row, void> {
  for (const row of (connection as SqliteConnection).prepare(sql).safeIntegers(true).iterate(values))
    yield received(row, beyond);
}

/** better-sqlite3 and libsql run a statement at once and in this thread. */
const synchronous = (rowsOf: typeof iterate, beyond: Beyond): Statements => ({
  blocking: true,
  leftOpen: (connection) => ((connection as SqliteConnection).inTransaction ? ['rollback'] : []),
  async run(connection, { text, values }) {
    const statement = (connection as SqliteConnection).prepare(text.join('?'));
    if (!statement.reader) return { rows: [], rowCount: statement.run(values.map(sendable)).changes };
    const rows = statement.safeIntegers(true).all(values.map(sendable));
    for (const row of rows) received(row, beyond);
    return { rows, rowCount: rows.length };
  },
  async openCursor(connection, { text, values }) {
    const rows = rowsOf(connection, text.join('?'), values.map(sendable), beyond);
    return {
      async read(count) {
        // Nothing here waits for anything, so without a break no timer and no socket would have its turn until the last row.
        await immediate();
        const batch: Row[] = [];
        while (batch.length < count) {
          const next = rows.next();
          if (next.done) break;
          batch.push(next.value);
        }
        return batch;
      },
      async close() {
        rows.return?.();
        return true;
      },
    };
  },
});
