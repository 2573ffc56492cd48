import { elapsed } from '../../duration/index.ts';
import { LeaseError, QueryError } from '../../errors/index.ts';
import { Nesting } from '../../nesting.ts';
import { within } from './within.ts';
import type { Lease, Leases } from '../base/index.ts';
import { limit } from './arguments.ts';
import { retryOf } from './call.ts';
import type { CallOptions, TransactionOptions } from './options.ts';
import type { BeginOptions, QueryDriver, TransactionHandle } from './driver.ts';
import type { KindHooks } from './query-hooks.ts';
import { retry } from './retry.ts';
import type { StatementExecutor } from './statement-executor.ts';
import { traceTransaction } from './trace.ts';
import { RunningTransaction } from './transaction.ts';

const nestingKey = Symbol('transactions that hold all of their instance');

/** The callback of a transaction or a session. */
type Run<Handle, T> = (tx: RunningTransaction<Handle>) => PromiseLike<T> | T;

/** The result of a callback, and the tags that its statements named. */
interface Done<T> {
  readonly value: T;
  readonly tags: readonly string[];
}

/** Begins, runs and ends the transactions and sessions of one connection. */
export class Transactions<Raw, Tx, Held = unknown> {
  readonly #leases: Leases<QueryDriver<Raw, Tx, Held>>;
  readonly #kind: Pick<KindHooks, 'statement' | 'ownOptions' | 'guardRead'>;
  readonly #sender: StatementExecutor;
  readonly #nesting: Nesting;

  constructor(
    leases: Leases<QueryDriver<Raw, Tx, Held>>,
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

  /** A transaction, with as many attempts as `retry` allows. Resolves to what `fn` returns, once it is committed. */
  async runWithRetry<T>(fn: Run<Tx, T>, options: TransactionOptions): Promise<Done<T>> {
    const { scheduler, name: connection } = this.#leases;
    const { signal } = options;
    const timeout = limit(options.timeout, 'timeout');
    const since = elapsed(scheduler);
    const left = () => (timeout === undefined ? undefined : Math.max(0, since + timeout - elapsed(scheduler)));
    const again = (): Promise<Done<T>> =>
      this.#leases.use((driver, lease) => this.#run(lease, 'transaction', (how) => driver.begin(how), fn, options), {
        signal,
        timeout: left(),
      });
    const first = again();
    const attempts = retryOf(options);
    if (attempts.attempts === 1) return first;
    const worthwhile = (error: unknown): boolean => !signal?.aborted && this.#sender.isConflict(error);
    return first.catch((error: unknown) =>
      retry(error, { connection, scheduler, signal, options: attempts, left, worthwhile, again }),
    );
  }

  /** A connection of the server for `fn` alone. */
  hold<T>(fn: Run<Held, T>, options: CallOptions): Promise<Done<T>> {
    const { name: connection } = this.#leases;
    const limits = { signal: options.signal, timeout: limit(options.timeout, 'timeout') };
    return this.#leases.use((driver, lease) => {
      if (!driver.hold) {
        const message = `"${connection}": this kind has no sessions: use \`transaction\`, or \`use\`.`;
        throw new QueryError('not_supported', message, { connection });
      }
      return this.#run(lease, 'session', (how) => driver.hold!(how), fn, options);
    }, limits);
  }

  async #run<T, Handle>(
    lease: Lease<QueryDriver<Raw, Tx, Held>>,
    what: 'transaction' | 'session',
    begin: (options: BeginOptions) => Promise<TransactionHandle<Handle>>,
    fn: Run<Handle, T>,
    options: TransactionOptions,
  ): Promise<Done<T>> {
    const handle = await this.#begin(lease, options, begin);
    const { scheduler, name: connection, id } = this.#leases;
    const tx = new RunningTransaction({ what, handle, kind: this.#kind, sender: this.#sender, lease, scheduler });
    const ended = traceTransaction({ operation: what, connection, id, generation: lease.generation });
    const work = () => within({ connection, scheduler, signals: [lease.signal] }, async () => fn(tx));
    try {
      const value = await ((lease.raw.capacity ?? Infinity) <= 1 ? this.#nesting.enter(id, work) : work());
      await tx.finish();
      await this.#commit(lease, handle);
      return { value, tags: tx.tags };
    } catch (error) {
      // A statement or a stream that is still at it is stopped by the rollback, so that is not waited for first.
      const closed = tx.end(error);
      await this.#rollback(lease, handle);
      await closed;
      throw error;
    } finally {
      ended();
    }
  }

  async #begin<Handle>(
    lease: Lease<unknown>,
    { isolation, readOnly = false, timeout }: TransactionOptions,
    begin: (options: BeginOptions) => Promise<TransactionHandle<Handle>>,
  ): Promise<TransactionHandle<Handle>> {
    const { signal } = lease;
    try {
      return await begin({ isolation, readOnly, signal, timeout: limit(timeout, 'timeout') });
    } catch (error) {
      throw this.#sender.toPublicError(error, { signal }, lease);
    }
  }

  async #commit(lease: Lease<unknown>, handle: TransactionHandle<unknown>): Promise<void> {
    try {
      await handle.commit();
    } catch (error) {
      throw this.#sender.toPublicError(error, lease, lease);
    }
  }

  /** The error that led here is the one that counts; one of the rollback only says whether the instance is broken. */
  async #rollback(lease: Lease<unknown>, handle: TransactionHandle<unknown>): Promise<void> {
    try {
      await handle.rollback();
    } catch (error) {
      this.#sender.toPublicError(error, lease, lease);
    }
  }
}
