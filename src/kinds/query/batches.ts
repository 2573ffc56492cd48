import { ConfigError } from '../../errors/index.ts';
import { allowManyListeners, usableSignal } from '../../signals.ts';
import { interruption } from './failure.ts';
import type { Cursor } from './statement.ts';

/** A cursor that is open, and what it holds while it is. */
export interface OpenCursor<R> {
  readonly cursor: Cursor<R>;
  /** Fires when the work must stop although nobody asked for that here. */
  readonly signal: AbortSignal;
  /** Called once, when the server is done with it; with an error when it could not be closed. */
  end(error?: unknown): void;
}

export interface BatchSource<R> {
  readonly connection: string;
  readonly batchSize: number;
  /** The caller's signal. */
  readonly signal: AbortSignal | undefined;
  readonly open: (signal: AbortSignal) => Promise<OpenCursor<R>>;
  /** Told when an iterator was dropped with its cursor open; the cursor is closed then. */
  readonly dropped?: () => void;
}

/** The rows of a cursor in batches. Each iteration opens a cursor of its own, when it asks for the first batch. */
export function batches<R>(source: BatchSource<R>): AsyncIterable<R[]> {
  return { [Symbol.asyncIterator]: () => new BatchIterator(source) };
}

const done: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** The consumer's handle of an iteration. The iteration does not hold it, so that it can be found to be dropped. */
class BatchIterator<R> implements AsyncIterator<R[]> {
  readonly #batches: Batches<R>;

  constructor(source: BatchSource<R>) {
    const batches = new Batches(source);
    this.#batches = batches;
    batches.ended(whenDropped(this, () => batches.drop()));
  }

  next(): Promise<IteratorResult<R[]>> {
    return this.#batches.next(this);
  }

  return(): Promise<IteratorResult<R[]>> {
    return this.#batches.return();
  }
}

/**
 * One iteration. While the consumer works on a batch the next one is fetched, and no more than that.
 * Not a generator: the `return()` of a generator waits for a `next()` that is pending, and here it must end it.
 */
class Batches<R> {
  readonly #source: BatchSource<R>;
  readonly #stop = new AbortController();
  #opening: Promise<OpenCursor<R>> | undefined;
  #opened: OpenCursor<R> | undefined;
  /** The caller's signal, once it is listened to. */
  #heard: AbortSignal | undefined;
  #ahead: Promise<R[]> | undefined;
  #closing: Promise<void> | undefined;
  /** Why it ended before its time; the next `next()` says so. */
  #cut: Error | undefined;
  /** Ends the wait of the `next()` that is pending. */
  #abandon: (() => void) | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #ended = (): void => undefined;

  constructor(source: BatchSource<R>) {
    this.#source = source;
  }

  /** `iterator` is no garbage for as long as somebody waits. */
  next(iterator: object): Promise<IteratorResult<R[]>> {
    const turn = this.#queue.then(() => this.#next());
    const over = (): unknown => void iterator;
    this.#queue = turn.then(over, over);
    return turn;
  }

  /** Sets what is called once it has ended. */
  ended(call: () => void): void {
    this.#ended = call;
  }

  /** Nobody can ask for more. */
  drop(): void {
    if (this.#closing || !this.#opening) return;
    this.#source.dropped?.();
    void this.#close();
  }

  async return(): Promise<IteratorResult<R[]>> {
    // Who leaves does not want to be told why it had ended before.
    this.#cut = undefined;
    await this.#close();
    return done;
  }

  async #next(): Promise<IteratorResult<R[]>> {
    try {
      const reading = this.#closing ? undefined : this.#read();
      if (reading) await this.#endOf(reading);
      const rows = this.#closing ? undefined : await reading;
      if (rows && rows.length > 0) return { done: false, value: rows };
      if (rows) await this.#close();
    } catch (error) {
      await this.#close();
      throw error;
    }
    const cut = this.#cut;
    this.#cut = undefined;
    // After a cut the caller is told at once; the lease goes on until the server is done.
    if (cut) throw cut;
    return done;
  }

