import type { DriverConnection } from './engine.ts';

/** Milliseconds after which a connection that rested is asked whether it is still there, as HikariCP does. */
const fresh = 1000;

/**
 * Decides whether a connection that rested is checked before it is used; times are of `performance.now()`. The way to a server can be gone without a word (a firewall forgot
 * it, a cable was pulled): then a statement would wait in vain for all the time that its caller has.
 */
export class IdleConnections {
  readonly #since = new WeakMap<DriverConnection, number>();
  #lost = -Infinity;
  #doubted = -Infinity;

  /** From now on it rests. */
  rest(connection: DriverConnection, now: number): void {
    this.#since.set(connection, now);
  }

  /** One that rested did not answer: all that rest now went the same way. */
  lose(now: number): void {
    this.#lost = now;
  }

  /** One that was in use is gone: all that rest now are asked before they are used, and no younger ones. */
  doubt(now: number): void {
    this.#doubted = now;
  }

  think(connection: DriverConnection, now: number): 'fresh' | 'doubtful' | 'lost' {
    const since = this.#since.get(connection) ?? Infinity;
    if (since <= this.#lost) return 'lost';
    return since <= this.#doubted || now - since > fresh ? 'doubtful' : 'fresh';
  }
}
