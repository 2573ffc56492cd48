import { setImmediate as immediate } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { Result, Row } from '../../query/index.ts';
import type { Bound } from '../binds.ts';
import type { DriverConnection, Engine } from '../engine.ts';
import type { Beyond } from '../integers.ts';
import { endStuck, libsqlRows } from './libsql-rows.ts';
import { callbackSqlite } from './sqlite-callback.ts';
import { received, receivedExactly, sendableExactly } from './sqlite-values.ts';

interface Statement {
  readonly reader: boolean;
  safeIntegers(on: boolean): this;
  all(values: readonly unknown[]): Row[];
  run(values: readonly unknown[]): { readonly changes: number };
  iterate(values: readonly unknown[]): IterableIterator<Row>;
  get(values: readonly unknown[]): unknown;
}

interface SqliteConnection extends DriverConnection {
  readonly inTransaction: boolean;
  prepare(sql: string): Statement;
}

type Statements = Pick<Engine, 'blocking' | 'run' | 'runNow' | 'openCursor' | 'cancel' | 'leftOpen' | 'rolledBack'>;

export function sqliteEngine(driver: string, beyond: Beyond): Engine {
  const statements: Statements =
    driver === 'sqlite3'
      ? callbackSqlite
      : driver === 'libsql'
        ? synchronous(libsqlRows, beyond, endStuck)
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
const synchronous = (rowsOf: typeof iterate, beyond: Beyond, failed?: typeof endStuck): Statements => {
  const prepared = new PreparedStatements();
  const runNow = (connection: DriverConnection, { text, values }: Bound, write: boolean): Result => {
    const statement = prepared.of(connection as SqliteConnection, text);
    const bound = values.map(sendableExactly);
    if (!statement.reader)
      try {
        return { rows: [], rowCount: statement.run(bound).changes };
      } catch (error) {
        failed?.(connection, statement, bound, error);
        throw error;
      }
    const rows = write ? exactRows(statement, bound, beyond) : readRows(statement, bound, beyond);
    return { rows, rowCount: rows.length };
  };
  return {
    blocking: true,
    leftOpen: (connection) => ((connection as SqliteConnection).inTransaction ? ['rollback'] : []),
    // A disk that is full, an interrupt of a write, `on conflict rollback`.
    rolledBack: (connection) => !(connection as SqliteConnection).inTransaction,
    runNow,
    run: async (connection, bound, write) => runNow(connection, bound, write),
    async openCursor(connection, { text, values }) {
      const rows = rowsOf(connection, text.join('?'), values.map(sendableExactly), beyond);
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
  };
};

/** Rows whose whole numbers all come as bigints first. */
function exactRows(statement: Statement, values: readonly unknown[], beyond: Beyond): Row[] {
  const rows = statement.safeIntegers(true).all(values);
  for (const row of rows) received(row, beyond);
  return rows;
}

/**
 * The rows of a statement that only reads. Bigints are dear, so numbers are read first; where one of them may be a whole
 * number that a number cannot hold, all is read again.
 */
function readRows(statement: Statement, values: readonly unknown[], beyond: Beyond): Row[] {
  const rows = statement.safeIntegers(false).all(values);
  for (const row of rows) if (!receivedExactly(row)) return exactRows(statement, values, beyond);
  return rows;
}

/** More texts than that are prepared at each use. */
const kept = 100;

/** The statements of each connection, prepared once. SQLite prepares by itself again after a change of the schema. */
class PreparedStatements {
  readonly #known = new WeakMap<SqliteConnection, LRUCache<string, Statement>>();

  of(connection: SqliteConnection, text: readonly string[]): Statement {
    const sql = text.length === 1 ? text[0]! : text.join('?');
    let statements = this.#known.get(connection);
    if (!statements) this.#known.set(connection, (statements = new LRUCache({ max: kept })));
    let statement = statements.get(sql);
    if (!statement) statements.set(sql, (statement = connection.prepare(sql)));
    return statement;
  }
}
