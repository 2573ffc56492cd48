import { createConnections, inline, SqlConnection } from 'hotline';
import { BehaviorSubject, filter, firstValueFrom } from 'rxjs';
import { rowsOf } from './peers.ts';
import { poolMax, type ContenderKind, type Target } from './contender.ts';

export const hotline: ContenderKind = {
  name: 'hotline',
  async open(target) {
    const secrets$ = new BehaviorSubject(secretsOf(target));
    const hot = createConnections({ sources: [inline(secrets$)], root: process.cwd() });
    const db = await hot.connection('db', { type: SqlConnection });
    return {
      query: (sql) => db.query(sql),
      transaction: (work) => db.use((knex) => knex.transaction((trx) => work((sql) => rowsOf(trx, sql)))),
      async change(next) {
        const ready$ = hot.events$.pipe(filter(({ type }) => type === 'instance.ready'));
        // A wrong change is never ready; then the end of the events is the end of the wait.
        const ready = firstValueFrom(ready$, { defaultValue: undefined });
        secrets$.next(secretsOf(next));
        await ready;
      },
      close: () => hot.close(),
    };
  },
};

function secretsOf({ port, database, user, password }: Target) {
  const url = `postgresql://${user}:${password}@127.0.0.1:${port}/${database}`;
  return { connections: { db: { type: 'sql', url, knex: { pool: { min: 0, max: poolMax } } } } };
}
