import { Readable, type Writable } from 'node:stream';
import type { Row } from '../query/index.ts';
import { received } from './engines/sqlite-values.ts';
import type { DriverConnection, KnexQuery } from './engine.ts';

type ClientClass = new (config: object) => {
  _formatBindings(bindings: readonly unknown[]): unknown[];
  _query(connection: DriverConnection, query: KnexQuery): Promise<KnexQuery>;
};

type RowsOf = (connection: DriverConnection, sql: string, values: readonly unknown[]) => Iterable<Row>;

/** knex's better-sqlite3 dialect on a driver with the same methods, with a stream that does not load everything first. */
export function sqliteClient(betterSqlite3: unknown, driver: unknown, rowsOf: RowsOf): ClientClass {
  const Base = betterSqlite3 as ClientClass;
  return class SqliteClient extends Base {
    _driver(): unknown {
      return driver;
    }

    override async _query(connection: DriverConnection, query: KnexQuery): Promise<KnexQuery> {
      const done = await super._query(connection, query);
      if (Array.isArray(done.response)) done.response.forEach((row: Record<string, unknown>) => received(row));
      return done;
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
