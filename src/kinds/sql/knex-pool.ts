import type { DriverConnection } from './engine.ts';
import { ofUse } from './holders.ts';
import type { SqlPool } from './pool.ts';
import { loginPatience } from '../../policy/index.ts';

/** A callback of `use` may have done something before: it stays with its instance. */
const stays = { limit: loginPatience, moves: false };

/** The pool of an instance, as knex wants a pool to be (tarn's form). What knex takes is held for a callback of `use`. */
export class KnexPool {
  readonly #pool: SqlPool;
  #connections = 0;

  constructor(pool: SqlPool) {
    this.#pool = pool;
  }

  acquire(): { readonly promise: Promise<DriverConnection> } {
    return { promise: this.#acquire() };
  }

  release(connection: DriverConnection): boolean {
    this.#pool.release(connection, true);
    return true;
  }

  /** The pool belongs to the instance, and is closed with it. */
  async destroy(): Promise<void> {}

  numFree(): number {
    return this.#pool.gauge.idle;
  }

  numUsed(): number {
    return this.#pool.gauge.used;
  }

  numPendingAcquires(): number {
    return this.#pool.gauge.waiting;
  }

  numPendingCreates(): number {
    const { size, used, idle } = this.#pool.gauge;
    return size - used - idle;
  }

  async #acquire(): Promise<DriverConnection> {
    const connection = await this.#pool.acquire(ofUse, () => undefined, stays);
    // knex tells by it on which connection a query ran.
    connection.__knexUid ??= `__knexUid${++this.#connections}`;
    return connection;
  }
}
