import type { Column, Connection, RowStatement } from 'snowflake-sdk';
import { ConfigError, QueryError, messageOf } from '../../errors/index.ts';
import type { Cursor, Result, Statement } from '../query/index.ts';
import { refuseMoreThanOne } from '../sql/scripts.ts';
import { bind, type Bound } from './binds.ts';
import { Call, postponed, type Alive } from './call.ts';
import type { SessionOptions } from './driver-options.ts';
import type { LoadedDriver } from './driver.ts';
import { AbandonedError, explain, neverRan, saidByServer } from './failures.ts';
import { logOut } from './logout.ts';
import { refuseFiles, refuseMissingFiles, statementsIn } from './scripts.ts';
import { RowReader } from './row-reader.ts';
import { driverParameters } from './statement-parameters.ts';
import type { TokenCache } from './token-cache.ts';

/** Milliseconds that the server has to obey a cancel. */
const grace = 5000;
/** Milliseconds that a login which was stopped has to come in, so that it can be logged out. */
const arrival = 2000;

export interface RunLimits {
  readonly signal?: AbortSignal | undefined;
  readonly maxRows?: number | undefined;
}

/** A result on the server, and what is known of it. */
export interface OpenResult extends Cursor {
  readonly queryId: string;
  readonly columns: readonly Column[];
  /** Rows in all. */
  readonly rowCount: number;
}

/** One connection of the driver, which is one session of the server. */
export class Session {
  readonly connection: Connection;
  readonly options: SessionOptions;
  readonly #driver: LoadedDriver;

  private constructor(connection: Connection, options: SessionOptions, driver: LoadedDriver) {
    this.connection = connection;
    this.options = options;
    this.#driver = driver;
  }

  /**
   * Logs in; what the driver refuses is `invalid_config`, everything else goes out as the driver says it. A login that is
   * stopped may be in already, and only its answer says how to get out: it is waited for, a while, and logged out.
   */
  static async open(
    options: SessionOptions,
    driver: LoadedDriver,
    signal: AbortSignal,
    memory?: TokenCache,
  ): Promise<Session> {
    signal.throwIfAborted();
    const connection = make(options, driver);
    const stop = postponed(signal, arrival);
    const tokens = options.tokensOnDisk ? driver.tokensOnDisk(options.driver.credentialCacheDir) : memory;
    const call = new Call({ signal: stop.signal, silence: options.silence, tokens });
    const login = (): Promise<void> =>
      new Promise((resolve, reject) => {
        // `connectAsync` resolves also when the login has failed.
        connection.connect((error) => (error ? reject(error) : resolve()));
      });
    try {
      await call.during(login);
    } catch (error) {
      // Otherwise its sockets stay; and what still comes in is logged out.
      connection.destroy(() => undefined);
      explain(error);
      throw error;
    } finally {
      stop.end();
      call.end();
    }
    (connection as { keepalive?: NodeJS.Timeout }).keepalive?.unref();
    const session = new Session(connection, options, driver);
    if (signal.aborted) {
      await session.close();
      throw signal.reason;
    }
    const parameters = Object.entries(options.parameters).map(([name, value]) => `${name} = ${literal(value)}`);
    const { secondaryRoles } = options;
    if (parameters.length > 0) await session.#configured(`alter session set ${parameters.join(', ')}`, signal);
    if (secondaryRoles !== undefined) await session.#configured(`use secondary roles ${secondaryRoles}`, signal);
    return session;
  }

  /** One statement, or several in one text, and all of their rows; the result is that of the last. */
  async run(statement: Statement, { signal, maxRows = Infinity }: RunLimits): Promise<Result> {
    const statements = statementsIn(statement.sql);
    refuseFiles(statements);
    const opened = await this.#open({ ...bind(statement), count: statements.length }, signal);
    const results: Result[] = [];
    try {
      const limit = Math.min(maxRows + 1, Number.MAX_SAFE_INTEGER);
      for (let part: Part | undefined = opened; part; part = await opened.next()) {
        const { updated, reader } = part;
        const rows = updated === undefined ? await reader.read(limit) : [];
        results.push({ rows, rowCount: updated ?? rows.length });
        // Too many: whoever asked refuses them.
        if (rows.length > maxRows) break;
      }
      const last = results.at(-1)!;
      refuseMissingFiles(statement.sql, last.rows);
      return statements.length > 1 ? { ...last, results } : last;
    } finally {
      await opened.close();
    }
  }

  /** One statement, whose rows are read in pieces. */
  async openCursor(statement: Statement, signal: AbortSignal | undefined, start = 0): Promise<OpenResult> {
    refuseMoreThanOne(statementsIn(statement.sql));
    return this.#cursor(this.#open({ ...bind(statement), start }, signal));
  }

  /** The result of a statement that has run, from a row on. */
  reopen(queryId: string, start: number, signal: AbortSignal | undefined): Promise<OpenResult> {
    return this.#cursor(this.#open({ queryId, start }, signal));
  }

  /** The server answers for this session. */
  async check(signal: AbortSignal): Promise<void> {
    const call = new Call({ signal, silence: this.options.silence });
    const connection = this.connection as unknown as { heartbeatAsync(): Promise<unknown> };
    try {
      await call.during(() => connection.heartbeatAsync());
    } catch (error) {
      explain(error);
      throw error;
    } finally {
      call.end();
    }
  }

