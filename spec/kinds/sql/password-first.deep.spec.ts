import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnections, SqlConnection, tomlFile } from '../../../src/index.ts';
import { pgPool } from '../../../src/pg/index.ts';
import { startPostgres, type Postgres } from '../../support/postgres.ts';

const user = 'turned';
const database = 'postgres';
const sleep = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

let postgres: Postgres;
let directory: string;
let password = 'the-first-password';
beforeAll(async () => {
  postgres = await startPostgres();
  directory = await mkdtemp(join(tmpdir(), 'hotline-turned-'));
  await postgres.sql(`create role ${user} login password '${password}'`);
  await postgres.sql('create table written (n int); grant all on written to public');
}, 60_000);
afterAll(async () => {
  await postgres?.close();
  await rm(directory, { recursive: true, force: true });
});

const file = () => join(directory, 'secrets.toml');
async function save(secret: string): Promise<void> {
  const url = postgres.url({ user, password: secret, database });
  await writeFile(`${file()}.new`, `[connections.pets]\ntype = "sql"\nurl = "${url}"\n`, { mode: 0o600 });
  await rename(`${file()}.new`, file());
}

const pools = ['growing', 'cut', 'closed when idle'];
/** Milliseconds from the altered password to the saved secret; below 0: the secret comes first. */
const delays = [0, 20, 200, 1000, -20, -200, -1000];
const cases = pools.flatMap((pool) => delays.map((delay) => [pool, delay] as const));

/**
 * The most logins that the server may refuse in this many milliseconds: those that were under way together at the first refusal and
 * that of the instance that opens, then one at each step of the back-off, from 25 to 500 ms.
 */
function mostRefused(underWay: number, window: number): number {
  let count = underWay + 1;
  for (let step = 25, at = step; at <= window; step = Math.min(step * 2, 500), at += step) count++;
  return count;
}

describe('a password that is altered before or after its secret is saved (promises 24 and 29)', () => {
  it.each(cases)('fails no read, write, transaction or checkout: the pool is %s, %i ms', async (state, delay) => {
    await save(password);
    const hot = createConnections({ sources: [tomlFile(file())] });
    const policy = state === 'closed when idle' ? { idleTimeout: 100 } : {};
    const pets = await hot.connection('pets', { type: SqlConnection, ...policy });
    const pool = pgPool(pets);
    await pets.query('select 1');
    if (state === 'closed when idle') await sleep(300);
    const next = `password-number-${Math.random()}`;
    const alter = () => postgres.sql(`alter role ${user} password '${next}'`);
    const steps = delay < 0 ? [() => save(next), alter] : [alter, () => save(next)];

    const before = postgres.refused(user);
    const failed: unknown[] = [];
    let done = 0;
    let ended = false;
    const calls: (() => Promise<unknown>)[] = [
      () => pets.query('select pg_sleep(0.005)'),
      () => pets.execute('insert into written values (1)'),
      () => pets.transaction((tx) => tx.query('select 1')),
      () => pool.query('select pg_sleep(0.005)'),
    ];
    const work = async (call: () => Promise<unknown>): Promise<void> => {
      while (!ended)
        await call().then(
          () => done++,
          (error: unknown) => failed.push(error),
        );
    };
    const started = performance.now();
    await steps[0]!();
    if (state === 'cut')
      await postgres.sql(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${user}'`);
    const working = Promise.all([...calls, ...calls].map(work));
    await sleep(Math.abs(delay));
    await steps[1]!();
    const window = performance.now() - started;
    password = next;
    await sleep(400);
    const earlier = done;
    await sleep(100);
    ended = true;
    await working;
    expect(failed).toEqual([]);
    expect(done).toBeGreaterThan(earlier);
    // No account is locked: who waits does not matter. The saved file is seen within half a second.
    expect(postgres.refused(user) - before).toBeLessThanOrEqual(mostRefused(calls.length * 2, window + 500));
    await pool.end();
    await hot.close({ timeout: 2000 });
  });
});
