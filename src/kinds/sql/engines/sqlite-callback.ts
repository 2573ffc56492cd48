import type { Row } from '../../query/index.ts';
import type { DriverConnection, Engine } from '../engine.ts';
import { numberedTable } from './sqlite-numbers.ts';
import { sendable } from './sqlite-values.ts';

type Answer<T> = (error: Error | null, answer: T) => void;

interface CallbackStatement {
  get(answer: Answer<Row | undefined>): void;
  finalize(done: () => void): void;
}

interface CallbackConnection extends DriverConnection {
  interrupt(): void;
  all(sql: string, values: readonly unknown[], answer: Answer<Row[]>): void;
  run(
    sql: string,
    values: readonly unknown[],
    answer: (this: { changes: number; lastID: number }, error: Error | null) => void,
  ): void;
  prepare(sql: string, values: readonly unknown[], answer: (error: Error | null) => void): CallbackStatement;
}

/** The package sqlite3: it works in a thread of its own and answers by callbacks. */
export const callbackSqlite: Pick<Engine, 'blocking' | 'run' | 'openCursor' | 'cancel' | 'leftOpen'> = {
  blocking: false,
  // The package does not say whether a transaction is open; to roll back none is an error that changes nothing.
  leftOpen: (_connection, foreign) => (foreign ? ['rollback'] : []),
  cancel: async (connection) => (connection as CallbackConnection).interrupt(),
  run: (connection, { text, values }) =>
    new Promise((resolve, reject) => {
      const sql = text.join('?');
      const bindings = values.map(sendable);
      const database = connection as CallbackConnection;
      // The package says none before the first insert of a connection, and one that is not exact beyond what a number holds.
      const numbered = ({ changes, lastID }: { changes: number; lastID: number }): boolean =>
        changes > 0 && Number.isSafeInteger(lastID) && numberedTable(sql) !== undefined;
      // `all` does not say how many rows have changed, `run` gives no rows.
      if (/^[\s(]*(select|with|values|pragma|explain)\b|\breturning\b/i.test(sql))
        database.all(sql, bindings, (error, rows) =>
          error ? reject(error) : resolve({ rows, rowCount: rows.length }),
        );
      else
        database.run(sql, bindings, function (error) {
          if (error) reject(error);
          else resolve({ rows: [], rowCount: this.changes, ...(numbered(this) && { insertId: this.lastID }) });
        });
    }),
  async openCursor(connection, { text, values }) {
    const statement = await new Promise<CallbackStatement>((resolve, reject) => {
      const prepared = (connection as CallbackConnection).prepare(text.join('?'), values.map(sendable), (error) =>
        error ? reject(error) : resolve(prepared),
      );
    });
    const next = (): Promise<Row | undefined> =>
      new Promise((resolve, reject) => statement.get((error, row) => (error ? reject(error) : resolve(row))));
    return {
      async read(count) {
        const rows: Row[] = [];
        for (let row = await next(); row !== undefined; row = rows.length < count ? await next() : undefined)
          rows.push(row);
        return rows;
      },
      close: () => new Promise((resolve) => statement.finalize(() => resolve(true))),
    };
  },
};
