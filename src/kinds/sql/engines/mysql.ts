import type { Socket } from 'node:net';
import type { Result, Row } from '../../query/index.ts';
import type { Bound } from '../binds.ts';
import type { DriverConnection, Engine, EngineCursor } from '../engine.ts';
import { integerOf, type Beyond } from '../integers.ts';
import { MysqlStatus } from './mysql-status.ts';
import { formatInMode, mysqlText } from './mysql-text.ts';

interface Header {
  readonly affectedRows: number;
  /** 0 where no row got a number. */
  readonly insertId: number | string | bigint;
  readonly serverStatus?: number;
  /** How many warnings `show warnings` would list. */
  readonly warningStatus?: number;
}

type MysqlAnswer = Row[] | Header | (Row[] | Header)[];

interface MysqlQuery {
  namedPlaceholders?: boolean;
  _queryOptions?: object;
  on(event: 'result' | 'data', listener: (row: Row) => void): this;
  on(event: 'error' | 'end', listener: (error: unknown) => void): this;
}

interface Field {
  readonly type: string;
  string(): string | null;
}

/** A statement, and how its values are read: said with each, so that other users of the connection see nothing of it. */
interface MysqlStatement {
  readonly sql: string;
  /** `null` and `false` keep mysql2 from looking for placeholders in a text that has its values. */
  readonly values?: null;
  readonly namedPlaceholders?: false;
  readonly supportBigNumbers?: boolean;
  readonly typeCast?: (field: Field, next: () => unknown) => unknown;
}

interface MysqlConnection extends DriverConnection {
  query(statement: MysqlStatement, callback: Answer): void;
  query(statement: MysqlStatement | MysqlQuery): MysqlQuery;
  /** The settings of mysql2; other drivers keep theirs elsewhere. */
  readonly config?: object;
  on(event: 'error' | 'end', listener: (error?: unknown) => void): void;
  off(event: 'error' | 'end', listener: (error?: unknown) => void): void;
  emit(event: 'error', error: unknown): boolean;
  pause(): void;
  resume(): void;
  destroy(): void;
  /** The socket, as mysql2 calls it. */
  readonly stream?: Socket;
  /** The socket, as mysql calls it. */
  readonly _socket?: Socket;
}

type Answer = (error: Error | null, answer: MysqlAnswer) => void;

/** The function by which mysql2 makes queries. */
export type CreateQuery = (sql: string, values: null, callback: Answer, config: object) => MysqlQuery;

/** The part of the backend that the engine needs besides its connection. */
export interface MysqlMeans {
  /** Absent in drivers other than mysql2. */
  readonly createQuery?: CreateQuery | undefined;
  /** Cancels what a connection runs, from outside. */
  cancel(connection: DriverConnection): Promise<unknown>;
  /** Receives what the server says of a statement that it runs all the same. Default: nobody. */
  noticed?(text: string): void;
}

/** mysql2, mysql and mariadb: they share one interface. */
export function mysqlEngine(means: MysqlMeans, beyond: Beyond): Engine {
  const status = new MysqlStatus();
  const longest = new WeakMap<DriverConnection, number>();
  const textOf = (connection: DriverConnection, bound: Bound): string =>
    mysqlText(connection, bound, {
      longest: longest.get(connection) ?? Infinity,
      plain: status.plainBackslash(connection),
    });
  // mysql2 gives numbers while they are safe and text beyond; only what differs costs a call for each value.
  const byCall = { typeCast: exactly(beyond) };
  const byDriver = beyond === 'text' ? { supportBigNumbers: true } : byCall;
  const statementOf = (connection: DriverConnection, sql: string): MysqlStatement =>
    'addCommand' in connection ? { sql, values: null, namedPlaceholders: false, ...byDriver } : { sql, ...byCall };
  const ask = (connection: MysqlConnection, sql: string, callback: Answer): void => {
    const query = connection.config && means.createQuery?.(sql, null, callback, connection.config);
    if (!query?._queryOptions) return connection.query(statementOf(connection, sql), callback);
    // What is given as a table is copied twice, which costs more than to read ten rows.
    Object.assign(query._queryOptions, byDriver);
    query.namedPlaceholders = false;
    connection.query(query);
  };
  /** A server that does not know these variables is used as it is. */
  async function prepare(connection: DriverConnection): Promise<void> {
    // One that comes again, after its session was reset, is followed already.
    if (status.follow(connection)) formatInMode(connection, () => status.plainBackslash(connection));
    const settingsOf = 'select @@autocommit as autocommit, @@max_allowed_packet as longest, @@sql_mode as mode';
    const [settings] = (await answer(connection, settingsOf)) as [
      { autocommit: number; longest: number; mode: string },
    ];
    longest.set(connection, Number(settings.longest));
    status.begin(connection, settings.mode.includes('NO_BACKSLASH_ESCAPES'));
    // A server can be told to begin a transaction with each first statement: then nothing would be committed.
    if (!settings.autocommit) await answer(connection, 'set autocommit = 1');
  }
  const send: Engine['send'] & {} = (connection, bound, done) =>
    status.sending(() =>
      ask(connection as MysqlConnection, textOf(connection, bound), (error, answer) => {
        if (error) return done(error);
        const header = headerOf(answer);
        if (header) status.note(connection, header);
        if (header?.warningStatus) means.noticed?.(warned(header.warningStatus));
        done(undefined, resultOf(answer, header, beyond));
      }),
    );
  return {
    family: 'mysql',
    blocking: false,
    send,
    run: (connection, bound) =>
      new Promise((resolve, reject) =>
        send(connection, bound, (error, result) => (result ? resolve(result) : reject(error))),
      ),
    openCursor: async (connection, bound) =>
      new MysqlCursor(means, connection as MysqlConnection, statementOf(connection, textOf(connection, bound))),
    cancel: (connection) => means.cancel(connection),
    gone: (connection, tell) => {
      const wire = socketOf(connection);
      const told = (error?: unknown): void => tell(error ?? lost());
      const closed = (): void => tell(lost());
      (connection as MysqlConnection).on('error', told);
      wire?.on('close', closed);
      return () => {
        (connection as MysqlConnection).off('error', told);
        wire?.off('close', closed);
      };
    },
    // The drivers' own way to destroy a connection never tells who waits for its answer.
    abandon: (connection) => abandon(connection as MysqlConnection),
    hold: (connection, held) => void socketOf(connection)?.[held ? 'ref' : 'unref'](),
    prepare: (connection) => prepare(connection).catch(() => undefined),
    leftOpen: (connection) => status.leftOpen(connection),
    // A deadlock, a record that changed (MariaDB).
    rolledBack: (_connection, error) => [1213, 1020].includes((error as { errno?: number }).errno ?? 0),
    begin: ({ isolation, readOnly }) => [
      ...(isolation ? [`set transaction isolation level ${isolation}`] : []),
      `start transaction${readOnly ? ' read only' : ''}`,
    ],
    async readOnly(connection, on) {
      // knex writes the access mode behind the isolation level without the comma that MySQL wants.
      if (on) await answer(connection, 'set transaction read only');
      return { knexReadOnly: false };
    },
  };
}

