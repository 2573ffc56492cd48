// node one-client.js CLIENT URL: one client in a process of its own; prints `{ wall, cpu }`, microseconds for each of its first 10,000 queries.
import { block } from './lab.js';

const [client, url] = process.argv.slice(2);
const values = "select * from (values (1, 'a', 1.5, 'dog', null)) as pet, generate_series(1, ";

/** Client → what runs the statement with the number of rows, once it is connected. Each imports what it needs alone. */
const clients = {
  async 'pg.Pool.query'() {
    const pool = await barePool();
    return (rows) => pool.query(`${values}$1)`, [rows]);
  },
  async 'hotline query'() {
    const db = await handle();
    return (rows) => db.query(`${values}?)`, { params: [rows] });
  },
  async 'knex.raw'() {
    const { default: makeKnex } = await import('knex');
    const knex = makeKnex({ client: 'pg', connection: url });
    return (rows) => knex.raw(`${values}?)`, [rows]);
  },
  async Kysely() {
    const { Kysely, PostgresDialect, sql } = await import('kysely');
    const kysely = new Kysely({ dialect: new PostgresDialect({ pool: await barePool() }) });
    return (rows) => sql`${sql.raw(values)}${rows})`.execute(kysely);
  },
  async Drizzle() {
    return drizzled(await barePool());
  },
  async 'Drizzle over pgPool'() {
    const { pgPool } = await import('hotline/pg');
    return drizzled(pgPool(await handle()));
  },
};

async function barePool() {
  const { default: pg } = await import('pg');
  return new pg.Pool({ connectionString: url, max: 10 });
}

async function handle() {
  const { createConnections, inline, SqlConnection } = await import('hotline');
  const hot = createConnections({ sources: [inline({ connections: { db: { url } } })] });
  return hot.connection('db', { type: SqlConnection });
}

async function drizzled(pool) {
  const { drizzle } = await import('drizzle-orm/node-postgres');
  const { sql } = await import('drizzle-orm');
  const database = drizzle(pool);
  return (rows) => database.execute(sql`${sql.raw(values)}${rows})`);
}

const query = await clients[client]();
await query(10);
console.log(JSON.stringify(await block(() => query(10), 10_000, 1)));
process.exit();
