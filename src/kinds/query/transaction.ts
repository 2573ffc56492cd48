import type { SchedulerLike } from 'rxjs';
import { LeaseError, QueryError, readable, type HotlineError } from '../../errors/index.ts';
import { refuseUnknown } from '../../known-options.ts';
import { callingAs, limit, methodOf, rowLimit, tagsOf } from './arguments.ts';
import { batches, rows } from './batches.ts';
import { refuseUnusable } from './call.ts';
import {
  optionNames,
  type ExecuteOptions,
  type IsolationOptions,
  type StatementOptions,
  type StreamOptions,
} from './options.ts';
import type { KindHooks } from './query-hooks.ts';
import type { TransactionHandle } from './driver.ts';
import type { StatementExecutor, Through } from './statement-executor.ts';
import type { Result, Row, Statement } from './statement.ts';
import { within } from './within.ts';

/** Statements on one connection of the server, for as long as a callback runs: afterwards every call is `transaction_ended`. */
export interface HeldStatements<Held> {
  /** The driver's own transaction or connection. */
  readonly raw: Held;
  /** The rows of a statement that only reads. */
  query<R extends object = Row>(sql: string, options?: StatementOptions): Promise<R[]>;
  /** Runs a statement that may write. `tags` are forgotten when the transaction is committed. */
  execute<R extends object = Row>(sql: string, options?: ExecuteOptions): Promise<Result<R>>;
  /** Row by row, pulled. What is still open at the end of the transaction is closed. */
  stream<R extends object = Row>(sql: string, options?: StreamOptions): AsyncIterable<R>;
  /** Batch by batch, pulled. */
  batches<R extends object = Row>(sql: string, options?: StreamOptions): AsyncIterable<R[]>;
}

/** A transaction that runs. It belongs to the callback of `transaction`: afterwards every call is `transaction_ended`. */
export interface Transaction<Tx> extends HeldStatements<Tx> {
  /**
   * Runs `fn` behind a savepoint: what it wrote is kept with the transaction when it returns, and taken back alone when it throws. Until
   * then every other call of this transaction is `nested_lease`.
   *
   * @throws What `fn` throws; `not_supported` where the server has no savepoints.
   * @example await pets.transaction(async (tx) => { await tx.transaction((inner) => inner.execute('delete from pet')).catch(log); });
   */
  transaction<T>(fn: (tx: Transaction<Tx>) => PromiseLike<T> | T): Promise<T>;
}

/** One connection of the server that nobody else has. It belongs to the callback of `session`: afterwards every call is `transaction_ended`. */
export interface Session<Held> extends HeldStatements<Held> {
  /**
   * Runs `fn` in a transaction on the connection of the session: committed when it returns, rolled back when it throws. Until then every
   * other call of the session is `nested_lease`.
   *
   * @throws What `fn` throws.
   * @example await pets.session((session) => session.transaction((tx) => tx.execute('delete from pet')));
   */
  transaction<T>(fn: (tx: Transaction<unknown>) => PromiseLike<T> | T, options?: IsolationOptions): Promise<T>;
}

/** The parts of a running transaction. */
interface TransactionParts<Tx> {
  /** The word for it in messages, which decides what it can begin inside. */
  readonly what: 'transaction' | 'session';
  readonly handle: TransactionHandle<Tx>;
  readonly kind: Pick<KindHooks, 'statement' | 'ownOptions' | 'guardRead'>;
  readonly sender: StatementExecutor;
  readonly lease: Through;
  readonly scheduler: SchedulerLike;
}

/** The transaction, or the session, as the callback sees it. */
export class RunningTransaction<Tx> implements Transaction<Tx>, Session<Tx> {
  readonly #parts: TransactionParts<Tx>;
  /** Ends what streams are open, when the transaction does. */
  readonly #over = new AbortController();
  readonly #open = new Set<Promise<void>>();
  readonly #tags = new Set<string>();
  /** A part of it is open that can be rolled back alone: whatever else ran now would be rolled back with it. */
  #inside = false;
  /** Why it cannot be committed any more. */
  #spoilt: HotlineError | undefined;

  constructor(parts: TransactionParts<Tx>) {
    this.#parts = parts;
  }

  get raw(): Tx {
    this.#refuse();
    return this.#parts.handle.raw;
  }

