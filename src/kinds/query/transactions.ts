import { within } from '../../queries/index.ts';
import type { Lease, Leases } from '../base/index.ts';
import { Nesting } from './nesting.ts';
import type { TransactionOptions } from './options.ts';
import type { Primitives } from './primitives.ts';
import type { Sender } from './sender.ts';
import { RunningTransaction, type Transaction } from './transaction.ts';
import type { TransactionHandle } from './transaction-handle.ts';

const nestingKey = Symbol('transactions that hold all of their instance');

/** Begins, runs and ends the transactions of one connection. */
export class Transactions<Raw, Tx> {
  readonly #leases: Leases<Raw>;
  readonly #kind: Primitives<Raw, Tx>;
  readonly #sender: Sender;
  readonly #nesting: Nesting;

  constructor(leases: Leases<Raw>, kind: Primitives<Raw, Tx>, sender: Sender) {
    this.#leases = leases;
    this.#kind = kind;
    this.#sender = sender;
    this.#nesting = leases.shared(nestingKey, () => new Nesting());
  }

  /** Throws `nested_lease` where a call of this connection would wait for the transaction that it is made in. */
  refuseNested(): void {
    this.#nesting.refuse(this.#leases.id, this.#leases.name);
  }

  /** What `fn` returns, once it is committed; and the tags that its statements named. */
  async run<T>(
    lease: Lease<Raw>,
    fn: (tx: Transaction<Tx>) => PromiseLike<T> | T,
    options: TransactionOptions,
  ): Promise<{ value: T; tags: readonly string[] }> {
    const handle = await this.#begin(lease, options);
    const { scheduler, name: connection, id } = this.#leases;
    const tx = new RunningTransaction({ handle, kind: this.#kind, sender: this.#sender, lease, scheduler });
    const work = () => within({ connection, scheduler, signals: [lease.signal] }, async () => fn(tx));
    try {
      const value = await (this.#kind.capacity(lease.raw) <= 1 ? this.#nesting.enter(id, work) : work());
      await tx.end();
      await this.#commit(lease, handle);
      return { value, tags: tx.tags };
    } catch (error) {
      // A statement or a stream that is still at it is stopped by the rollback, so that is not waited for first.
      const closed = tx.end(error);
      await this.#rollback(lease, handle);
      await closed;
      throw error;
    }
  }

  async #begin(lease: Lease<Raw>, { isolation, readOnly = false }: TransactionOptions): Promise<TransactionHandle<Tx>> {
    const { signal } = lease;
    try {
      return await this.#kind.begin(lease.raw, { isolation, readOnly, signal });
    } catch (error) {
      throw this.#sender.outgoing(error, { signal }, lease);
    }
  }

  async #commit(lease: Lease<Raw>, handle: TransactionHandle<Tx>): Promise<void> {
    try {
      await handle.commit();
    } catch (error) {
      throw this.#sender.outgoing(error, lease, lease);
    }
  }

  /** The error that led here is the one that counts; one of the rollback only says whether the instance is broken. */
  async #rollback(lease: Lease<Raw>, handle: TransactionHandle<Tx>): Promise<void> {
    try {
      await handle.rollback();
    } catch (error) {
      this.#sender.outgoing(error, lease, lease);
    }
  }
}
