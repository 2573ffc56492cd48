import type { TransactionHandle } from '../query/index.ts';
import type { Family } from './dialects.ts';

/** The statements about one savepoint; a server that has no word for its release forgets it with the transaction. */
interface Words {
  readonly set: string;
  readonly release?: string;
  readonly rollback: string;
}

const standard = (name: string): Words => ({
  set: `savepoint ${name}`,
  release: `release savepoint ${name}`,
  rollback: `rollback to savepoint ${name}`,
});

const wordsOf: Readonly<Record<Family, (name: string) => Words>> = {
  postgresql: standard,
  mysql: standard,
  sqlite: standard,
  mssql: (name) => ({ set: `save transaction ${name}`, rollback: `rollback transaction ${name}` }),
  oracle: (name) => ({ set: `savepoint ${name}`, rollback: `rollback to savepoint ${name}` }),
};

/** A transaction whose parts can be rolled back alone, each behind a savepoint of its own. */
export function withSavepoints<Tx>(
  handle: TransactionHandle<Tx>,
  family: Family,
  send: (sql: string) => Promise<unknown>,
): TransactionHandle<Tx> {
  let count = 0;
  const part = async (): Promise<TransactionHandle<Tx>> => {
    const { set, release, rollback } = wordsOf[family](`hotline_${++count}`);
    await send(set);
    return {
      get raw() {
        return handle.raw;
      },
      run: (statement, context) => handle.run(statement, context),
      openCursor: (statement, context) => handle.openCursor(statement, context),
      begin: part,
      commit: async () => void (release && (await send(release))),
      async rollback() {
        await send(rollback);
        if (release) await send(release);
      },
    };
  };
  return Object.assign(handle, { begin: part });
}
