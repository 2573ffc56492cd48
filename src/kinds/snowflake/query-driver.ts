import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'snowflake-sdk';
import { OpenError, QueryError, withConnection } from '../../errors/index.ts';
import {
  type BeginOptions,
  type Cursor,
  type CursorContext,
  type QueryDriver,
  type Result,
  type RunContext,
  type Statement,
  type TransactionHandle,
  within,
} from '../query/index.ts';
import type { Config } from '../../secrets/index.ts';
import type { LeaseContext, Leases } from '../base/index.ts';
import type { Login } from './login.ts';
import { byOptionName } from './option-names.ts';
import { guardSession } from './scripts.ts';
import type { OpenResult, Session } from './session.ts';

/** Logins for one session of a caller's own, and milliseconds between two: some three seconds. */
const mostLogins = 8;
const loginPause = 400;

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

  async close({ signal }: LeaseContext): Promise<void> {
    const { login } = this.#opened;
    login.forget(this.#session);
    try {
      await this.#session.close(signal);
    } finally {
      await login.closed(this.#session);
    }
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
    const session = await this.#another(signal);
    const held = heldSession(session);
    return { ...held, begin: (options) => beginOn(session, held, options) };
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
    const enter = async (times: number): Promise<Session> => {
      try {
        return await login.another(byOptionName(config), signal, this.#session);
      } catch (error) {
        // As any request: a server that is away for a moment is asked again.
        if (times === 1 || signal.aborted || !(error instanceof OpenError) || error.category !== 'transient')
          throw error;
        await sleep(loginPause, undefined, { signal });
        return enter(times - 1);
      }
    };
    return within(limits, () => enter(mostLogins));
  }
}

/** A session of its own, for as long as it is held. `commit` and `rollback` end it. */
export function heldSession(session: Session): TransactionHandle<Connection> {
  const stop = new AbortController();
  const limited = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal, stop.signal]);
  let ended: Promise<void> | undefined;
  const end = (): Promise<void> => {
    // What still runs is stopped: logging out alone leaves it to the server.
    stop.abort(new QueryError('cancelled', 'the session has ended.'));
    return (ended ??= session.close());
  };
  return {
    raw: session.connection,
    run: (statement, { signal, maxRows }) => session.run(statement, { signal: limited(signal), maxRows }),
    openCursor: (statement, { signal }) => session.openCursor(statement, limited(signal)),
    commit: end,
    rollback: end,
  };
}

/** A transaction on a session of its own: statements of others on one session would be part of it. */
export async function beginTransaction(
  open: () => Promise<Session>,
  options: BeginOptions,
): Promise<TransactionHandle<Connection>> {
  refuseUnknown(options);
  const session = await open();
  const held = heldSession(session);
  try {
    const begun = await beginOn(session, held, options);
    return { ...held, commit: () => begun.commit().then(() => held.commit()) };
  } catch (error) {
    await held.rollback();
    throw error;
  }
}

/** A transaction on a session that is held, which goes on after it. */
async function beginOn(
  session: Session,
  held: TransactionHandle<Connection>,
  options: BeginOptions,
): Promise<TransactionHandle<Connection>> {
  refuseUnknown(options);
  const { signal } = options;
  const send = async (sql: string): Promise<void> => void (await session.run({ sql }, { signal }));
  await send('begin');
  return { ...held, commit: () => send('commit'), rollback: () => send('rollback') };
}

function refuseUnknown({ isolation, readOnly }: BeginOptions): void {
  if (isolation !== undefined && isolation !== 'read committed')
    throw new QueryError(
      'not_supported',
      `Snowflake has no isolation "${isolation}": leave it out, or use "read committed".`,
    );
  if (readOnly)
    throw new QueryError('not_supported', 'Snowflake has no read-only transactions: use a role that may not write.');
}
