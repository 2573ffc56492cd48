import { setImmediate as immediate } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { Result, Row } from '../../query/index.ts';
import type { Bound } from '../binds.ts';
import type { DriverConnection, Engine } from '../engine.ts';
import { narrowed, type Beyond } from '../integers.ts';
import { numberedTable, ownNumbers } from './sqlite-numbers.ts';
import { endStuck, libsqlRows } from './libsql-rows.ts';
import { callbackSqlite } from './sqlite-callback.ts';
import { pastLocks, waitsForLock } from './sqlite-locks.ts';
import { received, receivedExactly, sendableExactly } from './sqlite-values.ts';

interface Statement {
  readonly reader: boolean;
  safeIntegers(on: boolean): this;
  all(values: readonly unknown[]): Row[];
  run(values: readonly unknown[]): { readonly changes: number; readonly lastInsertRowid: number | bigint };
  iterate(values: readonly unknown[]): IterableIterator<Row>;
  get(values: readonly unknown[]): unknown;
}

interface SqliteConnection extends DriverConnection {
  readonly inTransaction: boolean;
  prepare(sql: string): Statement;
}

type Statements = Pick<
  Engine,
  'blocking' | 'overdue' | 'run' | 'runNow' | 'openCursor' | 'cancel' | 'leftOpen' | 'rolledBack'
>;

/** How the file of a database is used. */
export interface FileRules {
  /** Nothing is written. */
  readonly readonly: boolean;
  /** How long a statement waits for a lock of somebody else, in milliseconds. */
  readonly busyTimeout: number;
}

export function sqliteEngine(
  driver: string,
  beyond: Beyond,
  { readonly, busyTimeout }: FileRules = { readonly: false, busyTimeout: 5000 },
): Engine {
  const statements: Statements =
    driver === 'sqlite3'
      ? callbackSqlite
      : driver === 'libsql'
        ? synchronous(libsqlRows, beyond, busyTimeout, endStuck)
        : synchronous(iterate, beyond, busyTimeout);
  return {
    family: 'sqlite',
    ...statements,
    abandon: () => undefined,
    hold: () => undefined,
    async prepare(connection) {
      // A driver that blocks must not wait by itself: nothing that holds the lock in this process could go on.
      const set = [`busy_timeout = ${statements.blocking ? 0 : Math.min(busyTimeout, longest)}`];
      if (readonly) set.push('query_only = on');
      for (const pragma of set) await statements.run(connection, { text: [`pragma ${pragma}`], values: [] }, true);
    },
    async readOnly(connection, on) {
      const only = on || readonly ? 'on' : 'off';
      await statements.run(connection, { text: [`pragma query_only = ${only}`], values: [] }, true);
      return { knexReadOnly: false };
    },
  };
}

/** The rows of a statement, as they are read. */
export function* iterate(
  connection: DriverConnection,
  sql: string,
  values: readonly unknown[],
  beyond?: Beyond,
): Generator<Row, void> {
  const statement = (connection as SqliteConnection).prepare(sql);
  if (beyond) statement.safeIntegers(true);
  for (const row of statement.iterate(values)) yield received(row, beyond);
}

