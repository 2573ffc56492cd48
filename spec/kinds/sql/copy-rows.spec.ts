import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { channel } from 'node:diagnostics_channel';
import { setTimeout as wait } from 'node:timers/promises';
import { createConnections, SqlConnection, type ConnectionRegistry } from '../../../src/index.ts';
import { runPackageInChild } from '../../support/child.ts';
import { depth } from '../../support/depth.ts';
import { startPostgres, type Postgres } from '../../support/postgres.ts';

/** The columns and their values: what an INSERT and a COPY have to make the same of. */
const columns: Readonly<Record<string, string>> = {
  id: 'int',
  big: 'bigint',
  amount: 'numeric',
  ratio: 'double precision',
  yes: 'boolean',
  words: 'text',
  doc: 'jsonb',
  plain: 'json',
  day: 'date',
  at: 'timestamptz',
  bytes: 'bytea',
  list: 'int[]',
  texts: 'text[]',
  ident: 'uuid',
};
const row = (id: number) => ({
  id,
  big: 2n ** 60n,
  amount: '12345678901234567890.5',
  ratio: id % 2 ? Infinity : 0.1,
  yes: id % 2 === 0,
  words: `tab\tline\nreturn\rback\\slash \\N \\. é "q" 'a' ${id}`,
  doc: { a: ['\n', '\\', null] },
  plain: Buffer.from('{"a":1}'),
  day: '2026-02-28',
  at: new Date(1_700_000_000_123),
  bytes: id % 2 ? Buffer.from([0, 9, 10, 92, 255]) : new Uint8Array([1, 2]).buffer,
  list: [1, null, 3],
  texts: ['a"b', '\\', '{', '\t'],
  ident: null,
});
const rows = (count: number) => Array.from({ length: count }, (_, id) => row(id));

