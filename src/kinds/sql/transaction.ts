import type { Knex } from 'knex';
import { QueryError } from '../../errors/index.ts';
import type { BeginOptions, TransactionHandle } from '../query/index.ts';
import type { Statement } from '../../queries/index.ts';
import type { Bound } from './binds.ts';
import type { Engine } from './engine.ts';
import { refuseSeveral, runScript, statementsOf } from './scripts.ts';
import type { Session } from './session.ts';

interface Means {
  readonly knex: Knex;
  readonly engine: Engine;
  /** The connection it runs on. */
  readonly session: Session;
  readonly bound: (statement: Statement, write: boolean) => Bound;
  /** Whether a statement failed because the server is another one now. */
  readonly lookAt: (error: unknown) => Promise<boolean>;
  /** Gives the connection back; called once. */
  readonly release: () => void;
}

/** Begins knex's own transaction on a connection that is held. */
export async function beginTransaction(
  { knex, engine, session, bound, lookAt, release }: Means,
  { isolation, readOnly, signal }: BeginOptions,
): Promise<TransactionHandle<Knex.Transaction>> {
  let open = true;
  let failed: unknown;
  const noted = async <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      failed = error;
      throw error;
    });
  const end = async (): Promise<void> => {
    if (!open) return;
    open = false;
    // SQLite keeps a transaction open whose COMMIT it refused; its one connection may be the whole database.
    if (!session.usable && engine.blocking)
      await engine.run(session.connection, { text: ['rollback'], values: [] }, true).catch(() => undefined);
    if (readOnly && (session.usable || engine.blocking))
      await engine.readOnly(session.connection, false).catch(() => session.spoil());
    release();
  };
  const trx = await started().catch(async (error: unknown) => {
    session.spoil();
    await end();
    throw error;
  });

  async function started(): Promise<Knex.Transaction> {
    signal.throwIfAborted();
    const { knexReadOnly } = readOnly ? await engine.readOnly(session.connection, true) : { knexReadOnly: false };
    const begun = await knex.transaction(undefined as never, {
      connection: session.connection,
      // SQLite has the one level that satisfies every other.
      ...(isolation && engine.family !== 'sqlite' && { isolationLevel: isolation }),
      readOnly: knexReadOnly,
    });
    // knex hands the transaction over even when BEGIN was refused.
    if (begun.isCompleted()) await begun.executionPromise;
    return begun;
  }

  return {
    raw: trx,
    async run(statement, context) {
      const one = bound(statement, context.write);
      const statements = statementsOf(one, engine.family);
      const stop = engine.blocking ? undefined : context.signal;
      if (statements.length === 1) return noted(session.run(one, context.write, stop));
      return noted(runScript(session, statements, { write: context.write, own: false, signal: stop }));
    },
    async openCursor(statement, context) {
      const { batchSize } = context;
      const one = bound(statement, false);
      refuseSeveral(one, engine.family);
      return session.openCursor(one, batchSize, context.signal, () => undefined, signal);
    },
    async commit() {
      const answer: unknown = await trx.commit();
      try {
        await trx.executionPromise;
        if (rolledBack(answer))
          throw new QueryError(
            'query_failed',
            'the server rolled the transaction back, because one of its statements had failed.',
          );
      } catch (error) {
        if (!(error instanceof QueryError)) session.spoil();
        throw error;
      } finally {
        await end();
      }
    },
    async rollback() {
      if (!open) return;
      await session.halt();
      if (session.usable && !trx.isCompleted()) {
        await trx.rollback();
        await Promise.resolve(trx.executionPromise).catch(() => session.spoil());
      } else session.spoil();
      const moved = failed !== undefined && !readOnly && (await lookAt(failed));
      await end();
      // Nobody but the instance hears of it: the caller has been told what failed.
      if (moved) throw failed;
    },
  };
}

/** PostgreSQL answers a COMMIT of a failed transaction with ROLLBACK, and no error. */
function rolledBack(answer: unknown): boolean {
  const { response } = (answer ?? {}) as { response?: { command?: unknown } };
  return response?.command === 'ROLLBACK';
}
