import type { DriverConnection } from './engine.ts';

/** Milliseconds after which a connection that rested is asked whether it is still there, as HikariCP does. */
const fresh = 1000;

/**
 * Decides whether a connection that rested is checked before it is used. The way to a server can be gone without a word (a firewall forgot
 * it, a cable was pulled): then a statement would wait in vain for all the time that its caller has.
 */
export class IdleConnections {
  readonly #since = new WeakMap<DriverConnection, number>();
  readonly #now: () => number;
  #lost = -Infinity;
  #doubted = -Infinity;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** From now on it rests. */
  rest(connection: DriverConnection): void {
    this.#since.set(connection, this.#now());
  }

  /** One that rested did not answer: all that rest now went the same way. */
  lose(): void {
    this.#lost = this.#now();
  }

  /** One that was in use is gone: all that rest now are asked before they are used, and no younger ones. */
  doubt(): void {
    this.#doubted = this.#now();
  }

  think(connection: DriverConnection): 'fresh' | 'doubtful' | 'lost' {
    const since = this.#since.get(connection) ?? Infinity;
    if (since <= this.#lost) return 'lost';
    return since <= this.#doubted || this.#now() - since > fresh ? 'doubtful' : 'fresh';
  }
}
