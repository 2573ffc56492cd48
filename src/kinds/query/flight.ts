import { within, type Limits } from './within.ts';

/** One load that many wait for. Each waiter may leave; when all have left the load is stopped. */
export class Flight<T> {
  readonly #stop = new AbortController();
  readonly #landing: Promise<T>;
  #waiting = 0;

  constructor(load: (signal: AbortSignal) => Promise<T>) {
    this.#landing = load(this.#stop.signal);
    // Everybody may have left by the time it fails.
    this.#landing.catch(() => undefined);
  }

  /** True when every waiter has left, so that joining is of no use. */
  get abandoned(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Resolves to the rows, or rejects by the waiter's own signal or timeout. */
  join(limits: Limits): Promise<T> {
    this.#waiting++;
    if (limits.timeout === undefined && limits.signals.every((signal) => signal === undefined)) return this.#landing;
    return within(limits, () => this.#landing).finally(() => {
      if (--this.#waiting === 0) this.#stop.abort();
    });
  }
}
