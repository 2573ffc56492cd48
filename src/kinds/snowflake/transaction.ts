import type { Connection } from 'snowflake-sdk';
import { QueryError } from '../../errors/index.ts';
import type { BeginOptions, TransactionHandle } from '../query/index.ts';
import type { Session } from './session.ts';

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
  { isolation, readOnly, signal }: BeginOptions,
): Promise<TransactionHandle<Connection>> {
  if (isolation !== undefined && isolation !== 'read committed')
    throw new QueryError(
      'not_supported',
      `Snowflake has no isolation "${isolation}": leave it out, or use "read committed".`,
    );
  if (readOnly)
    throw new QueryError('not_supported', 'Snowflake has no read-only transactions: use a role that may not write.');
  const session = await open();
  const held = heldSession(session);
  try {
    await session.run({ sql: 'begin' }, { signal });
  } catch (error) {
    await held.rollback();
    throw error;
  }
  return {
    ...held,
    async commit() {
      await session.run({ sql: 'commit' }, { signal });
      await held.commit();
    },
  };
}
