/* eslint-disable jest/no-export, jest/valid-title -- one suite that several specs run */
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnections, SqlConnection, tomlFile } from '../../../src/index.ts';

/** A server with the role `turned`, who may write into the table written (n int). */
export interface Turning {
  url(password: string): string;
  /** A statement that takes 5 ms. */
  readonly slow: string;
  password(password: string): Promise<unknown>;
  /** Ends every session of the role. */
  endSessions(): Promise<unknown>;
  /** Counts the logins of the role that the server has refused, as its log says. */
  refused(): number;
  /** A pool for libraries. */
  pool(pets: SqlConnection): { query(sql: string): Promise<unknown>; end(): Promise<unknown> };
  close(): Promise<void>;
}

const sleep = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

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

/** What goes on while a password is altered before or after its secret is saved (promises 24 and 29). */
export function describePasswordFirst(title: string, first: string, start: () => Promise<Turning>): void {
  describe(title, () => {
    let server: Turning;
    let directory: string;
    let password = first;
    beforeAll(async () => {
      server = await start();
      directory = await mkdtemp(join(tmpdir(), 'hotline-turned-'));
    }, 60_000);
    afterAll(async () => {
      await server?.close();
      await rm(directory, { recursive: true, force: true });
    });

    const file = () => join(directory, 'secrets.toml');
    async function save(secret: string): Promise<void> {
      const section = `[connections.pets]\ntype = "sql"\nurl = "${server.url(secret)}"\n`;
      await writeFile(`${file()}.new`, section, { mode: 0o600 });
      await rename(`${file()}.new`, file());
    }

    it.each(cases)('fails no read, write, transaction or checkout: the pool is %s, %i ms', async (state, delay) => {
      await save(password);
      const hot = createConnections({ sources: [tomlFile(file())] });
      const policy = state === 'closed when idle' ? { idleTimeout: 100 } : {};
      const pets = await hot.connection('pets', { type: SqlConnection, ...policy });
      const pool = server.pool(pets);
      await pets.query('select 1');
      if (state === 'closed when idle') await sleep(300);
      const next = `password-number-${Math.random()}`;
      const alter = () => server.password(next);
      const steps = delay < 0 ? [() => save(next), alter] : [alter, () => save(next)];

      const before = server.refused();
      const failed: unknown[] = [];
      let done = 0;
      let ended = false;
      const calls: (() => Promise<unknown>)[] = [
        () => pets.query(server.slow),
        () => pets.execute('insert into written values (1)'),
        () => pets.transaction((tx) => tx.query('select 1')),
        () => pool.query(server.slow),
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
      if (state === 'cut') await server.endSessions();
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
      const refused = server.refused() - before;
      expect(refused).toBeLessThanOrEqual(mostRefused(calls.length * 2, window + 500));
      // The log of the server really tells.
      expect(refused).toBeGreaterThanOrEqual(state === 'cut' && delay >= 200 ? 1 : 0);
      await pool.end();
      await hot.close({ timeout: 2000 });
    });
  });
}
