import { AsyncLocalStorage } from 'node:async_hooks';
import { LeaseError } from '../../errors/index.ts';

interface Held {
  readonly id: string;
  readonly outer: Held | undefined;
  over: boolean;
}

/**
 * Knows, inside the callback of a transaction that holds all that its instance has, that a call of the same
 * connection would wait for itself. It costs nothing while no such transaction runs.
 */
export class Nesting {
  readonly #held = new AsyncLocalStorage<Held>();
  #running = 0;

  /** Runs the callback of a transaction. */
  async enter<T>(id: string, fn: () => Promise<T>): Promise<T> {
    const held = { id, outer: this.#held.getStore(), over: false };
    this.#running++;
    try {
      return await this.#held.run(held, fn);
    } finally {
      // What the callback left running is still inside, and free.
      held.over = true;
      // Node tracks every promise of the process for as long as a storage is in use.
      if (--this.#running === 0) this.#held.disable();
    }
  }

  /** Throws `nested_lease` inside such a callback of this connection. */
  refuse(id: string, connection: string): void {
    if (this.#running === 0) return;
    for (let held = this.#held.getStore(); held; held = held.outer)
      if (held.id === id && !held.over)
        throw new LeaseError(
          'nested_lease',
          `"${connection}": a call inside its own transaction would wait for that to end, since the instance has one connection. Use tx.query, tx.execute or tx.stream.`,
          { connection },
        );
  }
}
