import type { Cursor, Result } from '../../queries/index.ts';
import type { Bound } from './binds.ts';
import { classify } from './classification.ts';
import type { DriverConnection, Engine, EngineCursor } from './engine.ts';

/** How long a server has to obey a cancel, in milliseconds, before its connection is closed. */
const grace = 5000;

/** One connection of the server while it is held: it runs one thing at a time, and knows whether it may be used again. */
export class Session {
  readonly connection: DriverConnection;
  readonly #engine: Engine;
  #busy: Promise<unknown> | undefined;
  #stopping: Promise<void> | undefined;
  #usable = true;

  constructor(engine: Engine, connection: DriverConnection) {
    this.#engine = engine;
    this.connection = connection;
  }

  /** Whether the connection may serve somebody else: it is alive, and the server is done with what it was told. */
  get usable(): boolean {
    return this.#usable && this.#busy === undefined;
  }

  run(bound: Bound, write: boolean, signal: AbortSignal | undefined): Promise<Result> {
    return this.#watched(() => this.#engine.run(this.connection, bound, write), signal);
  }

  async openCursor(bound: Bound, batchSize: number, signal: AbortSignal, ended: () => void): Promise<Cursor> {
    const cursor = await this.#watched(() => this.#engine.openCursor(this.connection, bound, batchSize), signal);
    return {
      read: (count) => this.#watched(() => cursor.read(count), undefined),
      close: async () => {
        await this.stop();
        await this.#closed(cursor);
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

  async #watched<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted();
    if (this.#engine.blocking) return work();
    const stop = (): void => void this.stop();
    signal?.addEventListener('abort', stop, { once: true });
    const busy = work();
    this.#busy = busy;
    try {
      return await busy;
    } catch (error) {
      if (classify(error)?.lost) this.#usable = false;
      throw error;
    } finally {
      signal?.removeEventListener('abort', stop);
      // A cancel that is under way must not meet the next statement of this connection.
      if (this.#stopping) await this.#stopping;
      this.#busy = undefined;
    }
  }

  async #stop(busy: Promise<unknown>): Promise<void> {
    if (!this.#engine.cancel) return this.#abandon();
    const obeyed = busy.then(
      () => false,
      (error: unknown) => classify(error)?.category === 'cancelled',
    );
    const told = this.#engine.cancel(this.connection).then(() => obeyed);
    // A statement that ended before it was told may leave the cancel behind for the next one: not to be used again.
    if (!(await inTime(told))) this.#abandon();
  }

  async #closed(cursor: EngineCursor): Promise<void> {
    if (!this.#usable) return;
    if (!(await inTime(cursor.close()))) this.#abandon();
  }

  #abandon(): void {
    this.#usable = false;
    this.#engine.abandon(this.connection);
  }
}

/** What a promise resolves to, or `false` when it rejects or takes too long. */
async function inTime(promise: Promise<boolean>): Promise<boolean> {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(false), grace).unref();
    promise.then(resolve, () => resolve(false)).finally(() => clearTimeout(late));
  });
}
