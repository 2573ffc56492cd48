import type { BeginOptions, Result, Row } from '../query/index.ts';
import type { Bound } from './binds.ts';
import type { Family } from './dialects.ts';

/** A connection of a driver, as knex's pool holds it. */
export interface DriverConnection {
  /** Set by knex and here: the pool destroys it instead of giving it out again. */
  __knex__disposed?: unknown;
  __knexUid?: string;
}

/** The part of knex's client that is used here. */
export interface KnexClient {
  pool: unknown;
  connectionSettings: unknown;
  version?: string | undefined;
  driver: unknown;
  acquireRawConnection: (this: KnexClient) => Promise<DriverConnection>;
  acquireConnection(): Promise<DriverConnection>;
  releaseConnection: (connection: DriverConnection) => Promise<void>;
  runner: (this: KnexClient, builder: unknown) => unknown;
  destroyRawConnection(connection: DriverConnection): Promise<void>;
  cancelQuery(connection: DriverConnection): Promise<unknown>;
  prepBindings(bindings: readonly unknown[]): readonly unknown[];
  _query(connection: DriverConnection, query: KnexQuery): Promise<KnexQuery>;
  processResponse(query: KnexQuery): unknown;
}

export interface KnexQuery {
  readonly sql: string;
  readonly bindings: readonly unknown[];
  readonly method?: string;
  readonly options?: object;
  response?: unknown;
  readonly rowsAffected?: number;
}

/** A result that is read in pieces from one connection. */
export interface EngineCursor {
  read(count: number): Promise<Row[]>;
  /** Called when no `read` is pending. Resolves when the server is done with it: `false` when the connection is not to be used again. */
  close(): Promise<boolean>;
}

/** Receives the result of a statement, or why it failed. */
export type Answered = (error: unknown, result?: Result) => void;

/** How the servers of one family are spoken to, beyond what knex does. */
export interface Engine {
  readonly family: Family;
  /** The statement has ended when `run` returns, and nothing can stop it. */
  readonly blocking: boolean;
  /** Says whether the next statement has to wait for the next turn of the event loop; for drivers that block. */
  overdue?(): boolean;
  /** `signal`: for an engine that blocks, and waits for locks in between. */
  run(connection: DriverConnection, bound: Bound, write: boolean, signal?: AbortSignal): Promise<Result>;
  /** `run` at once; for drivers that block. */
  runNow?(connection: DriverConnection, bound: Bound, write: boolean): Result;
  /** `run` with a callback, which costs no promise; for drivers that answer so. */
  send?(connection: DriverConnection, bound: Bound, done: Answered): void;
  openCursor(connection: DriverConnection, bound: Bound, batchSize: number): Promise<EngineCursor>;
  /** Runs `copy … from stdin` and sends the texts as its data; for a driver that can. */
  copyIn?(
    connection: DriverConnection,
    sql: string,
    texts: AsyncIterable<string>,
    signal: AbortSignal,
  ): Promise<Result>;
  /** A pooler stands between this and the server, as `canary` has found. */
  readonly pooled?: boolean;
  /** Stops what a connection runs, from another connection. A family that has it not: the connection is closed instead. */
  cancel?(connection: DriverConnection): Promise<unknown>;
  /** Asks the server, while the instance opens, what has to be known of it besides that it answers. */
  canary?(connection: DriverConnection): Promise<void>;
  /** Makes a new connection ready for use, before anybody gets it. */
  prepare?(connection: DriverConnection): Promise<void>;
  /** Calls `tell` when the connection ends or fails, unless what this returns was called before. */
  gone?(connection: DriverConnection, tell: (error: unknown) => void): () => void;
  /** Closes the connection at once, whatever it does. */
  abandon(connection: DriverConnection): void;
  /** Has an open connection keep the process alive, or not; for pools that do not do so themselves. */
  hold?(connection: DriverConnection, held: boolean): void;
  /**
   * The statements that end what a caller left open on it (a transaction, `autocommit = 0`), as the protocol's own
   * status says; none where nothing is open. `foreign`: it was held by a callback of `use`.
   */
  leftOpen(connection: DriverConnection, foreign: boolean): readonly string[];
  /** The statements that begin a transaction; without it knex begins it. */
  begin?(options: Pick<BeginOptions, 'isolation' | 'readOnly'>): readonly string[];
  /** Commits; `false` where the server rolled back instead. Default: the statement `commit`. */
  commit?(connection: DriverConnection): Promise<boolean>;
  /** True where the server rolled the whole transaction back by itself when a statement failed, so that the next one would run outside. */
  rolledBack?(connection: DriverConnection, error: unknown): boolean;
  /** Makes the next transaction read-only, or ends that: by a statement to the server, or by what knex is told. */
  readOnly(connection: DriverConnection, on: boolean): Promise<{ readonly knexReadOnly: boolean }>;
  /** Emits each notification of a channel, on a connection of its own. */
  readonly listen?: (channel: string, on: ListenEvents) => Promise<() => void>;
}

export interface ListenEvents {
  notification(payload: string | undefined): void;
  failed(error: unknown): void;
}
