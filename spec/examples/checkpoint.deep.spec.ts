import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnections, inline, type ConnectionRegistry, type SqlConnection } from 'hotline';
import { BehaviorSubject, retry } from 'rxjs';
// @ts-expect-error -- an example is plain JavaScript
import { copyTable as untyped } from '../../docs/examples/pipelines/checkpoint.js';
import { startPostgres, type Postgres } from '../support/postgres.ts';

const copyTable = untyped as (from: SqlConnection, to: SqlConnection, options: object) => Promise<void>;
const rows = 200_000;

/** Two connections to PostgreSQL whose sessions are ended by the server, and which are replaced by an edit of the secrets. */
describe('a copy of 200,000 rows while sessions are ended and both sides rotate', () => {
  let server: Postgres;
  let hot: ConnectionRegistry;
  let from: SqlConnection;
  let to: SqlConnection;
  let secrets$: BehaviorSubject<object>;
  /** The recipe reads and writes `pet`: each side finds its own by the search path. */
  const side = (schema: string, edit: number) => ({
    ...{ type: 'sql', url: server.url(), on_connect: `set search_path = ${schema}`, drain_timeout: '0s' },
    query_timeout: `${60 + edit}s`,
  });
  const secrets = (from: number, to: number) => ({ connections: { from: side('a', from), to: side('b', to) } });
  const terminate = () =>
    server.sql(`select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'hotline:%'`);

  beforeAll(async () => {
    server = await startPostgres();
    await server.sql(`create schema a; create schema b; create table b.pet (id int primary key, amount int);
      create table a.pet (id int primary key, amount int); insert into a.pet select i, i % 1000 from generate_series(1, ${rows}) i`);
    secrets$ = new BehaviorSubject<object>(secrets(0, 0));
    hot = createConnections({ sources: [inline(secrets$)] });
    from = (await hot.connection('from')) as SqlConnection;
    to = (await hot.connection('to')) as SqlConnection;
  }, 60_000);
  afterAll(async () => {
    await hot?.close();
    await server?.close();
  });

  it('repeats rows in silence where retry() begins the statement again', async () => {
    let count = 0;
    let cut = false;
    const project = async (batch: unknown[]) => {
      count += batch.length;
      if (cut || count < rows / 3) return;
      cut = true;
      await terminate();
    };
    await from
      .batches$('select id, amount from pet order by id', { project })
      .pipe(retry(3))
      .forEach(() => undefined);
    expect([cut, count > rows]).toEqual([true, true]);
  }, 60_000);

  it('is exact by a key, a checkpoint and a back-off', async () => {
    let done = false;
    const copied = copyTable(from, to, { batchSize: 500, delay: 10, longest: 100 }).finally(() => (done = true));
    let cuts = 0;
    for (; !done && cuts < 40; cuts++) {
      await wait(60);
      if (cuts % 2) secrets$.next(secrets(cuts % 3 ? cuts : 0, cuts % 3 === 1 ? 0 : cuts));
      else await terminate();
    }
    await copied;
    const sums = (table: string) => server.sql(`select count(*)::int as count, sum(amount)::int as sum from ${table}`);
    expect(await sums('b.pet')).toEqual(await sums('a.pet'));
    expect((await sums('b.pet'))[0]).toMatchObject({ count: rows });
    expect(cuts).toBeGreaterThan(3);
  }, 60_000);
});
