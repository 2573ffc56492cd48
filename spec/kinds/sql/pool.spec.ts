import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Knex } from 'knex';
import { SqlConnection } from '../../../src/kinds/sql/index.ts';
import { openPort, type Opened } from '../../support/port.ts';

let port: Opened<SqlConnection, Knex>;
afterEach(() => port.close());

const open = async (knex: object = {}): Promise<Knex> => {
  port = openPort(SqlConnection, { url: 'sqlite://', knex });
  return port.raw();
};
const never = new AbortController().signal;
const reads = { write: false, signal: never };

describe('the pool of a connection', () => {
  it('tells how many connections there are, and who waits', async () => {
    const knex = await open();
    expect(port.hooks.pool(knex)).toMatchObject({ size: 1, used: 0, idle: 1, waiting: 0, max: 1 });
    const tx = await knex.transaction();
    const waiting = port.hooks.run(knex, { sql: 'select 1 as one' }, reads);
    expect(port.hooks.pool(knex)).toMatchObject({ size: 1, used: 1, idle: 0, waiting: 1 });
    await tx.rollback();
    expect((await waiting).rows).toEqual([{ one: 1 }]);
  });

  it('says who holds it: the statement, or a callback of use, and for how long', async () => {
    const knex = await open({ pool: { acquireTimeoutMillis: 30 } });
    const tx = await knex.transaction();
    await expect(port.hooks.run(knex, { sql: 'select 1' }, reads)).rejects.toMatchObject({
      code: 'pool_exhausted',
      category: 'timeout',
      message: expect.stringMatching(
        /^"pets": no connection became free within 30 ms: 1 of 1 .* by a callback of use \(\d\.\d s\)\. End them sooner, or raise knex\.pool\.max\.$/,
      ),
    });
    await tx.rollback();
    const cursor = await port.hooks.openCursor(
      knex,
      { sql: `select\n  1 /* ${'long '.repeat(30)} */` },
      { signal: never, batchSize: 1 },
    );
    await expect(port.hooks.run(knex, { sql: 'select 1' }, reads)).rejects.toMatchObject({
      message: expect.stringMatching(
        /by a stream of "select 1 \/\* long .{0,60}…" \(.*A call inside the loop over a stream waits for itself/,
      ),
    });
    await cursor.close();
  });

  it('does not ask for a signal while a connection is free', async () => {
    const knex = await open();
    let asked = 0;
    const context = {
      write: false,
      get signal() {
        asked += 1;
        return never;
      },
    };
    await port.hooks.run(knex, { sql: 'select 1' }, context);
    expect(asked).toBe(0);
  });

  it('waits no longer when the signal has fired, and the next in line is served', async () => {
    const knex = await open();
    const tx = await knex.transaction();
    const stop = new AbortController();
    const given = port.hooks.run(knex, { sql: 'select 1' }, { write: false, signal: stop.signal });
    const next = port.hooks.run(knex, { sql: 'select 2 as two' }, reads);
    stop.abort(new Error('enough'));
    await expect(given).rejects.toThrow('enough');
    await tx.rollback();
    expect((await next).rows).toEqual([{ two: 2 }]);
  });

  it('loses no connection to somebody who gives up in the instant in which it is his turn', async () => {
    const knex = await open();
    const client = knex.client as { acquireConnection(): Promise<unknown>; releaseConnection(held: unknown): unknown };
    for (let steps = 0; steps < 40; steps++) {
      const held = await client.acquireConnection();
      const stop = new AbortController();
      const given = port.hooks.run(knex, { sql: 'select 1' }, { write: false, signal: stop.signal }).catch(() => []);
      const next = port.hooks.run(knex, { sql: 'select 2 as two' }, reads);
      void client.releaseConnection(held);
      for (let step = 0; step < steps; step++) await Promise.resolve();
      stop.abort();
      await given;
      const late = sleep(1000).then(() => ({ rows: `nobody had a turn, ${steps} steps after the release` }));
      expect((await Promise.race([next, late])).rows).toEqual([{ two: 2 }]);
      await sleep(1);
      expect(port.hooks.pool(knex)).toMatchObject({ size: 1, used: 0, idle: 1, waiting: 0 });
    }
  });

  it('gives up idle connections at once when it is retired', async () => {
    const knex = await open();
    port.hooks.retire(knex);
    await sleep(10);
    expect(port.hooks.pool(knex)).toMatchObject({ size: 0 });
  });
});
