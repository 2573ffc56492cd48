import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnections, SqlConnection, type ConnectionRegistry } from 'hotline';
import { memoryKind, memorySource } from 'hotline/testing';
import { asyncScheduler, combineLatest, lastValueFrom, Subject, toArray } from 'rxjs';

type Recipe = Record<string, (...given: any[]) => any>; // eslint-disable-line @typescript-eslint/no-explicit-any

/** An example is plain JavaScript. */
const recipe = async (name: string): Promise<Recipe> => import(`../../docs/examples/pipelines/${name}.js`);

let hot: ConnectionRegistry;
let db: SqlConnection;
let folder: string;
const rowsOf = (n: number, from = 1) =>
  Array.from({ length: n }, (_, index) => ({ id: from + index, amount: index, changed: index >> 2 }));
const numbers = 'select id, amount from pet order by id';

beforeAll(async () => {
  hot = createConnections({ sources: [] });
  folder = await mkdtemp(join(tmpdir(), 'hotline-pipelines-'));
  db = await hot.connection('sql', { type: SqlConnection, url: `sqlite:///${join(folder, 'pets.db')}` });
  await db.execute('create table pet (id integer primary key, amount integer, changed integer)');
  await db.insertRows('pet', rowsOf(5000));
});
afterAll(async () => {
  await hot.close();
  await rm(folder, { recursive: true });
});

describe('one-emission.js', () => {
  it('emits the rows of four queries once for one change, where combineLatest of live$ emits four times', async () => {
    const { together$ } = await recipe('one-emission');
    const queries = Object.fromEntries(
      ['a', 'b', 'c', 'd'].map((name) => [name, `select max(amount) as ${name} from pet`]),
    );
    const changed$ = new Subject<void>();
    const naive: unknown[] = [];
    const exact: unknown[] = [];
    const live = Object.values(queries).map((sql) => db.live$(sql, { refresh: changed$ }));
    const open = combineLatest(live).subscribe((rows) => naive.push(rows));
    open.add(
      together$!(
        hot.connection$('sql', { type: SqlConnection, url: `sqlite:///${join(folder, 'pets.db')}` }),
        queries,
        changed$,
      ).subscribe((rows: unknown) => exact.push(rows)),
    );
    const until = async (done: () => boolean) => {
      for (let tries = 0; !done() && tries < 400; tries++) await wait(5);
    };
    await until(() => naive.length > 0 && exact.length > 0);
    const before = naive.length;
    await db.execute('update pet set amount = amount + 1');
    changed$.next();
    await until(() => naive.length >= before + 4 && exact.length >= 2);
    await wait(20);
    open.unsubscribe();
    expect([naive.length - before, exact.length]).toEqual([4, 2]);
    await db.execute('update pet set amount = amount - 1');
  });

  it('starts a pipeline of two connections once for one save that changes both', async () => {
    const { serving$ } = await recipe('one-emission');
    const [from, to] = [memoryKind({ settings: {}, name: 'From' }), memoryKind({ settings: {}, name: 'To' })];
    to.delay = 30;
    const source = memorySource({ connections: { from: { url: 'a' }, to: { url: 'a' } } });
    const other = createConnections({ sources: [source], types: { from: from.Kind, to: to.Kind } });
    const handles = [await other.connection('from'), await other.connection('to')];
    const [exact, naive]: [unknown[], unknown[]] = [[], []];
    const open = serving$!(handles).subscribe((generations: unknown) => exact.push(generations));
    open.add(combineLatest([other.connection$('from'), other.connection$('to')]).subscribe(() => naive.push(0)));
    await wait(0);
    const before = naive.length;
    source.set({ connections: { from: { url: 'b' }, to: { url: 'b' } } });
    for (let tries = 0; exact.length < 2 && tries < 400; tries++) await wait(5);
    await wait(20);
    await other.close();
    expect([exact, naive.length - before]).toEqual([
      [
        [1, 1],
        [2, 2],
      ],
      2,
    ]);
  });
});

describe('changes.js and upsert-sink.js', () => {
  it('bring a copy up to date from a mark, with rows that share a value and rows that come twice', async () => {
    const { changesSince } = await recipe('changes');
    const { beginning } = (await recipe('changes')) as unknown as { beginning: object };
    const { upsertInto } = await recipe('upsert-sink');
    await db.execute('create table copy (id integer primary key, amount integer, changed integer)');
    const sink = upsertInto!(db, 'copy', 'id');
    let mark = beginning;
    const follow = async (): Promise<number> => {
      let count = 0;
      for await (const batch of changesSince!(db, mark, 700)) {
        await sink([...batch.rows, ...batch.rows.slice(0, 3)]);
        mark = batch.mark;
        count += batch.rows.length;
      }
      return count;
    };
    expect([await follow(), await follow()]).toEqual([5000, 0]);
    await db.execute('update pet set amount = -1, changed = 9999 where id <= 3');
    await db.execute('insert into pet values (5001, -1, 9999)');
    expect(await follow()).toBe(4);
    expect(await db.query('select * from copy order by id')).toEqual(await db.query('select * from pet order by id'));
    await db.execute('delete from pet where id > 5000');
  });
});