  async #read(): Promise<R[]> {
    const { cursor } = (this.#opened ??= await (this.#opening ??= this.#open()));
    if (this.#closing) return [];
    const rows = await (this.#ahead ?? cursor.read(this.#source.batchSize));
    this.#ahead = rows.length > 0 && !this.#closing ? cursor.read(this.#source.batchSize) : undefined;
    // It may fail while nobody is asking; whoever asks next is told.
    this.#ahead?.catch(() => undefined);
    return rows;
  }

  async #open(): Promise<OpenCursor<R>> {
    const { signal, open, batchSize, connection } = this.#source;
    if (!Number.isInteger(batchSize) || batchSize < 1)
      throw new ConfigError('invalid_argument', `"${connection}": batchSize: expected a whole number greater than 0.`, {
        connection,
      });
    usableSignal(signal, connection);
    if (signal?.aborted) throw interruption(signal.reason, connection);
    this.#heard = signal && allowManyListeners(signal);
    this.#heard?.addEventListener('abort', this.#interrupt, { once: true });
    const opened = await open(this.#stop.signal);
    opened.signal.addEventListener('abort', this.#interrupt, { once: true });
    return opened;
  }

  readonly #interrupt = ({ target }: Event): void => {
    if (this.#closing) return;
    this.#cut = interruption((target as AbortSignal).reason, this.#source.connection);
    void this.#close();
  };

  /** Once, and to the end, whoever asks for it. */
  #close(): Promise<void> {
    return (this.#closing ??= this.#end());
  }

  async #end(): Promise<void> {
    // Not before #closing is set: whoever is woken here looks at it.
    await Promise.resolve();
    this.#ended();
    this.#abandon?.();
    if (!this.#opened) this.#stop.abort(this.#cut);
    const opened = await this.#opening?.catch(() => undefined);
    this.#heard?.removeEventListener('abort', this.#interrupt);
    if (!opened) return;
    opened.signal.removeEventListener('abort', this.#interrupt);
    await opened.cursor.close().then(
      () => opened.end(),
      (error: unknown) => opened.end(error ?? new Error('The cursor could not be closed.')),
    );
  }

  /** When it is there, or the iteration is closed. The rows do not go through here: one batch would keep the next in memory. */
  #endOf(reading: Promise<R[]>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#abandon = resolve;
      reading.then(() => resolve(), reject);
    });
  }
}

/** The rows of batches one by one; the next batch is asked for when the last row of one has been taken. */
export function rows<R>(batches: AsyncIterable<R[]>): AsyncIterable<R> {
  return { [Symbol.asyncIterator]: () => new Rows(batches[Symbol.asyncIterator]()) };
}

/** Not a generator: its `return()` would wait for a `next()` that is pending, and it takes twice the time for a row. */
class Rows<R> implements AsyncIterator<R> {
  readonly #batches: AsyncIterator<R[]>;
  #batch: R[] = [];
  #taken = 0;
  #refill: Promise<boolean> | undefined;

  constructor(batches: AsyncIterator<R[]>) {
    this.#batches = batches;
  }

  next(): Promise<IteratorResult<R>> {
    if (this.#refill === undefined && this.#taken < this.#batch.length)
      return Promise.resolve({ done: false, value: this.#batch[this.#taken++]! });
    this.#refill ??= this.#ask();
    return this.#refill.then((more) => (more ? this.next() : { done: true, value: undefined }));
  }

  async return(): Promise<IteratorResult<R>> {
    this.#batch = [];
    await this.#batches.return?.();
    return { done: true, value: undefined };
  }

  async #ask(): Promise<boolean> {
    try {
      const next = await this.#batches.next();
      this.#batch = next.done ? [] : next.value;
      this.#taken = 0;
      return !next.done;
    } finally {
      this.#refill = undefined;
    }
  }
}

const dropped = new FinalizationRegistry<() => void>((end) => end());

/**
 * Calls `end` when `handle` was collected as garbage, because nobody can use it any more; holds neither the handle nor
 * the process. `end` must not refer to the handle. Returns what takes that back.
 */
export function whenDropped(handle: object, end: () => void): () => void {
  const token = {};
  dropped.register(handle, end, token);
  return () => dropped.unregister(token);
}
