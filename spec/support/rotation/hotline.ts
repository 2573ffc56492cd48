import { createConnections, inline, SqlConnection } from 'hotline';
import { BehaviorSubject, filter, firstValueFrom } from 'rxjs';
import { poolMax, type Contender, type ContenderKind, type Target } from './contender.ts';

export type Work = Pick<Contender, 'query' | 'transaction'>;

export const hotline = over('hotline', (db) => ({
  query: (sql) => db.query(sql),
  transaction: (work) => db.transaction((tx) => work((sql) => tx.query(sql))),
}));

/** What works over a connection of hotline. */
export function over(name: string, workOf: (db: SqlConnection) => Work): ContenderKind {
  return {
    name,
    async open(target) {
      const secrets$ = new BehaviorSubject(secretsOf(target));
      const hot = createConnections({ sources: [inline(secrets$)], root: process.cwd() });
      const db = await hot.connection('db', { type: SqlConnection });
      return {
        ...workOf(db),
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
}

function secretsOf({ url }: Target) {
  return { connections: { db: { type: 'sql', url, knex: { pool: { min: 0, max: poolMax } } } } };
}
