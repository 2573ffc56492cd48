import type { Connection } from 'snowflake-sdk';
import { withConnection } from '../../errors/index.ts';
import { within, type Cursor, type Result, type Statement } from '../../queries/index.ts';
import type { Config } from '../../secrets/index.ts';
import type { LeaseContext, Leases } from '../base/index.ts';
import type { BeginOptions, CursorContext, QueryDriver, RunContext, TransactionHandle } from '../query/index.ts';
import type { Login } from './login.ts';
import { byOptionName } from './option-names.ts';
import type { OpenResult, Session } from './session.ts';
import { guardSession } from './session-statements.ts';
import { beginTransaction, heldSession } from './transaction.ts';

interface Opened {
  readonly config: Config;
  /** The connection's, for messages. */
  readonly name: string;
  readonly login: Login;
  readonly leases: Pick<Leases<unknown>, 'scheduler'>;
}

/** One opened Snowflake session that statements share, and the way to more sessions like it. */
export class SnowflakeDriver implements QueryDriver<Connection, Connection> {
  readonly #opened: Opened;
  readonly #session: Session;

  constructor(opened: Opened, session: Session) {
    this.#opened = opened;
    this.#session = session;
  }

  get raw(): Connection {
    return this.#session.connection;
  }

  check({ signal }: LeaseContext): Promise<void> {
    return this.#session.check(signal);
  }

  expiresAt(): Date | number | undefined {
    return this.#opened.login.expiresAt(this.#session);
  }

  retire(): void {
    this.#opened.login.forget(this.#session);
  }

  close({ signal }: LeaseContext): Promise<void> {
    this.#opened.login.forget(this.#session);
    return this.#session.close(signal);
  }

  run(statement: Statement, context: RunContext): Promise<Result> {
    return this.#guarded(statement, () => this.#session.run(statement, context));
  }

  openCursor(statement: Statement, context: CursorContext): Promise<Cursor> {
    return this.#guarded(statement, () => this.#session.openCursor(statement, context.signal));
  }

  async begin(options: BeginOptions): Promise<TransactionHandle<Connection>> {
    try {
      return await beginTransaction(() => this.#another(options.signal), options);
    } catch (error) {
      throw withConnection(error, this.#opened.name);
    }
  }

  /** A session of its own for a while, in the form of a transaction. */
  async hold({ signal }: BeginOptions): Promise<TransactionHandle<Connection>> {
    return heldSession(await this.#another(signal));
  }

  /** The result of a statement, or of one of before by its query id, from row `start` on. */
  async result(what: Statement | string, start: number, signal: AbortSignal): Promise<OpenResult> {
    if (typeof what === 'string') return this.#session.reopen(what, start, signal);
    return this.#guarded(what, () => this.#session.openCursor(what, signal, start));
  }

  async #guarded<T>({ sql }: Statement, send: () => Promise<T>): Promise<T> {
    try {
      guardSession(sql);
      return await send();
    } catch (error) {
      throw withConnection(error, this.#opened.name);
    }
  }

  /** One more session as the instance has one, for a caller of its own, who is told at once when it is stopped. */
  #another(signal: AbortSignal): Promise<Session> {
    const { config, name, login, leases } = this.#opened;
    const limits = { connection: name, scheduler: leases.scheduler, signals: [signal] };
    return within(limits, () => login.another(byOptionName(config), signal));
  }
}
