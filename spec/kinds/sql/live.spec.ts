import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Subscription } from 'rxjs';
import { createConnections, SqlConnection, type ConnectionRegistry } from '../../../src/index.ts';
import { startPostgres, type Postgres } from '../../support/postgres.ts';

let server: Postgres;
let hot: ConnectionRegistry;
let pets: SqlConnection;
const open: Subscription[] = [];
beforeAll(async () => {
  server = await startPostgres();
  await server.sql('create table pet (n int); insert into pet values (0)');
  hot = createConnections({ sources: [] });
  pets = await hot.connection('pets', { type: SqlConnection, url: server.url() });
}, 60_000);
afterAll(async () => {
  for (const subscription of open) subscription.unsubscribe();
  await hot?.close();
  await server?.close();
});

const set = (n: number) => server.sql(`update pet set n = ${n}; notify "Pets!"`);
const listeners = async (): Promise<number> =>
  Number(
    (await server.sql(`select count(*)::int as n from pg_stat_activity where query like 'listen "Pets!"'`))[0]!['n'],
  );
async function becomes(read: () => unknown, expected: unknown): Promise<void> {
  for (let waits = 0; JSON.stringify(await read()) !== JSON.stringify(expected) && waits < 800; waits += 1)
    await sleep(10);
  expect(await read()).toEqual(expected);
}

describe('live$ on a channel of PostgreSQL', () => {
  it('asks again on each notification, after a restart of the server as well, and misses none after that', async () => {
    const seen: number[][] = Array.from({ length: 10 }, () => []);
    const errors: unknown[] = [];
    for (const values of seen)
      open.push(
        pets
          .live$<{ n: number }>('select n from pet', { refresh: { channel: 'Pets!' } })
          .subscribe({ next: ([row]) => values.push(row!.n), error: (error) => errors.push(error) }),
      );
    await becomes(() => seen.map((values) => values.at(-1)), Array(10).fill(0));
    await set(1);
    await becomes(() => seen.map((values) => values.at(-1)), Array(10).fill(1));
    await server.stop();
    await server.start();
    await becomes(listeners, 10);
    await set(2);
    await becomes(() => seen.map((values) => values.at(-1)), Array(10).fill(2));
    expect(errors).toEqual([]);
    for (const subscription of open.splice(0)) subscription.unsubscribe();
    await becomes(listeners, 0);
  }, 60_000);

  it('ends its own connection when the registry closes', async () => {
    let done = false;
    open.push(
      pets.live$('select n from pet', { refresh: { channel: 'Pets!' } }).subscribe({ complete: () => (done = true) }),
    );
    await becomes(listeners, 1);
    await hot.close();
    await becomes(listeners, 0);
    expect(done).toBe(true);
  });
});

describe('a database without channels', () => {
  it('says what to use instead', async () => {
    const other = createConnections({ sources: [] });
    const memory = await other.connection('memory', { type: SqlConnection, url: 'sqlite://' });
    const error = await new Promise((resolve) =>
      memory.live$('select 1', { refresh: { channel: 'pets' } }).subscribe({ error: resolve }),
    );
    expect(error).toMatchObject({ code: 'not_supported', message: expect.stringContaining('interval') });
    await other.close();
  });
});