/** better-sqlite3, libsql and node:sqlite run a statement at once and in this thread. */
const synchronous = (
  rowsOf: typeof iterate,
  beyond: Beyond,
  busyTimeout: number,
  failed?: typeof endStuck,
): Statements => {
  const prepared = new PreparedStatements();
  const turn = new Turn();
  const runNow = (connection: DriverConnection, { text, values, whole }: Bound, write: boolean): Result => {
    const sql = whole ?? textOf(text);
    const { statement, reads } = prepared.of(connection as SqliteConnection, sql);
    const bound = values.map(sendableExactly);
    try {
      if (reads) {
        const rows = write ? exactRows(statement, bound, beyond) : readRows(statement, bound, beyond);
        return { rows, rowCount: rows.length };
      }
      const { changes, lastInsertRowid } = statement.run(bound);
      if (changes === 0 || !prepared.numbers(connection as SqliteConnection, sql, lastInsertRowid))
        return { rows: [], rowCount: changes };
      return {
        rows: [],
        rowCount: changes,
        insertId: exactId(connection as SqliteConnection, lastInsertRowid, beyond),
      };
    } catch (error) {
      // Inside a transaction that would roll it back, and the next try would write outside of it.
      if (!(connection as SqliteConnection).inTransaction) failed?.(connection, statement, bound, error);
      throw error;
    }
  };
  /** Ends what a write has left open inside a transaction, which ends with it. */
  const end = (connection: DriverConnection, { text, values, whole }: Bound, error: unknown): void => {
    if (!failed || !(connection as SqliteConnection).inTransaction) return;
    const { statement } = prepared.of(connection as SqliteConnection, whole ?? textOf(text));
    failed(connection, statement, values.map(sendableExactly), error);
  };
  return {
    blocking: true,
    overdue: () => turn.isOverdue(),
    leftOpen: (connection) => ((connection as SqliteConnection).inTransaction ? ['rollback'] : []),
    // A disk that is full, an interrupt of a write, `on conflict rollback`.
    rolledBack: (connection) => !(connection as SqliteConnection).inTransaction,
    runNow,
    async run(connection, bound, write, signal) {
      if (turn.isOverdue()) {
        await immediate();
        signal?.throwIfAborted();
      }
      try {
        return await pastLocks(
          busyTimeout,
          () => runNow(connection, bound, write),
          () => signal?.aborted === true,
        );
      } catch (error) {
        end(connection, bound, error);
        // Who was told that it did not run must not find it done.
        if (waitsForLock(error)) signal?.throwIfAborted();
        throw error;
      }
    },
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

/**
 * One turn of the event loop. Statements of a driver that blocks end within the turn in which they begin, so a loop of
 * them would never let a timer, a socket or a watched file have its turn.
 */
class Turn {
  #began: number | undefined;

  /** Tells whether the next statement has to wait for the next turn; the first one asked for begins the time of this one. */
  isOverdue(): boolean {
    const now = performance.now();
    if (this.#began !== undefined) return now - this.#began > longestTurn;
    this.#began = now;
    setImmediate(() => (this.#began = undefined));
    return false;
  }
}

/** Milliseconds. */
const longestTurn = 10;

/** libsql says it as a number that may be rounded. */
function exactId(connection: SqliteConnection, said: number | bigint, beyond: Beyond): number | string | bigint {
  if (typeof said === 'bigint') return narrowed(said, beyond);
  if (Number.isSafeInteger(said)) return said;
  const [row] = connection.prepare('select last_insert_rowid() as id').safeIntegers(true).all([]);
  return narrowed(row!['id'] as bigint, beyond);
}

/** The longest that SQLite waits, in milliseconds. */
const longest = 2_147_483_647;

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

interface Prepared {
  readonly statement: Statement;
  /** It gives rows. libsql takes half a microsecond to say so. */
  readonly reads: boolean;
  /** The table into which it inserts, if it does. Not known before it was asked for. */
  into?: { readonly table: string | undefined };
  /** The answer whether its rows get numbers, in that schema. Not known before it was asked for. */
  numbers?: { readonly given: boolean; readonly schema: string };
}

/** The statements of each connection, prepared once. SQLite prepares by itself again after a change of the schema. */
class PreparedStatements {
  readonly #known = new WeakMap<SqliteConnection, LRUCache<string, Prepared>>();
  /** The number that each connection said last. */
  readonly #said = new WeakMap<SqliteConnection, number | bigint>();

  of(connection: SqliteConnection, sql: string): Prepared {
    return this.#prepared(connection, sql);
  }

  /**
   * Tells whether the statement gave its row the number that SQLite said last. A table of that name may be another one by now, without
   * numbers, which is looked at where the number is not a new one.
   */
  numbers(connection: SqliteConnection, sql: string, said: number | bigint): boolean {
    const prepared = this.#prepared(connection, sql);
    const isNew = this.#said.get(connection) !== said;
    this.#said.set(connection, said);
    const { table } = (prepared.into ??= { table: numberedTable(sql) });
    if (table === undefined) return false;
    if (prepared.numbers?.given && isNew) return true;
    const schema = this.#schemaOf(connection);
    if (prepared.numbers?.schema !== schema) {
      const [without] = connection.prepare(ownNumbers).all([table]);
      prepared.numbers = { given: without === undefined, schema };
    }
    return prepared.numbers.given;
  }

  /** Another text after each change of the schema, whoever made it. */
  #schemaOf(connection: SqliteConnection): string {
    const [row] = this.#prepared(connection, 'pragma schema_version').statement.all([]);
    return String(row?.['schema_version']);
  }

  #prepared(connection: SqliteConnection, sql: string): Prepared {
    let statements = this.#known.get(connection);
    if (!statements) this.#known.set(connection, (statements = new LRUCache({ max: kept })));
    let prepared = statements.get(sql);
    if (!prepared) {
      const statement = connection.prepare(sql);
      statements.set(sql, (prepared = { statement, reads: statement.reader }));
    }
    return prepared;
  }
}

function textOf(text: readonly string[]): string {
  return text.length === 1 ? text[0]! : text.join('?');
}
