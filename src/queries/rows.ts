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
