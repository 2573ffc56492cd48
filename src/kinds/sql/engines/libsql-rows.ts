import type { Row } from '../../query/index.ts';
import type { DriverConnection } from '../engine.ts';
import type { Beyond } from '../integers.ts';
import { received } from './sqlite-values.ts';

interface LibsqlStatement {
  iterate(values: readonly unknown[]): Iterator<Row>;
  get(values: readonly unknown[]): unknown;
  safeIntegers(on: boolean): unknown;
}

interface LibsqlConnection extends DriverConnection {
  prepare(sql: string): LibsqlStatement;
  interrupt(): void;
  exec(sql: string): void;
  /** How many iterations are open; kept here, where it belongs to the connection. */
  openRows?: number;
}

/** The rows of a statement on libsql. Its own iterator cannot be left: the statement would hold its locks until it is collected. */
export function* libsqlRows(
  connection: DriverConnection,
  sql: string,
  values: readonly unknown[],
  beyond?: Beyond,
): Generator<Row, void> {
  const database = connection as LibsqlConnection;
  const statement = database.prepare(sql);
  if (beyond) statement.safeIntegers(true);
  const rows = statement.iterate(values);
  database.openRows = (database.openRows ?? 0) + 1;
  let left = true;
  try {
    for (let next = rows.next(); !next.done; next = rows.next()) yield received(next.value, beyond);
    left = false;
  } finally {
    database.openRows -= 1;
    // An interrupt is quick, but it meets every iteration of the connection; `get` begins anew and resets.
    if (left && database.openRows > 0) statement.get(values);
    else if (left) interrupt(database, rows);
  }
}

function interrupt(database: LibsqlConnection, rows: Iterator<Row>): void {
  database.interrupt();
  try {
    // What is buffered comes first, then the interruption.
    while (!rows.next().done);
  } catch {
    // This is how it ends.
  }
}

/**
 * Ends a write that met a lock. libsql leaves it as it stopped, and it would hold what its transaction saw until it is collected: every later
 * transaction of the connection would meet the same lock. Where it was in a transaction, that is rolled back with it.
 */
export function endStuck(
  connection: DriverConnection,
  statement: { get(values: readonly unknown[]): unknown },
  values: readonly unknown[],
  error: unknown,
): void {
  const database = connection as LibsqlConnection;
  if (!String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY') || !writeIsOpen(database)) return;
  database.interrupt();
  try {
    // It goes on from where it stopped, and so into the interruption; one that had ended would begin anew.
    statement.get(values);
  } catch {
    // This is how it ends.
  }
}

/** SQLite sets no savepoint while a write is under way. */
function writeIsOpen(database: LibsqlConnection): boolean {
  try {
    database.exec('savepoint hotline_probe');
  } catch (error) {
    return /in progress/.test(String((error as { message?: unknown }).message));
  }
  database.exec('release hotline_probe');
  return false;
}
