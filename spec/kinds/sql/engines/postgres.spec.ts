import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Knex } from 'knex';
import { postgresEngine } from '../../../../src/kinds/sql/engines/postgres.ts';
import { SqlConnection } from '../../../../src/kinds/sql/index.ts';
import { openPort, type Opened } from '../../../support/port.ts';
import { startPostgres, type Postgres } from '../../../support/postgres.ts';

const never = new AbortController().signal;
const reads = { write: false, signal: never };
let server: Postgres;
let port: Opened<SqlConnection, Knex>;
beforeAll(async () => void (server = await startPostgres({ settings: { max_connections: 12 } })), 60_000);
afterAll(() => server?.close());
afterEach(() => port.close());
const open = async (knex: object = {}): Promise<Knex> => {
  port = openPort(SqlConnection, { url: server.url(), knex });
  return port.raw();
};

describe('the engine of PostgreSQL', () => {
  it('gives the result of the last of several statements', async () => {
    const raw = await open();
    expect(await port.hooks.run(raw, { sql: 'select 1 as a; select 2 as b' }, reads)).toEqual({
      rows: [{ b: 2 }],
      rowCount: 1,
    });
  });

  it('sends arrays, tables, dates, bytes and big numbers', async () => {
    const raw = await open();
    const sql = `select :list::int[] as list, :table::jsonb ? 'a' as has, :date::timestamptz as date, :big::bigint as big, :bytes::bytea as bytes`;
    const params = {
      list: [1, 2],
      table: { a: 1 },
      date: new Date(5),
      big: 9007199254740993n,
      bytes: Buffer.from('x'),
    };
    expect((await port.hooks.run(raw, { sql, params }, reads)).rows).toEqual([
      { list: [1, 2], has: true, date: new Date(5), big: '9007199254740993', bytes: Buffer.from('x') },
    ]);
  });

  it('counts what a write has changed, and gives what it returns', async () => {
    const raw = await open();
    const write = { write: true, signal: never };
    await port.hooks.run(raw, { sql: 'create temp table t (a int)' }, write);
    expect(await port.hooks.run(raw, { sql: 'insert into t values (1), (2) returning a' }, write)).toEqual({
      rows: [{ a: 1 }, { a: 2 }],
      rowCount: 2,
    });
  });

  it('reads a cursor to its end, also when that is the end of a batch, and an empty one', async () => {
    const raw = await open({ pool: { max: 1 } });
    for (const [rows, sizes] of [
      [6, [3, 3, 0]],
      [0, [0]],
      [7, [3, 3, 1]],
    ] as const) {
      const cursor = await port.hooks.openCursor(
        raw,
        { sql: 'select * from generate_series(1, :rows::int)', params: { rows } },
        { signal: never, batchSize: 3 },
      );
      const read: number[] = [];
      do read.push((await cursor.read(3)).length);
      while (read.at(-1) === 3);
      await cursor.close();
      expect(read).toEqual(sizes);
    }
    expect(port.hooks.pool(raw)).toMatchObject({ size: 1, used: 0 });
  });

  it('closes a cursor whose statement fails in the middle, and one whose server died', async () => {
    const raw = await open({ pool: { max: 1 } });
    const pid = async () => (await port.hooks.run(raw, { sql: 'select pg_backend_pid() as pid' }, reads)).rows;
    const before = await pid();
    const failing = await port.hooks.openCursor(
      raw,
      { sql: 'select 1 / (3 - n) from generate_series(1, 9) n' },
      { signal: never, batchSize: 2 },
    );
    await expect(failing.read(2).then(() => failing.read(2))).rejects.toMatchObject({ code: '22012' });
    // The server has said everything by then; a cursor that asked again would wait for ever.
    await new Promise((resolve) => setTimeout(resolve, 50));
    await failing.close();
    expect(await pid()).toEqual(before);
    const dying = await port.hooks.openCursor(
      raw,
      { sql: 'select pg_backend_pid() as pid from generate_series(1, 9)' },
      { signal: never, batchSize: 2 },
    );
    const [row] = await dying.read(2);
    await server.sql('select pg_terminate_backend($1)', [row!['pid']]);
    await expect(
      (async () => {
        for (;;) if ((await dying.read(2)).length === 0) return;
      })(),
    ).rejects.toBeDefined();
    await dying.close();
    expect((await port.hooks.run(raw, { sql: 'select 1 as one' }, reads)).rows).toEqual([{ one: 1 }]);
  });

  it('closes the connection when no other is left to cancel with', async () => {
    const raw = await open({ pool: { max: 1 } });
    const stop = new AbortController();
    const work = port.hooks.run(raw, { sql: 'select pg_sleep(10)' }, { write: false, signal: stop.signal });
    // Everything but the reserved ones is taken.
    const others = openPort(SqlConnection, {
      url: server.url(),
      knex: { pool: { max: 12, acquireTimeoutMillis: 3000 } },
    });
    const raws = await others.raw();
    const taken: unknown[] = [];
    for (let full = false; !full;)
      await others.hooks.begin(raws, { readOnly: false, signal: never, timeout: 100 }).then(
        (tx) => taken.push(tx),
        () => (full = true),
      );
    stop.abort();
    await expect(work).rejects.toBeDefined();
    expect(port.hooks.pool(raw)).toMatchObject({ used: 0 });
    for (const tx of taken) await (tx as { rollback(): Promise<void> }).rollback();
    await others.close();
    expect((await port.hooks.run(raw, { sql: 'select 1 as one' }, reads)).rows).toEqual([{ one: 1 }]);
  });

  it('hears its own channel only, from the moment it says so, and says when it hears no more', async () => {
    const raw = await open();
    const heard: unknown[] = [];
    const broken = new Promise((resolve) =>
      port.hooks.listen(raw, 'a "b"').subscribe({ next: (value) => heard.push(value), error: resolve }),
    );
    while (heard.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await server.sql(`notify "a ""b""", 'one'; notify other, 'two'; notify "a ""b""", 'three'`);
    while (heard.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(heard).toEqual([undefined, 'one', 'three']);
    await server.sql(`select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%'`);
    expect(await broken).toMatchObject({ code: '57P01' });
  });

  it('ends its listening with the database', async () => {
    const raw = await open();
    const listening = async () =>
      (await server.sql(`select 1 from pg_stat_activity where query like 'listen "ending"'`)).length;
    let heard = 0;
    let completed = false;
    port.hooks.listen(raw, 'ending').subscribe({ next: () => (heard += 1), complete: () => (completed = true) });
    while (heard === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await listening()).toBe(1);
    await port.close();
    expect(completed).toBe(true);
    for (let waits = 0; (await listening()) > 0 && waits < 400; waits += 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await listening()).toBe(0);
  });

  it('does without a cursor and a socket on pg-native, which shows neither', async () => {
    await open();
    const engine = postgresEngine({} as never, 'text');
    let ended = false;
    const native: object = { end: async () => void (ended = true) };
    engine.hold?.(native, false);
    engine.abandon(native);
    expect(ended).toBe(true);
    await expect(engine.openCursor(native, { text: ['select 1'], values: [] }, 1)).rejects.toMatchObject({
      code: 'not_supported',
    });
  });
});