// Where pg-copy-streams is not installed, spec/kinds/sql/insert-rows.spec.ts says what happens instead.
describe('insertRows by COPY', () => {
  let server: Postgres;
  let hot: ConnectionRegistry;
  let db: SqlConnection;
  let sent: string[];
  const listen = (message: unknown): void => {
    const { phase, sql } = message as { readonly phase: string; readonly sql: string };
    if (phase === 'start') sent.push(sql);
  };
  /** The first words of the statements that were sent for writing. */
  const writes = () => sent.map((sql) => sql.trim().split(' ')[0]).filter((word) => /^(copy|insert)$/.test(word ?? ''));
  beforeAll(async () => {
    server = await startPostgres();
    hot = createConnections({ sources: [] });
    db = await hot.connection('pets', { type: SqlConnection, url: server.url() });
    const list = Object.entries(columns).map(([name, type]) => `"${name}" ${type}`);
    for (const table of ['one', 'other']) await db.execute(`create table ${table} (${list.join(', ')})`);
    channel('hotline:query').subscribe(listen);
  }, 60_000);
  afterAll(async () => {
    channel('hotline:query').unsubscribe(listen);
    await hot?.close();
    await server?.close();
  });
  beforeEach(() => void (sent = []));
  const count = async (table = 'one') => (await db.query(`select count(*) as n from ${table}`))[0]!['n'];

  it('makes of every value what a statement makes of it', async () => {
    expect(await db.insertRows('one', rows(25), { batchSize: 10 })).toEqual({ rowCount: 25 });
    expect(writes()).toEqual(['copy']);
    const conflict = { batchSize: 10, onConflict: 'ignore' as const };
    expect(await db.insertRows('public.other', rows(25), conflict)).toEqual({ rowCount: 25 });
    expect(writes().slice(1)).toEqual(['insert', 'insert', 'insert']);
    const read = (table: string) => db.query(`select * from ${table} order by id`);
    expect(await read('one')).toEqual(await read('other'));
    expect((await read('one'))[1]).toMatchObject({ words: row(1).words, bytes: row(1).bytes, doc: row(1).doc });
    await db.execute('truncate one');
  });

  it('gives back every text, date, number, list, document and blob as it was', async () => {
    const special = fc.constantFrom(
      '\t',
      '\n',
      '\r',
      '\\',
      '\\N',
      '\\.',
      '"',
      "'",
      '{',
      '}',
      ',',
      '\u2028',
      'é',
      '\u{1f600}',
    );
    const plain = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', ''));
    const text = fc.oneof(
      plain,
      fc.array(special).map((parts) => parts.join('')),
    );
    const jsonText = fc.array(special).map((parts) => parts.join(''));
    const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 4 });
    const record = fc.record({
      big: orNull(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)),
      ratio: orNull(fc.double({ noNaN: true }).filter((number) => !Object.is(number, -0))),
      yes: orNull(fc.boolean()),
      words: orNull(text),
      doc: orNull(fc.record({ [`a\tb`]: fc.array(fc.oneof(jsonText, fc.integer(), fc.constant(null))) })),
      at: orNull(fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })),
      bytes: orNull(fc.uint8Array().map((bytes) => Buffer.from(bytes))),
      list: orNull(fc.array(orNull(fc.integer()))),
      texts: orNull(fc.array(orNull(text))),
    });
    const records = fc.array(record, { minLength: 3, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(records, async (given) => {
        sent = [];
        await db.insertRows(
          'one',
          given.map((one, id) => ({ id, ...one })),
          { batchSize: 2 },
        );
        expect(writes()).toEqual(['copy']);
        const found = await db.query('select * from one order by id');
        await db.execute('truncate one');
        const safe = (big: bigint) => (BigInt.asIntN(54, big) === big ? Number(big) : String(big));
        expect(found).toMatchObject(given.map((one) => ({ ...one, big: one.big === null ? null : safe(one.big) })));
      }),
      { numRuns: depth(40, 2000) },
    );
  });

  it('keeps no text that was sent', async () => {
    const program = `
      require('node:v8').setFlagsFromString('--expose-gc');
      const gc = require('node:vm').runInNewContext('gc');
      const { createConnections, SqlConnection } = require('hotline');
      const hot = createConnections({ sources: [] });
      const db = await hot.connection('pets', { type: SqlConnection, url: ${JSON.stringify(server.url())} });
      const held = [];
      const words = 'x'.repeat(1000);
      const rows = function* () { for (let id = 0; id < 20000; id++) yield { id, words }; };
      const progress = () => {
        gc();
        held.push(process.memoryUsage().heapUsed / 2 ** 20);
      };
      await db.insertRows('one', rows(), { progress });
      await db.execute('truncate one');
      await hot.close();
      console.log(held.at(-1) - held[3]);`;
    const { stdout, stderr } = await runPackageInChild(program, 60_000);
    expect(stderr).toBe('');
    // Between the two 16 MB are sent.
    expect(Number(stdout)).toBeLessThan(4);
  });

  it('asks for rows as the server takes them, and ends with its error before they do', async () => {
    let taken = 0;
    const many = async function* () {
      for (let id = 0; ; id++) {
        taken += 1;
        yield { id, words: id === 40 ? 5 : 'x', list: id === 40 ? 'nonsense' : null };
        if (id >= 60) await wait(10);
      }
    };
    const failed = db.insertRows('one', many(), { batchSize: 10 });
    await expect(failed).rejects.toMatchObject({ code: 'query_failed', sqlState: '22P02' });
    expect(taken).toBeLessThan(2000);
    expect(await count()).toBe(0);
    expect(db.stats()).toMatchObject({ leases: 0, pool: { used: 0 } });
  });

  it('names the place of a value that cannot be sent, without the value', async () => {
    const bad = [...rows(20), { id: 20, words: Symbol('secret') }];
    await expect(db.insertRows('one', bad, { batchSize: 10 })).rejects.toMatchObject({
      code: 'invalid_bind',
      message: expect.stringMatching(/row 21 is a symbol/),
    });
    expect(await count()).toBe(0);
  });

  it('inserts nothing when its connection breaks, and says so', async () => {
    const lost = async function* () {
      yield* rows(30);
      await server.sql("select pg_terminate_backend(pid) from pg_stat_activity where query like 'copy%'");
      yield* rows(3000);
    };
    await expect(db.insertRows('one', lost(), { batchSize: 10 })).rejects.toMatchObject({ code: 'connection_lost' });
    expect(await count()).toBe(0);
  });

  it.each([
    ['a view', 'create view many as select id from one', 'many'],
    ['rules', 'create table ruled (id int); create rule r as on insert to ruled do instead nothing', 'ruled'],
    ['an identity', 'create table numbered (id int generated always as identity)', 'numbered'],
    ['a table that is not there', 'select 1', 'nowhere'],
  ])('leaves to statements what a COPY would do otherwise: %s', async (_what, make, table) => {
    await db.execute(make);
    sent = [];
    const ids = Array.from({ length: 25 }, (_, id) => ({ id }));
    await db.insertRows(table, ids, { batchSize: 10 }).catch(() => undefined);
    expect(writes()).not.toContain('copy');
    expect(writes()).toContain('insert');
    await db.execute('truncate one');
  });

  it('leaves to statements a table with row security', async () => {
    await db.execute("create role clerk login password 'clerk'");
    await db.execute('create table guarded (id int); alter table guarded enable row level security');
    await db.execute('create policy p on guarded using (true) with check (id < 20); grant all on guarded to clerk');
    const clerk = await hot.connection('clerk', {
      type: SqlConnection,
      url: server.url({ user: 'clerk', password: 'clerk' }),
    });
    const ids = (to: number) => Array.from({ length: to }, (_, id) => ({ id }));
    expect(await clerk.insertRows('guarded', ids(20), { batchSize: 10 })).toEqual({ rowCount: 20 });
    await expect(clerk.insertRows('guarded', ids(25), { batchSize: 10 })).rejects.toMatchObject({ sqlState: '42501' });
  });
});
