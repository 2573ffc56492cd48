import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { Row } from '../../../queries/index.ts';
import type { Bound } from '../binds.ts';
import type { DriverConnection, Engine, EngineCursor, KnexClient } from '../engine.ts';

interface Header {
  readonly affectedRows: number;
}

interface MysqlQuery {
  stream(options: { highWaterMark: number }): Readable;
}

interface MysqlConnection extends DriverConnection {
  query(sql: string, callback: (error: Error | null, rows: Row[] | Header | (Row[] | Header)[]) => void): void;
  query(sql: string): MysqlQuery;
  escape(value: unknown): string;
  destroy(): void;
  /** The socket, as mysql2 calls it. */
  readonly stream?: Socket;
  /** The socket, as mysql calls it. */
  readonly _socket?: Socket;
}

/** mysql2, mysql and mariadb: they share one interface. */
export function mysqlEngine(client: KnexClient): Engine {
  return {
    family: 'mysql',
    blocking: false,
    run: (connection, bound) =>
      new Promise((resolve, reject) => {
        (connection as MysqlConnection).query(textOf(connection as MysqlConnection, bound), (error, answer) => {
          if (error) return reject(error);
          // A call of a procedure answers with its results and then a header.
          const results =
            Array.isArray(answer) && (Array.isArray(answer[0]) || isHeader(answer.at(-1))) ? answer : [answer];
          const rows = (results.find((result) => Array.isArray(result)) ?? []) as Row[];
          const header = results.find(isHeader);
          resolve({ rows, rowCount: rows.length || (header?.affectedRows ?? 0) });
        });
      }),
    openCursor: async (connection, bound, batchSize) =>
      new MysqlCursor(client, connection as MysqlConnection, textOf(connection as MysqlConnection, bound), batchSize),
    cancel: (connection) => client.cancelQuery(connection),
    // The drivers' own way to destroy a connection never tells who waits for its answer.
    abandon: (connection) => void (socketOf(connection) ?? (connection as MysqlConnection)).destroy(),
    hold: (connection, held) => void socketOf(connection)?.[held ? 'ref' : 'unref'](),
    async readOnly(connection, on) {
      // knex writes the access mode behind the isolation level without the comma that MySQL wants.
      if (on) await client._query(connection, { sql: 'set transaction read only', bindings: [] });
      return { knexReadOnly: false };
    },
  };
}

/** The values are written into the text by the driver's own escaping, here where placeholders are known from quoted text. */
function textOf(connection: MysqlConnection, { text, values }: Bound): string {
  return text.reduce((sql, piece, index) => sql + escaped(connection, values[index - 1]) + piece);
}

function escaped(connection: MysqlConnection, value: unknown): string {
  return typeof value === 'bigint' ? String(value) : connection.escape(value);
}

function socketOf(connection: DriverConnection): Socket | undefined {
  const { stream, _socket } = connection as MysqlConnection;
  return stream ?? _socket;
}

function isHeader(result: unknown): result is Header {
  return typeof result === 'object' && result !== null && 'affectedRows' in result && 'insertId' in result;
}

/** MySQL has no cursor in its drivers: rows come as a stream that is paused while nobody reads, at most a batch ahead. */
class MysqlCursor implements EngineCursor {
  readonly #client: KnexClient;
  readonly #connection: MysqlConnection;
  readonly #stream: Readable;
  readonly #rows: AsyncIterator<Row>;
  #ended = false;

  constructor(client: KnexClient, connection: MysqlConnection, sql: string, batchSize: number) {
    this.#client = client;
    this.#connection = connection;
    this.#stream = connection.query(sql).stream({ highWaterMark: batchSize });
    // An error between two reads is kept for the next one.
    this.#stream.on('error', () => undefined);
    this.#rows = this.#stream.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]() as AsyncIterator<Row>;
  }

  async read(count: number): Promise<Row[]> {
    const rows: Row[] = [];
    try {
      while (rows.length < count) {
        const next = await this.#rows.next();
        if (next.done) {
          this.#ended = true;
          break;
        }
        rows.push(next.value);
      }
      return rows;
    } catch (error) {
      this.#ended = true;
      throw error;
    }
  }

  /** Kills the statement and lets the rows run dry that were under way. */
  async close(): Promise<boolean> {
    if (this.#ended) return true;
    await this.#client.cancelQuery(this.#connection);
    try {
      while (!(await this.#rows.next()).done);
      // It ended by itself, so the kill may still meet the next statement of this connection.
      return false;
    } catch {
      return true;
    }
  }
}
