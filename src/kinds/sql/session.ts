import { LeaseError } from '../../errors/index.ts';
import type { Cursor, Result } from '../query/index.ts';
import type { Bound } from './binds.ts';
import { classify } from './classification.ts';
import type { DriverConnection, Engine } from './engine.ts';
import { inTime } from './in-time.ts';
import { Link } from './link.ts';

/** How long a server has to obey a cancel, in milliseconds, before its connection is closed. */
const grace = 5000;

/** Milliseconds after which a cancel is sent again. */
const again = 500;

/** One connection of the server while it is held: it runs one thing at a time, and knows whether it may be used again. */
export class Session {
  readonly connection: DriverConnection;
  readonly #engine: Engine;
  readonly #name: string;
  #busy: Promise<unknown> | undefined;
  /** The last request. */
  #last: Promise<unknown> | undefined;
  #reading = false;
  #halted = false;
  #stopping: Promise<void> | undefined;
  #usable = true;

  /** `name` is the connection's, for messages. */
  constructor(engine: Engine, connection: DriverConnection, name: string) {
    this.#engine = engine;
    this.#name = name;
    this.connection = connection;
  }

  /** True where the connection may serve somebody else: it is alive, and the server is done with its last statement. */
  get usable(): boolean {
    return this.#usable && this.#busy === undefined;
  }

  async run(bound: Bound, write: boolean, signal: AbortSignal | undefined): Promise<Result> {
    this.#refuseReading();
    return this.#watched(() => this.#engine.run(this.connection, bound, write, signal), signal);
  }

  /** Sends the data of a COPY; one that was stopped leaves a connection that is not used again. */
  async copyIn(sql: string, texts: AsyncIterable<string>, signal: AbortSignal): Promise<Result> {
    this.#refuseReading();
    return this.#watched(() => this.#engine.copyIn!(this.connection, sql, texts, signal), signal).catch((error) => {
      if (signal.aborted) this.#usable = false;
      throw error;
    });
  }

  /** With `patience` a read that is under way when the cursor is closed is waited for, until that signal fires: in a transaction a cancel would end more than the read. */
  async openCursor(
    bound: Bound,
    batchSize: number,
    signal: AbortSignal,
    ended: () => void,
    patience?: AbortSignal,
  ): Promise<Cursor> {
    this.#refuseReading();
    this.#reading = !this.#engine.blocking;
    const link = new Link(this.#engine, this.connection);
    const opening = this.#watched(
      () => link.during(() => this.#engine.openCursor(this.connection, bound, batchSize)),
      signal,
    );
    const cursor = await opening.catch((error: unknown) => {
      link.release();
      this.#reading = false;
      throw error;
    });
    return {
      read: (count) => this.#watched(() => link.during(() => cursor.read(count)), undefined),
      close: async () => {
        await (patience ? this.#quiet(patience) : this.stop());
        await this.#closed(() => link.during(() => cursor.close()));
        link.release();
        this.#reading = false;
        ended();
      },
    };
  }

  /** The connection is not to be used again. */
  spoil(): void {
    this.#usable = false;
  }

  /** Stops what runs, if anything does, and resolves when the server is done or the connection is closed. */
  stop(): Promise<void> {
    const busy = this.#busy;
    if (!busy) return Promise.resolve();
    return (this.#stopping ??= this.#stop(busy).finally(() => (this.#stopping = undefined)));
  }

  /** Resolves when what runs is over; from when the signal fires it is stopped. */
  async #quiet(patience: AbortSignal): Promise<void> {
    const stop = (): void => void this.stop();
    patience.addEventListener('abort', stop, { once: true });
    if (patience.aborted) stop();
    await this.#busy?.catch(() => undefined);
    await this.#stopping;
    patience.removeEventListener('abort', stop);
  }

  /** `stop`, and what waits for its turn is not sent any more. */
  halt(): Promise<void> {
    this.#halted = true;
    return this.stop();
  }

  /** Runs it when everything before it is over: a connection does one thing at a time. */
  async #watched<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted();
    if (this.#engine.blocking) return work();
    const turn = (): Promise<T> => this.#watch(work, signal);
    const mine = this.#last ? this.#last.then(turn, turn) : turn();
    this.#last = mine;
    return mine;
  }

  async #watch<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted();
    if (this.#halted)
      throw this.#refused('lease_aborted', 'the statement was not sent, since its transaction is rolled back.');
    const stop = (): void => void this.stop();
    signal?.addEventListener('abort', stop, { once: true });
    const busy = work();
    this.#busy = busy;
    try {
      return await busy;
    } catch (error) {
      if (classify(error)?.lost) this.#usable = false;
      throw firstFailure(this.connection, error);
    } finally {
      signal?.removeEventListener('abort', stop);
      // A cancel that is under way must not meet the next statement of this connection.
      if (this.#stopping) await this.#stopping;
      this.#busy = undefined;
    }
  }

  /** The drivers would let a statement wait for the end of the stream that it is made in. */
  #refuseReading(): void {
    if (this.#reading)
      throw this.#refused(
        'nested_lease',
        'a stream of this transaction is open, and its connection can do nothing else: read it to its end first, use `query`, or write through another connection.',
      );
  }

  #refused(code: 'lease_aborted' | 'nested_lease', why: string): LeaseError {
    return new LeaseError(code, `"${this.#name}": ${why}`, { connection: this.#name });
  }

  async #stop(busy: Promise<unknown>): Promise<void> {
    if (!(await stopStatement(this.#engine, this.connection, busy))) this.#usable = false;
  }

  async #closed(close: () => Promise<boolean>): Promise<void> {
    if (!this.#usable) return;
    if (!(await inTime(close(), grace))) this.#abandon();
  }

  #abandon(): void {
    this.#usable = false;
    this.#engine.abandon(this.connection);
  }
}

/**
 * Stops the statement that a connection runs. Resolves when the server is done with it, or the connection is closed:
 * `false` when the connection is not to be used again.
 */
export async function stopStatement(
  engine: Engine,
  connection: DriverConnection,
  busy: Promise<unknown>,
): Promise<boolean> {
  if (engine.cancel) {
    const obeyed = busy.then(
      () => false,
      (error: unknown) => classify(error)?.category === 'cancelled',
    );
    // A statement that ended before it was told may leave the cancel behind for the next one: not to be used again.
    if (await obeys(engine, connection, obeyed)) return true;
  }
  engine.abandon(connection);
  return false;
}

/** Cancels until the statement is over: a pooler drops what concerns a statement that still waits in its line. */
async function obeys(engine: Engine, connection: DriverConnection, obeyed: Promise<boolean>): Promise<boolean> {
  const over = obeyed.then(() => true);
  const until = performance.now() + grace;
  for (let sent = 1; ; sent++) {
    const left = until - performance.now();
    const told = engine.cancel!(connection).then(() => true);
    if (!(await inTime(told, left))) return false;
    if (await inTime(over, Math.min(again, left))) return sent === 1 && obeyed;
    if (left <= again) return false;
  }
}

/** pg says of a connection that the server has ended only that it cannot be used; why it was ended came before. */
export function firstFailure({ __knex__disposed: first }: DriverConnection, error: unknown): unknown {
  const later =
    error instanceof Error && /is not queryable|terminated unexpectedly|in closed state/.test(error.message);
  return later && first instanceof Error ? first : error;
}
