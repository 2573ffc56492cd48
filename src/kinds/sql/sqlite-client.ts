import { Readable, type Writable } from 'node:stream';
import type { Row } from '../query/index.ts';
import { pastLocks } from './engines/sqlite-locks.ts';
import { received } from './engines/sqlite-values.ts';
import type { DriverConnection, KnexQuery } from './engine.ts';

interface Statement {
  get(values: readonly unknown[]): unknown;
}

interface SqliteConnection extends DriverConnection {
  readonly inTransaction: boolean;
  /** Set by knex while one of its transactions is open. */
  readonly __knexTxId?: string;
  prepare(sql: string): Statement;
}

type ClientClass = new (config: object) => {
  readonly config: { readonly busyTimeout?: number };
  /** Set on the client of a transaction that hotline began: tells whether it has ended. */
  readonly isCompleted?: () => boolean;
  _driver(): unknown;
  _formatBindings(bindings: readonly unknown[]): unknown[];
  _query(connection: Pick<SqliteConnection, 'prepare'>, query: KnexQuery): Promise<KnexQuery>;
};

/** A driver with the methods of better-sqlite3. */
interface BlockingDriver {
  /** Default: the package that the dialect of knex loads. */
  readonly driver?: unknown;
  readonly rowsOf: (connection: DriverConnection, sql: string, values: readonly unknown[]) => Iterable<Row>;
  /** Ends what a statement that met a lock has left open. Default: nothing is. */
  readonly failed?: (
    connection: DriverConnection,
    statement: Statement,
    values: readonly unknown[],
    error: unknown,
  ) => void;
}

/**
 * knex's better-sqlite3 dialect on a driver with the same methods, with a stream that does not load everything first, and
 * with statements that wait for locks as those of hotline do.
 */
export function sqliteClient(betterSqlite3: unknown, { driver, rowsOf, failed }: BlockingDriver): ClientClass {
  const Base = betterSqlite3 as ClientClass;
  return class SqliteClient extends Base {
    override _driver(): unknown {
      return driver ?? super._driver();
    }

    override async _query(connection: SqliteConnection, query: KnexQuery): Promise<KnexQuery> {
      const { inTransaction, __knexTxId } = connection;
      // SQLite has rolled the transaction back already, as it does after some errors, and as ending a statement may do.
      if (!inTransaction && __knexTxId !== undefined && query.sql.startsWith('ROLLBACK')) return query;
      let statement: Statement | undefined;
      // The same one at each try: the first of them may be open still.
      const held = { prepare: (sql: string) => (statement ??= connection.prepare(sql)) };
      const end = (error: unknown): void => {
        if (statement) failed?.(connection, statement, this._formatBindings(query.bindings), error);
      };
      const run = async (): Promise<KnexQuery> => {
        try {
          return await super._query(held, query);
        } catch (error) {
          // Inside a transaction that would roll it back, and the next try would write outside of it.
          if (!connection.inTransaction) end(error);
          throw error;
        }
      };
      const left = (): boolean =>
        connection.inTransaction !== inTransaction ||
        connection.__knexTxId !== __knexTxId ||
        this.isCompleted?.() === true;
      try {
        const done = await pastLocks(this.config.busyTimeout ?? 0, run, left);
        if (Array.isArray(done.response)) done.response.forEach((row: Record<string, unknown>) => received(row));
        return done;
      } catch (error) {
        if (connection.inTransaction) end(error);
        throw error;
      }
    }

    _stream(connection: DriverConnection, query: KnexQuery, stream: Writable): Promise<void> {
      const rows = Readable.from(rowsOf(connection, query.sql, this._formatBindings(query.bindings)));
      return new Promise((resolve, reject) => {
        rows.once('error', (error) => {
          reject(error);
          stream.destroy(error);
        });
        rows.once('close', resolve);
        // A reader that goes away ends the iteration, so that the connection is free again.
        stream.once('close', () => rows.destroy());
        rows.pipe(stream);
      });
    }
  };
}
