import type { Column, Connection, RowStatement } from 'snowflake-sdk';
import { ConfigError, QueryError, messageOf } from '../../errors/index.ts';
import type { Cursor, Result, Statement } from '../query/index.ts';
import { bind, type Bound } from './binds.ts';
import { Call, type Alive } from './call.ts';
import type { SessionOptions } from './driver-options.ts';
import type { LoadedDriver } from './driver.ts';
import { AbandonedError, explain, neverRan, saidByServer } from './failures.ts';
import { logOut } from './logout.ts';
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

  /** One statement, and all of its rows. */
  async run(statement: Statement, { signal, maxRows = Infinity }: RunLimits): Promise<Result> {
    const result = await this.#open(bind(statement), signal);
    try {
      const updated = result.updated;
      const limit = Math.min(maxRows + 1, Number.MAX_SAFE_INTEGER);
      const rows = updated === undefined ? await result.reader.read(limit) : [];
      return { rows, rowCount: updated ?? rows.length };
    } finally {
      await result.close();
    }
  }

  /** One statement, whose rows are read in pieces. */
  openCursor(statement: Statement, signal: AbortSignal | undefined, start = 0): Promise<OpenResult> {
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

  /** Sends a statement and waits until the server has its result. */
  async #open(
    what: (Bound | { readonly queryId: string }) & { readonly start?: number },
    signal: AbortSignal | undefined,
  ): Promise<Opened> {
    const call = new Call({ signal, silence: this.options.silence, alive: this.#alive() });
    let unwatch = (): unknown => undefined;
    let sent: RowStatement | undefined;
    const send = (): Promise<RowStatement> =>
      new Promise((resolve, reject) => {
        const options = {
          // Otherwise the driver sends a statement that failed a second time.
          streamResult: true,
          // Otherwise the last of the columns that have one name in common would hide the others.
          rowMode: 'object_with_renamed_duplicated_columns' as const,
          complete: (error: unknown, statement: unknown) =>
            error ? reject(error) : resolve(statement as RowStatement),
        };
        if ('queryId' in what) sent = this.connection.fetchResult({ ...options, queryId: what.queryId });
        else {
          const { sql: sqlText, binds, parameters: own } = what;
          const parameters = driverParameters(own);
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
      const statement = await call.during(send);
      const reader = new RowReader(statement, call, what.start ?? 0);
      const updated = statement.getNumUpdatedRows();
      return {
        statement,
        reader,
        updated: updated === undefined || !(updated >= 0) ? undefined : updated,
        close: () => {
          reader.close();
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

interface Opened {
  readonly statement: RowStatement;
  readonly reader: RowReader;
  /** Rows changed, for a statement that changes rows. */
  readonly updated: number | undefined;
  close(): Promise<void>;
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

/** A signal that fires `delay` milliseconds after another one, unless `end` was called. */
export function postponed(signal: AbortSignal, delay: number): { readonly signal: AbortSignal; end(): void } {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const fired = (): void => {
    timer = setTimeout(() => late.abort(signal.reason), delay);
  };
  signal.addEventListener('abort', fired, { once: true });
  return {
    signal: late.signal,
    end: () => {
      signal.removeEventListener('abort', fired);
      clearTimeout(timer);
    },
  };
}
