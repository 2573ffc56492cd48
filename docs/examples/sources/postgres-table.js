// The rows of a table, `create table secret (path text primary key, value text not null)`: told by NOTIFY, and asked for by a slow poll in
// case that a notification was lost. `connect` gives a client of `pg` that is connected.
//   create function tell() returns trigger language plpgsql as $$ begin notify secrets; return null; end $$;
//   create trigger tell after insert or update or delete or truncate on secret execute function tell();
import { polled } from 'hotline';
import { Observable, retry } from 'rxjs';

/** Emits at each notification, and when it listens anew; errors when the connection is lost. */
const heard$ = (connect, channel) =>
  new Observable((subscriber) => {
    const listen = async () => {
      const client = await connect();
      client.on('error', (error) => subscriber.error(error));
      client.on('end', () => subscriber.error(new Error('The connection ended.')));
      client.on('notification', () => subscriber.next());
      // Nobody may be left by now: then it ends at once.
      subscriber.add(() => void client.end().catch(() => undefined));
      await client.query(`listen ${channel}`);
      subscriber.next();
    };
    listen().catch((error) => subscriber.error(error));
  });

export function postgresTable(connect, { table = 'secret', channel = 'secrets', every = '60s', delay = 500 } = {}) {
  const load = async () => {
    const client = await connect();
    client.on('error', () => undefined); // the query says it
    try {
      const { rows } = await client.query(`select path, value from ${table}`);
      // Without a prototype, which a path such as __proto__.x would lead to.
      const secrets = Object.create(null);
      for (const { path, value } of rows) {
        const keys = path.split('.');
        const last = keys.pop();
        keys.reduce((tree, key) => (tree[key] ??= Object.create(null)), secrets)[last] = value;
      }
      return { secrets };
    } finally {
      await client.end();
    }
  };
  const source = polled(load, { every, label: `postgres:${table}` });
  // Whoever uses the source listens, too; a notification has it look again.
  const states$ = new Observable((subscriber) => {
    subscriber.add(source.subscribe(subscriber));
    const told$ = heard$(connect, channel).pipe(retry({ delay }));
    subscriber.add(told$.subscribe(() => void source.look()));
  });
  return Object.assign(states$, { label: source.label, look: source.look });
}