describe('rate-limit.js', () => {
  it('takes the time of the rows, or that of the work where it is longer', async () => {
    const { atMost } = await recipe('rate-limit');
    const delays: number[] = [];
    const scheduler = {
      now: () => 0,
      schedule: (work: never, delay = 0, state?: never) => {
        delays.push(delay);
        return asyncScheduler.schedule(work, 0, state);
      },
    };
    const project = atMost!(2000, async (rows: unknown[]) => rows.length, scheduler);
    const counts = await lastValueFrom(db.batches$(numbers, { batchSize: 2000, project }).pipe(toArray()));
    expect([counts, delays]).toEqual([
      [2000, 2000, 1000],
      [1000, 1000, 500],
    ]);
  });
});

describe('http.js', () => {
  const served = async (
    sql: string,
    type: string | undefined,
    read: (response: IncomingMessage) => Promise<unknown>,
  ) => {
    const { sendRows } = await recipe('http');
    let ended!: Promise<unknown>;
    const answer = (_request: IncomingMessage, response: ServerResponse) =>
      void (ended = sendRows!(db, sql, response, type));
    const server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const response = await new Promise<IncomingMessage>((resolve) =>
      get({ port, host: '127.0.0.1', agent: false }, resolve),
    );
    const seen = await read(response);
    await ended;
    server.close();
    return seen;
  };
  const text = async (response: IncomingMessage): Promise<string> => {
    let all = '';
    for await (const chunk of response) all += String(chunk);
    return all;
  };

  it('sends NDJSON and CSV, and quotes what has to be', async () => {
    const lines = String(await served(numbers, undefined, text))
      .trimEnd()
      .split('\n');
    expect([lines.length, JSON.parse(lines.at(-1)!)]).toEqual([5000, { id: 5000, amount: 4999 }]);
    expect(await served(`select 1 as a, 'x,"y"' as b, null as c`, 'text/csv', text)).toBe('a,b,c\r\n1,"x,""y""",\r\n');
    expect(await served('select nothing', undefined, async ({ statusCode }) => statusCode)).toBe(503);
  });

  it('reads no more than the client takes, and ends the query when the client leaves', async () => {
    const endless = `with recursive n(i) as (select 1 union all select i + 1 from n) select i, printf('%.1000c', 'x') as x from n`;
    const used = () => db.stats().pool?.used;
    await served(endless, undefined, async (response) => {
      await new Promise((resolve) => response.once('readable', resolve));
      response.destroy();
    });
    expect(used()).toBe(0);
  });
});

describe('partitions.js', () => {
  it('reads every row once, in parts side by side', async () => {
    const { partsOf, inParts$ } = await recipe('partitions');
    const parts: unknown[] = await partsOf!(db, 'pet', 4);
    let sum = 0;
    const project = async (rows: { id: number }[]) => {
      for (const { id } of rows) sum += id;
    };
    await lastValueFrom(inParts$!(db, 'pet', parts, project, 2), { defaultValue: undefined });
    expect([parts.length, sum]).toEqual([4, (5000 * 5001) / 2]);
    await db.execute('create table nobody (id integer)');
    expect(await partsOf!(db, 'nobody', 4)).toEqual([]);
  });
});

describe('two-speeds.js', () => {
  it('lets the slow one be so far behind and no further, and both see all', async () => {
    const { fanOut } = await recipe('two-speeds');
    const seen = { fast: 0, slow: 0, most: 0 };
    const fast = async (rows: unknown[]) => {
      seen.fast += rows.length;
      seen.most = Math.max(seen.most, (seen.fast - seen.slow) / 100);
    };
    const slow = async (rows: unknown[]) => {
      await wait(1);
      seen.slow += rows.length;
    };
    await fanOut!(db, numbers, { fast, slow, room: 4, batchSize: 100 });
    expect(seen).toEqual({ fast: 5000, slow: 5000, most: 5 });
    const failing = fanOut!(db, numbers, {
      fast,
      slow: () => Promise.reject(new Error('full')),
      room: 4,
      batchSize: 100,
    });
    await expect(failing).rejects.toThrow('full');
  });
});

describe('node-streams.js', () => {
  it('writes a compressed file, and leaves no query behind when its signal fires', async () => {
    const { dump } = await recipe('node-streams');
    const file = join(folder, 'pets.ndjson.gz');
    await dump!(db, numbers, file);
    expect(
      gunzipSync(await readFile(file))
        .toString()
        .trimEnd()
        .split('\n'),
    ).toHaveLength(5000);
    await expect(dump!(db, numbers, file, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(db.stats().pool?.used).toBe(0);
  });
});
