import type { Lease, LeaseContext } from '../base/index.ts';

/** What a statement that runs is told. */
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
}

/** What a cursor that opens is told. */
export interface CursorContext {
  /** Fires when the work must stop. Once the cursor is open it is closed then, so only the opening needs to listen. */
  readonly signal: AbortSignal;
  /** How many rows will be read at a time. */
  readonly batchSize: number;
  /** Milliseconds that the caller gave for all of it. */
  readonly timeout?: number | undefined;
}

/** A RunContext that makes no signal unless somebody asks for it. */
export class Run implements RunContext {
  readonly #lease: LeaseContext & Pick<Lease<unknown>, 'onStop'>;
  readonly timeout: number | undefined;
  readonly maxRows: number | undefined;
  readonly write: boolean;

  constructor(
    lease: LeaseContext & Pick<Lease<unknown>, 'onStop'>,
    write: boolean,
    call: Pick<RunContext, 'timeout' | 'maxRows'>,
  ) {
    this.#lease = lease;
    this.write = write;
    this.timeout = call.timeout;
    this.maxRows = call.maxRows;
  }

  get signal(): AbortSignal {
    return this.#lease.signal;
  }

  onStop(stop: (reason: unknown) => void): (() => void) | undefined {
    return this.#lease.onStop?.(stop);
  }
}
