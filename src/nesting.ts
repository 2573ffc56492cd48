import { AsyncLocalStorage } from 'node:async_hooks';

interface Held {
  readonly resource: unknown;
  readonly outer: Held | undefined;
  over: boolean;
}

/**
 * The resources that the running code holds, so that a call which would wait for its own end is refused instead.
 * It costs nothing while none is held.
 */
export class Nesting {
  readonly #held = new AsyncLocalStorage<Held>();
  #running = 0;

  /** Runs a callback that holds the resource until it settles. */
  async enter<T>(resource: unknown, fn: () => Promise<T>): Promise<T> {
    const held = { resource, outer: this.#held.getStore(), over: false };
    this.#running++;
    try {
      return await this.#held.run(held, fn);
    } finally {
      // Work that the callback left running is still inside, and holds the resource no longer.
      held.over = true;
      // Node tracks every promise of the process for as long as a storage is in use.
      if (--this.#running === 0) this.#held.disable();
    }
  }

  /** Tells whether the running code is inside a callback that holds the resource. */
  holds(resource: unknown): boolean {
    if (this.#running === 0) return false;
    for (let held = this.#held.getStore(); held; held = held.outer)
      if (held.resource === resource && !held.over) return true;
    return false;
  }
}