function exactly(beyond: Beyond): NonNullable<MysqlStatement['typeCast']> {
  return (field, next) => {
    if (field.type !== 'LONGLONG') return next();
    const text = field.string();
    return text === null ? null : integerOf(text, beyond);
  };
}

/** The header of a write, or the one that ends the results of a procedure. */
function headerOf(answer: MysqlAnswer): Header | undefined {
  const last: unknown = Array.isArray(answer) ? answer.at(-1) : answer;
  return isHeader(last) ? last : undefined;
}

function warned(count: number): string {
  return `${count} ${count === 1 ? 'warning' : 'warnings'} of the last statement: \`show warnings\` behind it in one session lists them`;
}

function resultOf(answer: MysqlAnswer, header: Header | undefined, beyond: Beyond): Result {
  if (!Array.isArray(answer)) return { rows: [], rowCount: header?.affectedRows ?? 0, ...numbered(header, beyond) };
  const procedure = header !== undefined || Array.isArray(answer[0]);
  const rows = (procedure ? ((answer as unknown[]).find((result) => Array.isArray(result)) ?? []) : answer) as Row[];
  return { rows, rowCount: rows.length || (header?.affectedRows ?? 0) };
}

function numbered({ insertId }: Partial<Header> = {}, beyond: Beyond): Pick<Result, 'insertId'> {
  if (!insertId) return {};
  return { insertId: integerOf(String(insertId), beyond) };
}

/** The answer of the server to a text of ours. */
function answer(connection: DriverConnection, sql: string): Promise<unknown> {
  return new Promise((resolve, reject) =>
    (connection as MysqlConnection).query({ sql }, (error, rows) => (error ? reject(error) : resolve(rows))),
  );
}

function socketOf(connection: DriverConnection): Socket | undefined {
  const { stream, _socket } = connection as MysqlConnection;
  return stream ?? _socket;
}

/** Whoever holds the connection hears of it by `error`, also where the driver tells only the statement that was running. */
function abandon(connection: MysqlConnection): void {
  const wire = socketOf(connection);
  let told = false;
  connection.on('error', () => (told = true));
  if (!wire) return connection.destroy();
  const error = lost();
  wire.once('close', () => void (told || connection.emit('error', error)));
  wire.destroy(error);
}

function lost(): Error {
  return Object.assign(new Error('Connection lost: it was closed.'), { code: 'PROTOCOL_CONNECTION_LOST', fatal: true });
}

function isHeader(result: unknown): result is Header {
  return typeof result === 'object' && result !== null && 'affectedRows' in result && 'insertId' in result;
}

/**
 * MySQL has no cursor in its drivers: rows come as they are sent, and the connection is paused while nobody reads.
 * Not through the driver's stream: on Node.js 20 its buffer is a linked list that keeps what was read alive.
 */
class MysqlCursor implements EngineCursor {
  readonly #means: MysqlMeans;
  readonly #connection: MysqlConnection;
  #rows: Row[] = [];
  #wanted = 0;
  #end: { readonly error?: unknown } | undefined;
  #wake = (): void => undefined;

  constructor(means: MysqlMeans, connection: MysqlConnection, statement: MysqlStatement) {
    this.#means = means;
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
      .query(statement)
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
    await this.#means.cancel(this.#connection);
    while (!this.#end) {
      this.#rows = [];
      await this.#more();
    }
    // If it ended by itself, the kill may still meet the next statement of this connection: one that is of no use.
    if (!('error' in this.#end)) await answer(this.#connection, 'do 0').catch(() => undefined);
    return true;
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
