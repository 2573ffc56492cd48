import type { Observable } from 'rxjs';
import type { Cursor, Result, Statement } from '../../queries/index.ts';
import type { LeaseContext, PoolGauge } from '../base/index.ts';
import type { CursorContext, RunContext } from './run-context.ts';
import type { BeginOptions, TransactionHandle } from './transaction-handle.ts';

/**
 * An opened server, as `connect` of a query kind returns it: it runs statements, opens cursors and begins transactions.
 */
export interface QueryDriver<Raw, Tx = unknown> {
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
