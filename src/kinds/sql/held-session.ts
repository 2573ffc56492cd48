import type { BeginOptions, ReadMethod, Statement, TransactionHandle } from '../query/index.ts';
import type { Bound } from './binds.ts';
import type { DriverConnection, Engine } from './engine.ts';
import { refuseSeveral, runScript, statementsOf } from './scripts.ts';
import { Session } from './session.ts';

interface Means {
  readonly engine: Engine;
  /** The connection that is held. */
  readonly session: Session;
  /** The connection's, for messages. */
  readonly name: string;
  readonly bound: (statement: Statement, write: boolean, method?: ReadMethod) => Bound;
  /** Begins a transaction on the connection. */
  readonly begin: (session: Session, options: BeginOptions) => Promise<TransactionHandle<unknown>>;
  /** Gives the connection back. */
  readonly end: (connection: DriverConnection, usable: boolean) => Promise<void>;
  /** Fires when the work must stop. */
  readonly signal: AbortSignal;
}

/** One connection of the server, held for `session`; `commit` and `rollback` both end it. */
export function heldSession({
  engine,
  session,
  name,
  bound,
  begin,
  end,
  signal,
}: Means): TransactionHandle<DriverConnection> {
  const { connection } = session;
  let ended: Promise<void> | undefined;
  const finish = async (): Promise<void> => {
    await session.halt();
    await end(connection, session.usable);
  };
  return {
    raw: connection,
    async run(statement, { write, signal: stop }) {
      const one = bound(statement, write);
      const statements = statementsOf(one, engine.family);
      if (statements.length === 1) return session.run(one, write, stop);
      return runScript(session, statements, { write, own: true, signal: stop });
    },
    async openCursor(statement, { batchSize, signal: stop, method = 'stream' }) {
      const one = bound(statement, false, method);
      refuseSeveral(one, engine.family);
      return session.openCursor(one, batchSize, stop, () => undefined, signal);
    },
    async begin(options) {
      // One of its own: what is halted by a rollback never sends anything again.
      const inside = new Session(engine, connection, name);
      const begun = await begin(inside, options).catch((error: unknown) => {
        session.spoil();
        throw error;
      });
      const [commit, rollback] = [begun.commit.bind(begun), begun.rollback.bind(begun)];
      const after = async (work: Promise<void>): Promise<void> =>
        work.finally(() => {
          if (!inside.usable) session.spoil();
        });
      return Object.assign(begun, {
        commit: () => after(commit()),
        rollback: () => after(rollback()),
      });
    },
    commit: () => (ended ??= finish()),
    rollback: () => (ended ??= finish()),
  };
}
