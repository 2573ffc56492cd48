/** An entry, as far as a bounded set of them needs it. */
interface Kept {
  readonly inUse: boolean;
}

/**
 * Keeps at most `limit` entries: the least recently used one that nobody uses is evicted. When all are in use the
 * newcomer is kept as well, and the excess goes when its last user leaves.
 */
export class Capacity<E extends Kept> {
  readonly #limit: number;
  readonly #evict: (entry: E) => void;
  /** Least recently used first. */
  readonly #entries = new Set<E>();

  constructor(limit: number, evict: (entry: E) => void) {
    this.#limit = limit;
    this.#evict = evict;
  }

  get empty(): boolean {
    return this.#entries.size === 0;
  }

  get over(): boolean {
    return this.#entries.size > this.#limit;
  }

  /** Marks an entry as the most recently used. */
  touch(entry: E): void {
    if (this.#limit === Infinity) return;
    this.#entries.delete(entry);
    this.#entries.add(entry);
    if (this.over) this.#trim(entry);
  }

  delete(entry: E): void {
    this.#entries.delete(entry);
  }

  /** Nobody uses it any more. */
  left(entry: E): void {
    if (this.over && this.#entries.has(entry) && !entry.inUse) this.#drop(entry);
  }

  #trim(newcomer: E): void {
    for (const entry of this.#entries) {
      if (!this.over) return;
      if (entry !== newcomer && !entry.inUse) this.#drop(entry);
    }
  }

  #drop(entry: E): void {
    this.#entries.delete(entry);
    this.#evict(entry);
  }
}