  /** The tags that the statements so far invalidate. */
  get tags(): readonly string[] {
    return [...this.#tags];
  }

  async query<R extends object = Row>(sql: string, options?: StatementOptions): Promise<R[]> {
    const statement = this.#statement(sql, options, optionNames.statement);
    this.#parts.kind.guardRead(statement, 'query');
    return (await this.#send(statement, false, options)).rows as R[];
  }

  async execute<R extends object = Row>(sql: string, options?: ExecuteOptions): Promise<Result<R>> {
    const statement = this.#statement(sql, options, optionNames.execute);
    const tags = readable(this.#parts.sender.connection, () => tagsOf(options?.tags));
    const result = await this.#send(statement, true, options);
    for (const tag of tags ?? []) this.#tags.add(tag);
    return result as Result<R>;
  }

  stream<R extends object = Row>(sql: string, options?: StreamOptions): AsyncIterable<R> {
    return rows(
      this.batches<R>(
        sql,
        readable(this.#parts.sender.connection, () => callingAs('stream', options)),
      ),
    );
  }

  batches<R extends object = Row>(sql: string, options: StreamOptions = {}): AsyncIterable<R[]> {
    const { handle, sender, lease } = this.#parts;
    const given: StreamOptions = readable(sender.connection, () => ({ ...options }));
    const { batchSize = 1000, signal } = given;
    return batches<R>({
      connection: sender.connection,
      batchSize,
      signal,
      dropped: sender.dropped,
      open: async (stop) => {
        this.#refuse();
        const statement = this.#statement(sql, given, optionNames.stream);
        const method = methodOf(given, 'batches');
        this.#parts.kind.guardRead(statement, method);
        let end!: () => void;
        const open = new Promise<void>((resolve) => (end = resolve)).finally(() => this.#open.delete(open));
        this.#open.add(open);
        return sender.cursor<R>(
          lease,
          statement,
          { signal: stop, batchSize, method },
          { open: (context) => handle.openCursor(statement, context), end, signal: this.#over.signal },
        );
      },
    });
  }

  async transaction<T>(fn: (tx: Transaction<Tx>) => PromiseLike<T> | T, options: IsolationOptions = {}): Promise<T> {
    const { handle, what, sender, lease, scheduler } = this.#parts;
    const { connection } = sender;
    const { isolation, readOnly = false } = readable(connection, () => {
      refuseUnknown(options, what === 'session' ? optionNames.inside : []);
      refuseUnusable(fn, options);
      return options;
    });
    this.#refuse();
    if (!handle.begin) throw withoutSavepoints(connection);
    this.#inside = true;
    try {
      const begun = await handle.begin({ isolation, readOnly, signal: lease.signal }).catch(this.#failed);
      const tx = new RunningTransaction<Tx>({
        ...this.#parts,
        what: 'transaction',
        handle: begun as TransactionHandle<Tx>,
      });
      const over = this.#over.signal;
      over.addEventListener('abort', () => void tx.end(over.reason), { once: true });
      try {
        const value = await within({ connection, scheduler, signals: [lease.signal] }, async () => fn(tx));
        await tx.finish();
        if (over.aborted) throw ended(connection);
        await begun.commit().catch(this.#failed);
        for (const tag of tx.tags) this.#tags.add(tag);
        return value;
      } catch (error) {
        // The stream that it left open has its connection, so that one is closed first.
        await tx.end(error);
        // What is over as a whole was rolled back as a whole, and its connection may be somebody else's by now.
        if (!over.aborted)
          await begun.rollback().catch((failed: unknown) => (this.#spoilt = notTakenBack(connection, failed)));
        throw error;
      }
    } finally {
      this.#inside = false;
    }
  }

  /** `end` for one that shall be committed: throws where a part of it could not be taken back. */
  async finish(): Promise<void> {
    await this.end();
    if (this.#inside) throw stillInside(this.#parts.sender.connection);
    if (this.#spoilt) throw this.#spoilt;
  }

  /** From here on it is refused; resolves when the streams that were left open are closed. */
  async end(reason?: unknown): Promise<void> {
    this.#over.abort(reason ?? ended(this.#parts.sender.connection));
    await Promise.all(this.#open);
  }

  #statement(sql: string, options: StatementOptions | StreamOptions | undefined, known: readonly string[]): Statement {
    const { kind, sender } = this.#parts;
    return readable(sender.connection, () => {
      if (options !== undefined) refuseUnknown(options, known, kind.ownOptions);
      return kind.statement(sql, options?.params, options);
    });
  }

  async #send(statement: Statement, write: boolean, options: StatementOptions = {}): Promise<Result> {
    this.#refuse();
    const { handle, sender, lease, scheduler } = this.#parts;
    const { connection } = sender;
    const timeout = limit(options.timeout, 'timeout');
    const { signal } = options;
    const maxRows = rowLimit(options.maxRows, 'maxRows');
    const run = (stop: AbortSignal): Promise<Result> => {
      const given = { signal: stop, timeout, maxRows, write };
      return sender.send(lease, statement, given, (context) => handle.run(statement, context));
    };
    if (!signal && timeout === undefined) return run(lease.signal);
    return within({ connection, scheduler, timeout, signals: [lease.signal, signal] }, run);
  }

  readonly #failed = (error: unknown): never => {
    const { sender, lease } = this.#parts;
    throw sender.toPublicError(error, lease, lease);
  };

  #refuse(): void {
    const { connection } = this.#parts.sender;
    if (this.#over.signal.aborted) throw ended(connection);
    if (this.#spoilt) throw this.#spoilt;
    if (this.#inside) throw stillInside(connection);
  }
}

function ended(connection: string): QueryError {
  const message = `"${connection}": the transaction has ended. Await everything inside its callback, and keep tx there.`;
  return new QueryError('transaction_ended', message, { connection });
}

function stillInside(connection: string): LeaseError {
  const message = `"${connection}": a transaction inside this one is open, and what runs now would be rolled back with it: use the tx of its callback, and await its end.`;
  return new LeaseError('nested_lease', message, { connection });
}

function withoutSavepoints(connection: string): QueryError {
  const message = `"${connection}": this server has no savepoints: use one transaction after the other.`;
  return new QueryError('not_supported', message, { connection });
}

function notTakenBack(connection: string, cause: unknown): QueryError {
  const message = `"${connection}": the transaction cannot be committed: what was written inside could not be taken back, as the server or the connection has ended all of it.`;
  return new QueryError('transaction_ended', message, { connection, cause });
}