  /** Logs out. A session that is gone already counts as closed, and so does one whose server is. */
  close(signal?: AbortSignal): Promise<void> {
    return logOut(this.connection, this.options, this.#driver, signal);
  }

  async #configured(sql: string, signal: AbortSignal): Promise<void> {
    try {
      await this.run({ sql }, { signal });
    } catch (error) {
      void this.close();
      throw error;
    }
  }

  async #cursor(opening: Promise<Opened>): Promise<OpenResult> {
    const opened = await opening;
    const { statement, reader } = opened;
    return {
      queryId: statement.getQueryId(),
      columns: statement.getColumns() ?? [],
      rowCount: statement.getNumRows(),
      read: (count) => reader.read(count),
      close: () => opened.close(),
    };
  }

  /** Sends a statement, or a text of `count`, and waits until the server has the result. */
  async #open(
    what: (Bound | { readonly queryId: string }) & { readonly start?: number; readonly count?: number },
    signal: AbortSignal | undefined,
  ): Promise<Opened> {
    const call = new Call({ signal, silence: this.options.silence, alive: this.#alive() });
    let unwatch = (): unknown => undefined;
    let sent: RowStatement | undefined;
    call.queryId = () => sent?.getQueryId();
    const { start = 0, count = 1 } = what;
    let settle!: { resolve(statement: RowStatement): void; reject(error: unknown): void };
    const answer = (ask: () => void) => (): Promise<RowStatement> =>
      new Promise((resolve, reject) => {
        settle = { resolve, reject };
        ask();
      });
    const send = answer(() => {
      const options = {
        // Otherwise the driver sends a statement that failed a second time.
        streamResult: true,
        // Otherwise the last of the columns that have one name in common would hide the others.
        rowMode: 'object_with_renamed_duplicated_columns' as const,
        complete: (error: unknown, statement: unknown) => {
          if (error) settle.reject(error);
          // Of several the whole text has no result: the driver asks for that of the first.
          else if (count === 1 || (statement as Several).NextResult) settle.resolve(statement as RowStatement);
        },
      };
      if ('queryId' in what) sent = this.connection.fetchResult({ ...options, queryId: what.queryId });
      else {
        const { sql: sqlText, binds, parameters: own } = what;
        const parameters = driverParameters(own, count);
        sent = this.connection.execute({ ...options, sqlText, binds: binds as never, parameters });
      }
      const id = sent.getRequestId();
      if (id) unwatch = this.#driver.traffic.watch(id, call);
    });
    const end = (): void => {
      unwatch();
      call.end();
    };
    try {
      const readers: RowReader[] = [];
      const part = (statement: RowStatement): Part => {
        const reader = new RowReader(statement, call, start);
        readers.push(reader);
        const updated = statement.getNumUpdatedRows();
        return { statement, reader, updated: updated === undefined || !(updated >= 0) ? undefined : updated };
      };
      let last = (await call.during(send)) as Several;
      return {
        ...part(last),
        next: async () => {
          if (count === 1 || !last.hasNext?.()) return undefined;
          last = await call.during(answer(() => last.NextResult!()));
          return part(last);
        },
        close: () => {
          for (const reader of readers) reader.close();
          unwatch();
          // Parts that are fetched ahead are of no use any more.
          call.stop(new QueryError('cancelled', 'the result was closed.'));
          return Promise.resolve();
        },
      };
    } catch (error) {
      end();
      explain(error, sent?.getQueryId());
      // What nobody waits for any more has to end on the server, too.
      const stopped = call.signal.aborted && !(error instanceof AbandonedError);
      const uncertain = stopped || (!saidByServer(error) && !neverRan(error));
      const cancelled = uncertain && sent && this.#cancel(sent);
      // A server that is gone does not obey either.
      if (stopped) await cancelled;
      throw error;
    }
  }

  /** The question by which a call is watched over where its requests cannot be reached. */
  #alive(): Alive | undefined {
    return this.#driver.traffic.reached ? undefined : () => this.connection.isValidAsync();
  }

  /** Stops a statement on the server; resolves when the server has said so, or does not say anything. */
  async #cancel(statement: RowStatement): Promise<void> {
    const call = new Call({ signal: AbortSignal.timeout(grace), silence: grace });
    const cancel = (): Promise<void> =>
      new Promise((resolve) => {
        statement.cancel(() => resolve());
      });
    await call.during(cancel).catch(() => undefined);
    call.end();
  }
}

/** A statement that the server has the result of. */
interface Part {
  readonly statement: RowStatement;
  readonly reader: RowReader;
  /** Rows changed, for a statement that changes rows. */
  readonly updated: number | undefined;
}

interface Opened extends Part {
  /** The next of several statements in one text. */
  next(): Promise<Part | undefined>;
  close(): Promise<void>;
}

/** A statement as the driver gives it where there are several. */
interface Several extends RowStatement {
  hasNext?(): boolean;
  NextResult?(): void;
}

function make({ driver: options }: SessionOptions, { driver }: LoadedDriver): Connection {
  try {
    // The driver writes into what it is given.
    return driver.createConnection({ ...options });
  } catch (error) {
    const said = messageOf(error);
    throw new ConfigError('invalid_config', `the driver refuses the settings: ${said}`, { cause: error });
  }
}

function literal(value: string | number | boolean): string {
  return typeof value === 'string' ? `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'` : String(value);
}
