// What the program does meanwhile. Each worker is a loop with its own chance; what fails without a fault to explain it is kept.
import { setTimeout as pause } from 'node:timers/promises';
import { sql as drizzleSql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { SqlConnection } from 'hotline';
import { pgPool } from 'hotline/pg';
import { Kysely, PostgresDialect, sql as kyselySql } from 'kysely';
import { chance } from './chance.js';
import { outcomes } from './ledger.js';

const all = ['pets', 'notes', 'lake'];
const patience = 20_000;
const numbers = {
  pets: (rows) => `select i as id from generate_series(1, ${rows}) i`,
  notes: (rows) =>
    `with recursive n(id) as (select 1 union all select id + 1 from n where id < ${rows}) select id from n`,
  lake: (rows) => `select seq4() + 1 as id from table(generator(rowcount => ${rows}))`,
};

export async function createWork({ hot, postgres }, trouble, ledger, seed, names = all) {
  // Handles, as a program holds them: a handle never goes stale, and its query has the patience that it is given.
  const handles = {};
  for (const name of names) handles[name] = await hot.connection(name);
  // What libraries make of the pool that hotline gives.
  const pool = pgPool(handles.pets ?? (await hot.connection('pets')));
  const facades = {
    pg: (text) => pool.query(text),
    Drizzle: (text) => drizzled.execute(drizzleSql.raw(text)),
    Kysely: (text) => kysely.executeQuery(kyselySql.raw(text).compile(kysely)),
  };
  const drizzled = drizzle(pool);
  const kysely = new Kysely({ dialect: new PostgresDialect({ pool }) });
  const counts = {};
  const failures = [];
  let over = false;
  const count = (what) => (counts[what] = (counts[what] ?? 0) + 1);
  const fail = (what, error) => {
    count(`${what}: failed`);
    const failure = `${what}: ${error?.code ?? error?.name}: ${error?.message}`.slice(0, 300);
    if (failures.length >= 50) return;
    failures.push(failure);
    // At once: after an hour nobody knows what was going on.
    console.error(`${new Date().toISOString()} ${failure}; under way: ${trouble.latest}`);
  };
  /** A failure that a fault explains is only counted: what it interrupts cannot be repeated for the caller. */
  const tried = async (what, name, act) => {
    const began = performance.now();
    try {
      await act();
      count(what);
      return true;
    } catch (error) {
      if (trouble.explains(name, began)) count(`${what}: interrupted by a fault`);
      else fail(what, error);
      return false;
    }
  };

  async function read(random) {
    const name = random.one(names);
    const database = trouble.expected.pets;
    try {
      const connection = handles[name];
      const sql = name === 'pets' ? 'select current_database() as place' : 'select 1 as place';
      const ttl = random.maybe(20) ? { ttl: 500 } : {};
      const [row] = await connection.query(sql, { timeout: patience, ...ttl });
      count('read');
      if (name === 'pets' && database !== undefined && database === trouble.expected.pets && row.place !== database)
        fail('read of the right database', new Error(`${row.place} instead of ${database}`));
    } catch (error) {
      fail('read', error);
    }
    await pause(random.int(5, 40));
  }

  async function write(random) {
    const name = random.one(names);
    const id = ledger.begin();
    const done = await tried('write', name, async () => {
      const connection = handles[name];
      await connection.execute('insert into written values (?)', { params: [id], timeout: patience });
    });
    ledger.end(id, done ? outcomes.done : outcomes.failed);
    await pause(random.int(10, 60));
  }

  async function transact(random) {
    const name = random.one(names);
    const ids = [ledger.begin(), ledger.begin()];
    const undo = random.maybe(30);
    const reason = new Error('rolled back on purpose');
    const done = await tried('transaction', name, async () => {
      const connection = handles[name];
      const work = connection.transaction(async (tx) => {
        for (const id of ids) await tx.execute('insert into written values (?)', { params: [id] });
        await pause(random.int(0, 50));
        if (undo) throw reason;
      });
      await work.catch((error) => {
        if (error !== reason) throw error;
      });
    });
    const outcome = undo ? outcomes.rolledBack : done ? outcomes.done : outcomes.failed;
    for (const id of ids) ledger.end(id, outcome);
    await pause(random.int(20, 100));
  }

  async function stream(random) {
    const name = random.one(names);
    const rows = random.int(1, 20) * 500;
    const leave = random.maybe(30);
    await tried('stream', name, async () => {
      const connection = handles[name];
      let seen = 0;
      for await (const batch of connection.batches(numbers[name](rows), { batchSize: 500 })) {
        seen += batch.length;
        if (random.maybe(30)) await pause(random.int(1, 20));
        if (leave) break;
      }
      if (!leave && seen !== rows) throw new Error(`${seen} rows of ${rows}`);
    });
    await pause(random.int(20, 200));
  }

  async function readByFacade(random) {
    const name = random.one(Object.keys(facades));
    const database = trouble.expected.pets;
    await tried(`read by ${name}`, 'pets', async () => {
      const { rows } = await facades[name]('select current_database() as place');
      const known = database !== undefined && database === trouble.expected.pets;
      if (known && rows[0].place !== database) throw new Error(`${rows[0].place} instead of ${database}`);
    });
    await pause(random.int(5, 60));
  }

  async function transactByFacade(random) {
    const ids = [ledger.begin(), ledger.begin()];
    const undo = random.maybe(30);
    const reason = new Error('rolled back on purpose');
    const insert = (tx, id) => tx.execute(drizzleSql.raw(`insert into written values (${id})`));
    const done = await tried('transaction by Drizzle', 'pets', async () => {
      const work = drizzled.transaction(async (tx) => {
        for (const id of ids) await insert(tx, id);
        await pause(random.int(0, 50));
        if (undo) throw reason;
      });
      await work.catch((error) => {
        if (error !== reason) throw error;
      });
    });
    const outcome = undo ? outcomes.rolledBack : done ? outcomes.done : outcomes.failed;
    for (const id of ids) ledger.end(id, outcome);
    await pause(random.int(20, 100));
  }

  async function lease(random) {
    await tried('lease', 'pets', async () => {
      await handles.pets.use(async (knex) => {
        await pause(random.int(0, 400));
        await knex.raw('select 1');
      });
    });
    await pause(random.int(20, 200));
  }

  async function live(random) {
    const name = random.one(names);
    const refresh = name === 'pets' && random.maybe(60) ? { channel: 'soak' } : random.int(50, 400);
    let emitted = 0;
    const began = performance.now();
    const connection = handles[name];
    const subscription = connection.live$('select count(*) as n from written', { refresh }).subscribe({
      next: () => void emitted++,
      // Before its first value it has no more patience than connection() has.
      error: (error) => {
        if (emitted === 0 && trouble.explains(name, began))
          count('live$: interrupted by a fault before its first value');
        else fail('live$', error);
      },
    });
    await pause(random.int(200, 4000));
    if (name === 'pets' && random.maybe(50)) await postgres.sql('notify soak');
    subscription.unsubscribe();
    counts['live$ emissions'] = (counts['live$ emissions'] ?? 0) + emitted;
    count('live$');
  }

  /** Many more identities than the registry keeps. */
  async function tenant(random) {
    const n = random.int(1, 40);
    const policies = random.one([{ ttl: 1000 }, { idleTimeout: 200 }, { idleTimeout: 0 }, {}]);
    await tried('tenant', 'notes', async () => {
      const url = random.maybe(30) ? postgres.url({ user: 'tenant', password: 'tenant' }) : 'sqlite://';
      const connection = await hot.connection(`tenant ${n}`, { type: SqlConnection, url, ...policies });
      await connection.query('select 1', { timeout: patience });
    });
    await pause(random.int(10, 100));
  }

  const anywhere = [read, read, read, read, read, read, write, write, write, transact, transact, stream, stream];
  const elsewhere = [lease, readByFacade, readByFacade, transactByFacade, tenant, tenant];
  const workers = [...anywhere, live, live, ...(names === all ? elsewhere : [])];
  return {
    counts,
    failures,
    async run() {
      const loop = async (work, i) => {
        const random = chance(seed, i + 1);
        while (!over) await work(random);
      };
      await Promise.all(workers.map(loop));
    },
    stop: () => void (over = true),
  };
}
