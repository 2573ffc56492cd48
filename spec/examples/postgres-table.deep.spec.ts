import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SecretTree, Source } from 'hotline';
import { describeSource } from 'hotline/testing';
import { filter, firstValueFrom, map, timeout } from 'rxjs';
import pg from 'pg';
// @ts-expect-error -- an example is plain JavaScript
import { postgresTable as untyped } from '../../docs/examples/sources/postgres-table.js';
import { startPostgres, type Postgres } from '../support/postgres.ts';

type Connect = () => Promise<pg.Client>;
const postgresTable = untyped as (connect: Connect, options: Record<string, string>) => Source;

let postgres: Postgres;
let admin: pg.Client;
const connect: Connect = async () => {
  const client = new pg.Client(postgres.url());
  await client.connect();
  return client;
};
beforeAll(async () => {
  postgres = await startPostgres();
  admin = await connect();
  admin.on('error', () => undefined);
  await admin.query(
    `create function tell() returns trigger language plpgsql as $$ begin notify secrets; return null; end $$`,
  );
}, 60_000);
afterAll(async () => {
  await admin?.end().catch(() => undefined);
  await postgres?.close();
});

let last = 0;
/** A table of its own, with the trigger of the example. */
async function made(): Promise<{ table: string; write: (secrets: SecretTree) => Promise<unknown> }> {
  const table = `secret_${++last}`;
  await admin.query(`create table ${table} (path text primary key, value text not null)`);
  const trigger = `after insert or update or delete or truncate on ${table} execute function tell()`;
  await admin.query(`create trigger tell ${trigger}`);
  return {
    table,
    write: async (secrets) => {
      await admin.query('begin');
      await admin.query(`delete from ${table}`);
      for (const [path, value] of leaves(secrets))
        await admin.query(`insert into ${table} values ($1, $2)`, [path, value]);
      await admin.query('commit');
    },
  };
}

function leaves(tree: SecretTree, at: readonly string[] = []): (readonly [string, string])[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'object'
      ? leaves(value as SecretTree, [...at, key])
      : [[[...at, key].join('.'), String(value)] as const],
  );
}

describeSource({
  ...{ describe, it, expect },
  name: 'a table of PostgreSQL',
  open: async () => {
    const { table, write } = await made();
    return { source: postgresTable(connect, { table, every: '300s' }), write };
  },
});

describe('a table of PostgreSQL', () => {
  it('takes a path that leads to a prototype for a name like others', async () => {
    const { table } = await made();
    await admin.query(`insert into ${table} values ('__proto__.polluted', 'yes')`);
    const state = await firstValueFrom(
      postgresTable(connect, { table, every: '300s' }).pipe(
        filter(({ state }) => state !== 'missing'),
        timeout(10_000),
      ),
    );
    expect(state.state).toBeDefined();
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });

  it('is heard again after its listener was killed, with what came meanwhile', async () => {
    const { table, write } = await made();
    const source = postgresTable(connect, { table, every: '300s' });
    const says = (value: string) =>
      firstValueFrom(
        source.pipe(
          map((state) => (state.state === 'loaded' ? state.secrets['a'] : undefined)),
          filter((found) => found === value),
          timeout(10_000),
        ),
      );
    const held = source.subscribe();
    await write({ a: 'one' });
    expect(await says('one')).toBe('one');
    await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%'`);
    await write({ a: 'two' });
    expect(await says('two')).toBe('two');
    held.unsubscribe();
  });
});
