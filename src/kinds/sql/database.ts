import type { Knex } from 'knex';
import { Observable, Subject, takeUntil } from 'rxjs';
import { withConnection, QueryError } from '../../errors/index.ts';
import type {
  BeginOptions,
  Cursor,
  CursorContext,
  QueryDriver,
  Result,
  ReadMethod,
  RunContext,
  Statement,
  TransactionHandle,
} from '../query/index.ts';
import type { LeaseContext, PoolGauge } from '../base/index.ts';
import type { Backend, Findings } from './backends/backend.ts';
import { boundWholly, type Bound } from './binds.ts';
import type { DriverConnection, Engine } from './engine.ts';
import { Failover } from './failover.ts';
import type { FreshLogins } from './fresh-logins.ts';
import type { Purpose } from './holders.ts';
import { checkBeside, checkInstance } from './check.ts';
import { refuseSeveral, runScript, statementsOf } from './scripts.ts';
import { SqlPool } from './pool.ts';
import { waitWithin, type Wait } from './refused-logins.ts';
import { runOne } from './one-statement.ts';
import { heldSession } from './held-session.ts';
import { endSession } from './session-end.ts';
import { Session } from './session.ts';
import { KnownTexts } from './known-texts.ts';
import { beginTransaction } from './transaction.ts';

export interface DatabaseParts {
  /** The connection's, for messages. */
  readonly name: string;
  readonly backend: Backend;
  readonly autocommit: boolean;
  readonly findings: Findings;
  /** It is in memory, and gone with its connection. */
  readonly lasting: boolean;
  /** Its logins, where they change with time. */
  readonly fresh?: FreshLogins | undefined;
}

/** The data of a COPY: what the `options` of a statement of SQL are, where it has any. */
export type CopyTexts = AsyncIterable<string>;

/** One opened database: its pool, the engine that runs statements on a connection, and knex over both. */
export class Database implements QueryDriver<Knex, Knex.Transaction, DriverConnection> {
  readonly #name: string;
  #knex: Knex | undefined;
  readonly backend: Backend;
  readonly #engine: Engine;
  readonly pool: SqlPool;
  readonly #findings: Findings;
  readonly #failover: Failover;
  readonly #autocommit: boolean;
  readonly #lasting: boolean;
  readonly #fresh: FreshLogins | undefined;
  readonly #texts: KnownTexts;
  readonly #closed$ = new Subject<void>();
  /** It has been checked once, and so has opened what its pool shall keep. */
  #warm = false;
  readonly #parts: Parameters<typeof runOne>[0];

