import type { Observable } from 'rxjs';
import type { Lease, LeaseContext, PoolGauge } from '../base/index.ts';
import type { ReadMethod } from './arguments.ts';
import type { Cursor, Result, Statement } from './statement.ts';

/**
 * An opened server, as `connect` of a query kind returns it: it runs statements, opens cursors and begins transactions.
 */
export interface QueryDriver<Raw, Tx = unknown, Held = unknown> {
  /** The driver's own object, which `use` passes. Read at each `use`, so it may be made at the first. */
  readonly raw: Raw;
  /** The most transactions that can be open at once; where it is 1, a call of the connection inside one is `nested_lease`. Default: no limit. */
  readonly capacity?: number;
  /** Runs one statement and reads all of its rows. It may reject with the error of the driver: that is classified and scrubbed. */
  run(statement: Statement, context: RunContext): Promise<Result>;
  /** Sends a statement whose rows stay on the server. */
  openCursor(statement: Statement, context: CursorContext): Promise<Cursor>;
  /** Begins a transaction on one connection of the server. */
  begin(options: BeginOptions): Promise<TransactionHandle<Tx>>;
  /**
   * Takes one connection of the server for a while, for `session`; `commit` and `rollback` of what it returns give it back, without what
   * was set on it. Default: `not_supported`.
   */
  hold?(options: BeginOptions): Promise<TransactionHandle<Held>>;
  /** Emits once when the channel is listened to and then for each notification: `live$` with `refresh: { channel }`. Default: `not_supported`. */
  listen?(channel: string): Observable<unknown>;
  /** Rejects when the server does not answer. Default: nothing. */
  check?(context: LeaseContext): unknown;
  /** The end of its credentials: a date, or milliseconds since the epoch. Default: never. */
  expiresAt?(): Date | number | undefined;
  /** The figures of its pool. Default: none. */
  gauge?(): PoolGauge | undefined;
  /** Gives up what is idle: the instance is retired and may still have leases. Default: nothing. */
  retire?(): void;
  /** Ends what runs: the leases were cut. Default: nothing. */
  cut?(): unknown;
  /** Closes it; a promise is waited for, up to `closeTimeout`. */
  close(context: LeaseContext): unknown;
}

/** How isolated a transaction is from others; which of them a server has is its own affair. */
export type IsolationLevel = 'read uncommitted' | 'read committed' | 'snapshot' | 'repeatable read' | 'serializable';

/** How a kind shall begin a transaction. */
export interface BeginOptions {
  /** `undefined`: the server's own. */
  readonly isolation: IsolationLevel | undefined;
  /** The server shall refuse writes. */
  readonly readOnly: boolean;
  /** Fires when the work must stop; `rollback` is called then as well. */
  readonly signal: AbortSignal;
  /** Milliseconds that the caller gave for all of it. */
  readonly timeout?: number | undefined;
}

/** An open transaction, as a kind hands it over: the primitives again, on one connection of the server. */
export interface TransactionHandle<Tx> {
  /** The driver's own transaction, for `tx.raw`. */
  readonly raw: Tx;
  /** Runs one statement and reads all of its rows. */
  run(statement: Statement, context: RunContext): Promise<Result>;
  /** Sends a statement whose rows stay on the server. */
  openCursor(statement: Statement, context: CursorContext): Promise<Cursor>;
  /**
   * Begins a part of it that can be rolled back alone: a savepoint, or a transaction where this is a session. It ends before this is used
   * again. Default: `not_supported`.
   */
  begin?(options: BeginOptions): Promise<TransactionHandle<unknown>>;
  /** Ends it and keeps what was written. */
  commit(): Promise<void>;
  /** Also called while a statement runs (then it is stopped), and after a `commit` that failed (then it may do nothing). */
  rollback(): Promise<void>;
}

/** The context in which a driver runs a statement. */
export interface RunContext {
  /**
   * Fires when the work must stop on the server: the caller's signal or timeout, or a lease that is cut.
   * Made when it is first read, so a kind that cannot stop its server should not read it.
   */
  readonly signal: AbortSignal;
  /**
   * Calls back when the work must stop, and returns how to take that back: what `signal` says, at the cost of a function.
   * Does nothing, and returns nothing, where only the cut of the instance's leases would stop it.
   */
  onStop?(stop: (reason: unknown) => void): (() => void) | undefined;
  /** Milliseconds that are left for it, where the caller gave a `timeout`; the signal fires then by itself. */
  readonly timeout: number | undefined;
  /** A result of more rows is an error; a kind may stop reading after one more than that. */
  readonly maxRows: number | undefined;
  /** The statement came through `execute`: it may write, and it is never sent twice. */
  readonly write: boolean;
  /** The method that was called with a statement that only reads, for messages. Default: `query`. */
  readonly method?: ReadMethod | undefined;
}

/** The context in which a driver opens a cursor. */
export interface CursorContext {
  /** Fires when the work must stop. Once the cursor is open it is closed then, so only the opening needs to listen. */
  readonly signal: AbortSignal;
  /** How many rows will be read at a time. */
  readonly batchSize: number;
  /** The method that was called, for messages. Default: `stream`. */
  readonly method?: ReadMethod | undefined;
  /** Milliseconds that the caller gave for all of it. */
  readonly timeout?: number | undefined;
}

/** A RunContext that makes no signal unless somebody asks for it. */
export class Run implements RunContext {
  readonly #lease: LeaseContext & Pick<Lease<unknown>, 'onStop'>;
  readonly timeout: number | undefined;
  readonly maxRows: number | undefined;
  readonly write: boolean;
  readonly method: ReadMethod | undefined;

  constructor(
    lease: LeaseContext & Pick<Lease<unknown>, 'onStop'>,
    write: boolean,
    call: Pick<RunContext, 'timeout' | 'maxRows' | 'method'>,
  ) {
    this.#lease = lease;
    this.write = write;
    this.timeout = call.timeout;
    this.maxRows = call.maxRows;
    this.method = call.method;
  }

  get signal(): AbortSignal {
    return this.#lease.signal;
  }

  onStop(stop: (reason: unknown) => void): (() => void) | undefined {
    return this.#lease.onStop?.(stop);
  }
}
