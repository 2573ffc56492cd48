import { LeaseError } from '../../errors/index.ts';
import { Nesting } from '../../nesting.ts';
import { within } from './within.ts';
import type { Lease, Leases } from '../base/index.ts';
import { limit } from './arguments.ts';
import type { TransactionOptions } from './options.ts';
import type { BeginOptions, QueryDriver, TransactionHandle } from './driver.ts';
import type { KindHooks } from './query-hooks.ts';
import type { StatementExecutor } from './statement-executor.ts';
import { RunningTransaction, type Transaction } from './transaction.ts';

const nestingKey = Symbol('transactions that hold all of their instance');

/** Begins a transaction, or what is run like one, on a driver. */
export type Begin<Raw, Tx> = (driver: QueryDriver<Raw, Tx>, options: BeginOptions) => Promise<TransactionHandle<Tx>>;

/** Begins, runs and ends the transactions of one connection. */
export class Transactions<Raw, Tx> {
  readonly #leases: Leases<QueryDriver<Raw, Tx>>;
  readonly #kind: Pick<KindHooks, 'statement' | 'ownOptions' | 'guardRead'>;
  readonly #sender: StatementExecutor;
  readonly #nesting: Nesting;

  constructor(
    leases: Leases<QueryDriver<Raw, Tx>>,
    kind: Pick<KindHooks, 'statement' | 'ownOptions' | 'guardRead'>,
    sender: StatementExecutor,
  ) {
    this.#leases = leases;
    this.#kind = kind;
    this.#sender = sender;
    this.#nesting = leases.shared(nestingKey, () => new Nesting());
  }

  /** Throws `nested_lease` where a call of this connection would wait for the transaction that it is made in. */
  refuseNested(): void {
    const { id, name: connection } = this.#leases;
    if (!this.#nesting.holds(id)) return;
    throw new LeaseError(
      'nested_lease',
      `"${connection}": a call inside its own transaction would wait for that to end, since the instance has one connection. Use tx.query, tx.execute or tx.stream.`,
      { connection },
    );
  }

  /** Resolves to what `fn` returns, once it is committed; and the tags that its statements named. */
  async run<T>(
    lease: Lease<QueryDriver<Raw, Tx>>,
    fn: (tx: Transaction<Tx>) => PromiseLike<T> | T,
    options: TransactionOptions,
    begin: Begin<Raw, Tx> = (driver, how) => driver.begin(how),
  ): Promise<{ value: T; tags: readonly string[] }> {
    const handle = await this.#begin(lease, options, begin);
    const { scheduler, name: connection, id } = this.#leases;
    const tx = new RunningTransaction({ handle, kind: this.#kind, sender: this.#sender, lease, scheduler });
    const work = () => within({ connection, scheduler, signals: [lease.signal] }, async () => fn(tx));
    try {
      const value = await ((lease.raw.capacity ?? Infinity) <= 1 ? this.#nesting.enter(id, work) : work());
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

  async #begin(
    lease: Lease<QueryDriver<Raw, Tx>>,
    { isolation, readOnly = false, timeout }: TransactionOptions,
    begin: Begin<Raw, Tx>,
  ): Promise<TransactionHandle<Tx>> {
    const { signal } = lease;
    try {
      return await begin(lease.raw, { isolation, readOnly, signal, timeout: limit(timeout, 'timeout') });
    } catch (error) {
      throw this.#sender.toPublicError(error, { signal }, lease);
    }
  }

  async #commit(lease: Lease<unknown>, handle: TransactionHandle<Tx>): Promise<void> {
    try {
      await handle.commit();
    } catch (error) {
      throw this.#sender.toPublicError(error, lease, lease);
    }
  }

  /** The error that led here is the one that counts; one of the rollback only says whether the instance is broken. */
  async #rollback(lease: Lease<unknown>, handle: TransactionHandle<Tx>): Promise<void> {
    try {
      await handle.rollback();
    } catch (error) {
      this.#sender.toPublicError(error, lease, lease);
    }
  }
}