  constructor({ name, backend, autocommit, findings, lasting, fresh }: DatabaseParts) {
    this.#lasting = lasting;
    this.#name = name;
    this.backend = backend;
    this.#engine = backend.engine;
    this.pool = new SqlPool(backend, findings.warn, findings.times);
    this.#findings = findings;
    this.#failover = new Failover(backend);
    this.#autocommit = autocommit;
    this.#fresh = fresh;
    this.#texts = new KnownTexts(backend.engine.family);
    this.#parts = {
      engine: backend.engine,
      pool: this.pool,
      lookAt: (error, connection) => this.#lookAt(error, connection),
      refused: (error) => this.#refused(error),
    };
  }

  /** The value that `use` passes: knex, made at the first use. */
  get raw(): Knex {
    return (this.#knex ??= this.#made());
  }

  #made(): Knex {
    try {
      return this.backend.knexOver(this.pool);
    } catch (error) {
      throw withConnection(error, this.#name);
    }
  }

  get family(): Engine['family'] {
    return this.#engine.family;
  }

  /** Rows can be sent by COPY, outside of a transaction. */
  get copies(): boolean {
    return this.#autocommit && this.#engine.copyIn !== undefined;
  }

  gauge(): PoolGauge {
    return this.pool.gauge;
  }

  get capacity(): number {
    return this.pool.max;
  }

  run(statement: Statement, context: RunContext): Promise<Result> {
    let bound: Bound;
    let statements: readonly string[];
    try {
      bound = this.#read(statement, context.write && 'outside', context.method);
      if (context.write && !this.#autocommit) throw explicit();
      statements = statementsOf(bound, this.#engine.family);
    } catch (error) {
      return Promise.reject(withConnection(error, this.#name));
    }
    const alone =
      statements.length === 1 && !statement.options ? runOne(this.#parts, statement, bound, context) : undefined;
    return alone ?? this.#runInSession(statement, bound, statements, context);
  }

  async #runInSession(
    statement: Statement,
    bound: Bound,
    statements: readonly string[],
    context: RunContext,
  ): Promise<Result> {
    const session = await this.#session(statement, () => context.signal, waitWithin(context.timeout));
    try {
      const { signal } = context;
      if (statement.options) return await session.copyIn(statement.sql, statement.options as CopyTexts, signal);
      if (statements.length === 1) return await session.run(bound, context.write, signal);
      return await runScript(session, statements, { write: context.write, own: true, signal });
    } catch (error) {
      if (session.usable) await this.#lookAt(error, session.connection);
      throw error;
    } finally {
      this.pool.release(session.connection, session.usable);
    }
  }

  async openCursor(statement: Statement, context: CursorContext): Promise<Cursor> {
    const bound = this.#bound(statement, false, context.method ?? 'stream');
    this.#refusing(() => refuseSeveral(bound, this.#engine.family));
    const what = { sql: statement.sql, streamed: true };
    const session = await this.#session(what, () => context.signal, waitWithin(context.timeout));
    const release = (): void => this.pool.release(session.connection, session.usable);
    return session.openCursor(bound, context.batchSize, context.signal, release).catch((error: unknown) => {
      release();
      throw error;
    });
  }

  async begin(options: BeginOptions): Promise<TransactionHandle<Knex.Transaction>> {
    const session = await this.#session('a transaction', () => options.signal, waitWithin(options.timeout));
    return this.#beginOn(session, options, () => this.pool.release(session.connection, session.usable));
  }

  #beginOn(session: Session, options: BeginOptions, release: () => void): Promise<TransactionHandle<Knex.Transaction>> {
    const bound = (statement: Statement, write: boolean, method?: ReadMethod): Bound =>
      this.#bound(statement, write && 'inside', method);
    const lookAt = async (error: unknown): Promise<boolean> =>
      session.usable && this.#lookAt(error, session.connection);
    return beginTransaction({ knex: () => this.raw, engine: this.#engine, session, bound, lookAt, release }, options);
  }

  async hold({ signal, timeout }: BeginOptions): Promise<TransactionHandle<DriverConnection>> {
    return heldSession({
      engine: this.#engine,
      session: await this.#session('a session', () => signal, waitWithin(timeout)),
      name: this.#name,
      bound: (statement, write, method) => this.#bound(statement, write && 'inside', method),
      begin: (session, options) => this.#beginOn(session, options, () => undefined),
      end: (connection, usable) =>
        endSession({ backend: this.backend, pool: this.pool, lasting: this.#lasting }, connection, usable),
      signal,
    });
  }

  /** One connection answers: of the pool, or one beside it where the pool has none to spare. */
  async check({ signal }: LeaseContext): Promise<void> {
    const { used, max = Infinity } = this.pool.gauge;
    if (used >= max) return checkBeside(this.#engine, () => this.backend.connect(), signal);
    const parts = { engine: this.#engine, pool: this.pool, failover: this.#failover, warn: this.#findings.warn };
    await checkInstance(parts, await this.#session('a check', () => signal), { warm: !this.#warm, signal });
    this.#warm = true;
  }

  /** Emits once when the channel is listened to, then the payload of each notification; errors when its connection breaks, completes when this closes. */
  listen(channel: string): Observable<string | undefined> {
    const { listen } = this.#engine;
    if (!listen)
      throw new QueryError(
        'not_supported',
        `${this.#engine.family} has no channels ("${channel}"); use an interval or an Observable as \`refresh\`.`,
      );
    return new Observable<string | undefined>((subscriber) => {
      const open = listen(channel, {
        notification: (payload) => subscriber.next(payload),
        failed: (error) => subscriber.error(error),
      });
      open.then(
        (stop) => {
          subscriber.add(stop);
          subscriber.next(undefined);
        },
        (error: unknown) => subscriber.error(error),
      );
    }).pipe(takeUntil(this.#closed$));
  }

  /** The time at which the sessions end with their credentials. */
  expiresAt(): Date | number | undefined {
    return this.#fresh?.expiresAt;
  }

  retire(): void {
    this.pool.retire();
  }

  /** Stops what runs, and closes what is in use: whoever holds it is told by its driver. */
  cut(): Promise<void> {
    return this.pool.abandon();
  }

  /** Waits for what is in use; cuts it when the signal fires. What is being connected has nobody who waits for it. */
  async close({ signal }: LeaseContext): Promise<void> {
    this.pool.stopConnecting();
    const cut = (): void => void this.cut();
    signal.addEventListener('abort', cut, { once: true });
    if (signal.aborted) cut();
    this.#closed$.next();
    try {
      await this.pool.close();
    } finally {
      signal.removeEventListener('abort', cut);
      await this.#fresh?.close();
    }
  }

  /** Tells whether a statement failed because the server is another one now. */
  async #lookAt(error: unknown, connection: DriverConnection): Promise<boolean> {
    const moved = await this.#failover.happened(error, connection);
    if (moved) this.#findings.moved(error as object);
    return moved;
  }

  async #session(what: Purpose, signal: () => AbortSignal, wait?: Wait): Promise<Session> {
    try {
      return new Session(this.#engine, await this.pool.acquire(what, signal, wait), this.#name);
    } catch (error) {
      throw this.#refused(error);
    }
  }

  #refused(error: unknown): unknown {
    return withConnection(error, this.#name);
  }

  #bound(statement: Statement, write: false | 'inside', method?: ReadMethod): Bound {
    return this.#refusing(() => this.#read(statement, write, method));
  }

  #read({ sql, params }: Statement, write: false | 'inside' | 'outside', method?: ReadMethod): Bound {
    const whole = boundWholly(params);
    if (whole) return whole;
    const text = this.#texts.of(sql);
    if (write) text.guardTransaction(write);
    else text.guardRead(method);
    return text.bind(params);
  }

  /** Runs a check whose error gets the name of the connection. */
  #refusing<T>(check: () => T): T {
    try {
      return check();
    } catch (error) {
      throw withConnection(error, this.#name);
    }
  }
}

function explicit(): QueryError {
  return new QueryError(
    'not_supported',
    '`autocommit` is false, so nothing is written outside a transaction: use `transaction`.',
  );
}
