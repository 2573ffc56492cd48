import type { Socket } from 'node:net';
import type { Row } from '../../../queries/index.ts';
import type { Bound } from '../binds.ts';
import type { DriverConnection, Engine, EngineCursor, KnexClient } from '../engine.ts';
import { MysqlStatus } from './mysql-status.ts';

interface Header {
  readonly affectedRows: number;
}

interface MysqlQuery {
  on(event: 'result' | 'data', listener: (row: Row) => void): this;
  on(event: 'error' | 'end', listener: (error: unknown) => void): this;
}

interface MysqlConnection extends DriverConnection {
  query(sql: string, callback: (error: Error | null, rows: Row[] | Header | (Row[] | Header)[]) => void): void;
  query(sql: string): MysqlQuery;
  escape(value: unknown): string;
  pause(): void;
  resume(): void;
  destroy(): void;
  /** The socket, as mysql2 calls it. */
  readonly stream?: Socket;
  /** The socket, as mysql calls it. */
  readonly _socket?: Socket;
}

/** mysql2, mysql and mariadb: they share one interface. */
export function mysqlEngine(client: KnexClient): Engine {
  const status = new MysqlStatus();
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
    openCursor: async (connection, bound) =>
      new MysqlCursor(client, connection as MysqlConnection, textOf(connection as MysqlConnection, bound)),
    cancel: (connection) => client.cancelQuery(connection),
    // The drivers' own way to destroy a connection never tells who waits for its answer.
    abandon: (connection) => void (socketOf(connection) ?? (connection as MysqlConnection)).destroy(),
    hold: (connection, held) => void socketOf(connection)?.[held ? 'ref' : 'unref'](),
    async prepare(connection) {
      status.follow(connection);
      const { response } = await client._query(connection, {
        sql: 'select @@autocommit as autocommit',
        bindings: [],
        method: 'raw',
      });
      const [[settings]] = response as [[{ autocommit: number }]];
      // A server can be told to begin a transaction with each first statement: then nothing would be committed.
      if (!settings.autocommit) await client._query(connection, { sql: 'set autocommit = 1', bindings: [] });
    },
    leftOpen: (connection) => status.leftOpen(connection),
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

/**
 * MySQL has no cursor in its drivers: rows come as they are sent, and the connection is paused while nobody reads.
 * Not through the driver's stream: on Node.js 20 its buffer is a linked list that keeps what was read alive.
 */
class MysqlCursor implements EngineCursor {
  readonly #client: KnexClient;
  readonly #connection: MysqlConnection;
  #rows: Row[] = [];
  #wanted = 0;
  #end: { readonly error?: unknown } | undefined;
  #wake = (): void => undefined;

  constructor(client: KnexClient, connection: MysqlConnection, sql: string) {
    this.#client = client;
    this.#connection = connection;
    const take = (row: Row): void => {
      this.#rows.push(row);
      if (this.#rows.length >= this.#wanted) this.#pause();
    };
    const end = (how: { readonly error?: unknown }): void => {
      this.#end ??= how;
      this.#wake();
    };
    connection
      .query(sql)
      // mysql and mysql2 call it `result`, mariadb `data`.
      .on('result', take)
      .on('data', take)
      .on('error', (error) => end({ error }))
      .on('end', () => end({}));
  }

  async read(count: number): Promise<Row[]> {
    this.#wanted = count;
    if (this.#rows.length < count) await this.#more();
    if (this.#end && 'error' in this.#end) throw this.#end.error;
    return this.#rows.splice(0, count);
  }

  /** Kills the statement and lets the rows run dry that were under way. */
  async close(): Promise<boolean> {
    if (this.#end) return true;
    await this.#client.cancelQuery(this.#connection);
    while (!this.#end) {
      this.#rows = [];
      await this.#more();
    }
    // If it ended by itself, the kill may still meet the next statement of this connection.
    return 'error' in this.#end;
  }

  #pause(): void {
    this.#connection.pause();
    this.#wake();
  }

  #more(): Promise<void> {
    if (this.#end) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#connection.resume();
    });
  }
}
