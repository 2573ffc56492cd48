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
