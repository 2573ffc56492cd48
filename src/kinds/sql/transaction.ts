import type { Knex } from 'knex';
import { QueryError } from '../../errors/index.ts';
import type { BeginOptions, ReadMethod, Statement, TransactionHandle } from '../query/index.ts';
import { sqlStateOf } from '../query/failure.ts';
import type { Bound } from './binds.ts';
import type { Engine } from './engine.ts';
import { knexInside } from './knex-transaction.ts';
import { refuseSeveral, runScript, statementsOf } from './scripts.ts';
import { withSavepoints } from './savepoints.ts';
import { firstFailure, type Session } from './session.ts';

/** A transaction on a connection, begun by hotline or by knex. */
interface Begun {
  readonly raw: Knex.Transaction;
  readonly completed: boolean;
  /** Tells whether the server kept what was written: it rolls a transaction back whose statement has failed. */
  commit(): Promise<boolean>;
  /** Rejects where the connection is not to be used again. */
  rollback(): Promise<unknown>;
}

interface Means {
  /** Read where knex itself is needed. */
  readonly knex: () => Knex;
  readonly engine: Engine;
  /** The connection it runs on. */
  readonly session: Session;
  readonly bound: (statement: Statement, write: boolean, method?: ReadMethod) => Bound;
  /** Tells whether a statement failed because the server is another one now. */
  readonly lookAt: (error: unknown) => Promise<boolean>;
  /** Gives the connection back; called once. */
  readonly release: () => void;
}

/** Begins a transaction on a connection that is held. */
export async function beginTransaction(
  { knex, engine, session, bound, lookAt, release }: Means,
  { isolation, readOnly, signal }: BeginOptions,
): Promise<TransactionHandle<Knex.Transaction>> {
  if (isolation === 'snapshot' && (engine.family === 'postgresql' || engine.family === 'mysql')) {
    release();
    throw onlyOfSqlServer();
  }
  let open = true;
  let failed: unknown;
  let over = false;
  const noted = async <T>(work: () => Promise<T>): Promise<T> => {
    if (over) throw rolledBack(failed);
    return work().catch((error: unknown) => {
      // That the transaction has failed says nothing of why.
      if (sqlStateOf(error) !== '25P02') failed = error;
      over ||= engine.rolledBack?.(session.connection, error) === true;
      throw error;
    });
  };
  const end = async (): Promise<void> => {
    if (!open) return;
    open = false;
    // SQLite keeps a transaction open whose COMMIT it refused; its one connection may be the whole database.
    if (!session.usable && engine.blocking)
      await engine.run(session.connection, { text: ['rollback'], values: [] }, true).catch(() => undefined);
    if (readOnly && !engine.begin && (session.usable || engine.blocking))
      await engine.readOnly(session.connection, false).catch(() => session.spoil());
    release();
  };
  const begun = await begin().catch(async (error: unknown) => {
    session.spoil();
    await end();
    throw error;
  });

  async function begin(): Promise<Begun> {
    signal.throwIfAborted();
    const options = { isolation, readOnly };
    return engine.begin
      ? ownTransaction(session, engine, options, knex)
      : knexTransaction(session, engine, options, knex());
  }

  const handle: TransactionHandle<Knex.Transaction> = {
    get raw() {
      return begun.raw;
    },
    async run(statement, context) {
      const one = bound(statement, context.write, context.method);
      const statements = statementsOf(one, engine.family);
      const stop = context.signal;
      if (statements.length === 1) return noted(() => session.run(one, context.write, stop));
      return noted(() => runScript(session, statements, { write: context.write, own: false, signal: stop }));
    },
    async openCursor(statement, context) {
      const { batchSize } = context;
      if (over) throw rolledBack(failed);
      const one = bound(statement, false, context.method ?? 'stream');
      refuseSeveral(one, engine.family);
      return session.openCursor(one, batchSize, context.signal, () => undefined, signal);
    },
    async commit() {
      try {
        if (over) await begun.rollback().catch(() => undefined);
        if (over || !(await begun.commit())) throw rolledBack(failed);
      } catch (error) {
        if (!(error instanceof QueryError)) session.spoil();
        throw firstFailure(session.connection, error);
      } finally {
        await end();
      }
    },
    async rollback() {
      if (!open) return;
      await session.halt();
      if (session.usable && !begun.completed) await begun.rollback().catch(() => session.spoil());
      else session.spoil();
      const moved = failed !== undefined && !readOnly && (await lookAt(failed));
      await end();
      // Nobody but the instance hears of it: the caller has been told what failed.
      if (moved) throw failed;
    },
  };
  return withSavepoints(handle, engine.family, (sql) =>
    noted(() => session.run({ text: [sql], values: [] }, true, undefined)),
  );
}

function rolledBack(why: unknown): QueryError {
  return new QueryError(
    'query_failed',
    'the server rolled the transaction back, because one of its statements had failed.',
    { sqlState: sqlStateOf(why) },
  );
}

/** Said before the server speaks of a syntax error. */
function onlyOfSqlServer(): QueryError {
  return new QueryError('not_supported', 'isolation: only SQL Server has "snapshot". Use "repeatable read" here.');
}

type Options = Pick<BeginOptions, 'isolation' | 'readOnly'>;

/** Begun by statements of our own; knex is loaded when its transaction is read. */
async function ownTransaction(session: Session, engine: Engine, options: Options, knex: () => Knex): Promise<Begun> {
  const { connection } = session;
  const run = (sql: string): Promise<unknown> => session.run({ text: [sql], values: [] }, true, undefined);
  let raw: Knex.Transaction | undefined;
  let completed = false;
  let end!: () => void;
  const ended = new Promise<void>((resolve) => (end = resolve));
  // The session of a transaction that is rolled back runs nothing more, so its end goes to the engine.
  const finish = async <T>(work: Promise<T>): Promise<T> => {
    completed = true;
    return work.finally(end);
  };
  const send = (sql: string): Promise<unknown> => engine.run(connection, { text: [sql], values: [] }, true);
  for (const sql of engine.begin!(options)) await run(sql);
  const begun: Begun = {
    get raw() {
      return (raw ??= knexInside(knex(), {
        connection,
        ended,
        get completed() {
          return completed;
        },
        commit: () => begun.commit(),
        rollback: () => begun.rollback(),
      }));
    },
    get completed() {
      return completed;
    },
    async commit() {
      if (completed) return true;
      return finish(engine.commit ? engine.commit(connection) : send('commit').then(() => true));
    },
    rollback: () => finish(send('rollback')),
  };
  return begun;
}

/** knex's own transaction, for drivers that do not begin one by a statement. */
async function knexTransaction(
  session: Session,
  engine: Engine,
  { isolation, readOnly }: Options,
  knex: Knex,
): Promise<Begun> {
  const { knexReadOnly } = readOnly ? await engine.readOnly(session.connection, true) : { knexReadOnly: false };
  const raw = await knex.transaction(undefined as never, {
    connection: session.connection,
    // SQLite has the one level that satisfies every other.
    ...(isolation && engine.family !== 'sqlite' && { isolationLevel: isolation }),
    readOnly: knexReadOnly,
  });
  // knex hands the transaction over even when BEGIN was refused.
  if (raw.isCompleted()) await raw.executionPromise;
  return {
    raw,
    get completed() {
      return raw.isCompleted();
    },
    async commit() {
      await raw.commit();
      await raw.executionPromise;
      return true;
    },
    async rollback() {
      await raw.rollback();
      await raw.executionPromise;
    },
  };
}
