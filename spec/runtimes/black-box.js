// One part of the black-box suite, on whatever runs it: PART [URL of PostgreSQL] [URL of MySQL]. It prints one line of JSON.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createConnections, SqlConnection, tomlFile } from 'hotline';
import { serveBoard } from 'hotline/devtools';
import { mysqlPool } from 'hotline/mysql2';
import { pgPool } from 'hotline/pg';

const [part, postgres, mysql] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'hotline-runtime-'));
const file = join(folder, 'secrets.toml');

/** Replaces the file in one step, as careful writers do. */
function save(url) {
  writeFileSync(`${file}.new`, `[connections.pets]\ntype = "sql"\nurl = ${JSON.stringify(url)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

function open() {
  return createConnections({ sources: [tomlFile(file)] });
}

const moved = (url, name) => Object.assign(new URL(url), { pathname: `/${name}` }).href;

/** Eight workers ask where they are while the file names one place after the other. */
async function rotated(places, asking) {
  save(places[0]);
  const hot = open();
  const pets = await hot.connection('pets', { type: SqlConnection });
  const ask = await asking(pets);
  const seen = new Map();
  let running = true;
  let failed = 0;
  let firstError;
  let latest;
  const worker = async () => {
    while (running)
      try {
        const place = (latest = await ask());
        seen.set(place, (seen.get(place) ?? 0) + 1);
      } catch (error) {
        failed += 1;
        firstError ??= String(error);
      }
  };
  const workers = Array.from({ length: 8 }, worker);
  for (const place of [...places.slice(1), places[0]]) {
    await wait(300);
    const before = latest;
    save(place);
    for (let waited = 0; latest === before && waited < 10_000; waited += 50) await wait(50);
  }
  const now = await ask();
  running = false;
  await Promise.all(workers);
  await hot.close({ timeout: 5000 });
  return {
    failed,
    firstError,
    places: seen.size,
    now,
    calls: [...seen.values()].reduce((sum, calls) => sum + calls, 0),
  };
}

const onPostgres = () => [postgres, moved(postgres, 'second')];
const onMysql = () => [moved(mysql, 'hotline_first'), moved(mysql, 'hotline_second')];

const parts = {
  'rotation on PostgreSQL': () =>
    rotated(
      onPostgres(),
      async (pets) => async () => (await pets.query('select current_database() as place'))[0].place,
    ),
  'rotation on MySQL': () =>
    rotated(onMysql(), async (pets) => async () => (await pets.query('select database() as place'))[0].place),
  async 'rotation on SQLite'() {
    const places = ['a', 'b'].map((name) => `sqlite:///${join(folder, `${name}.db`)}`);
    for (const place of places) {
      save(place);
      const hot = open();
      const pets = await hot.connection('pets', { type: SqlConnection });
      await pets.execute('create table place (name text)');
      await pets.execute('insert into place values (?)', { params: [place.at(-4)] });
      await hot.close();
    }
    return rotated(places, async (pets) => async () => (await pets.query('select name from place'))[0].name);
  },
  async 'Drizzle over pgPool'() {
    const { drizzle } = await import('drizzle-orm/node-postgres');
    const { sql } = await import('drizzle-orm');
    return rotated(onPostgres(), async (pets) => {
      const db = drizzle(pgPool(pets));
      return async () => (await db.execute(sql`select current_database() as place`)).rows[0].place;
    });
  },
  mysqlPool: () =>
    rotated(onMysql(), async (pets) => {
      const pool = mysqlPool(pets).promise();
      return async () => (await pool.query('select database() as place'))[0][0].place;
    }),
  async streams() {
    save(postgres);
    const hot = open();
    const pets = await hot.connection('pets', { type: SqlConnection });
    let rows = 0;
    for await (const { n } of pets.stream('select generate_series(1, 20000) as n')) rows += n > 0;
    for await (const { n } of pets.stream('select generate_series(1, 100000000) as n')) if (n === 5) break;
    const one = await pets.transaction(async (tx) => (await tx.query('select 1 as one'))[0].one);
    const { leases } = pets.stats();
    await hot.close();
    return { rows, one, leases };
  },
  async require() {
    const { SqlConnection: required } = createRequire(import.meta.url)('hotline');
    save('sqlite://');
    const hot = open();
    const pets = await hot.connection('pets', { type: required });
    const rows = await pets.query('select 1 as one');
    await hot.close();
    return { rows };
  },
  async 'the command line'() {
    save(`sqlite:///${join(folder, 'pets.db')}`);
    const run = (...args) =>
      execFileSync(process.execPath, [resolve('node_modules/hotline/dist/cli/main.js'), ...args, '--secrets', file], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      });
    return {
      list: run('list').includes('SqlConnection'),
      rows: JSON.parse(run('query', 'pets', 'select 1 as one', '--json')),
    };
  },
  async 'the board'() {
    save('sqlite://');
    const hot = open();
    const board = await serveBoard(hot, { port: 0 });
    const { status } = await fetch(board.url, { redirect: 'manual' });
    await board.close();
    await hot.close();
    return { status };
  },
};

console.log(JSON.stringify(await parts[part]()));
