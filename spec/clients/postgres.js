// How each client takes a pool of pg. `read` says which database it asked; `transaction` says that, and the id of the
// server's session at two points of a transaction.
const where = 'select current_database() as db, pg_backend_pid() as pid';

/** What both points of a transaction say. */
const pinned = (first, second) => [first.db, first.pid, second.pid];

function prisma({ pool, load }, client, adapter) {
  const { PrismaClient } = load(client);
  const { PrismaPg } = load(adapter);
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  const ask = async (on) => {
    const [{ db, pid }] = await on.$queryRawUnsafe('select current_database()::text as db, pg_backend_pid() as pid');
    return { db, pid };
  };
  return {
    read: async () => (await ask(prisma)).db,
    transaction: () => prisma.$transaction(async (tx) => pinned(await ask(tx), await ask(tx)), { maxWait: 5000 }),
    close: () => prisma.$disconnect(),
  };
}

export const postgres = {
  'pg, the pool itself': ({ pool }) => {
    let turn = 0;
    return {
      read: async () => {
        if (turn++ % 2) return (await pool.query(where)).rows[0].db;
        return new Promise((done, failed) => {
          pool.connect((error, client, release) => {
            if (error) return failed(error);
            client.query(where, (broken, result) => {
              // Each seventh client is closed, so that there are logins while the password is wrong.
              release(broken ?? turn % 7 === 0);
              if (broken) failed(broken);
              else done(result.rows[0].db);
            });
          });
        });
      },
      transaction: async () => {
        const client = await pool.connect();
        try {
          await client.query('begin');
          const first = (await client.query(where)).rows[0];
          await client.query('select pg_sleep(0.005)');
          const second = (await client.query(where)).rows[0];
          await client.query('commit');
          return pinned(first, second);
        } finally {
          client.release();
        }
      },
    };
  },

  'pg-query-stream and pg-copy-streams': ({ pool, load }) => {
    const QueryStream = load('pg-query-stream');
    const { to } = load('pg-copy-streams');
    const held = async (work) => {
      const client = await pool.connect();
      try {
        return await work(client);
      } finally {
        client.release();
      }
    };
    return {
      read: () =>
        held(async (client) => {
          let db;
          for await (const row of client.query(new QueryStream(`${where}, generate_series(1, 50)`))) db = row.db;
          return db;
        }),
      transaction: () =>
        held(async (client) => {
          await client.query('begin');
          let text = '';
          for await (const chunk of client.query(to(`copy (${where}) to stdout`))) text += chunk;
          const [db, pid] = text.trim().split('\t');
          const second = (await client.query(where)).rows[0];
          await client.query('commit');
          return pinned({ db, pid: Number(pid) }, second);
        }),
    };
  },

  'drizzle-orm (node-postgres)': ({ pool, load }) => {
    const { drizzle } = load('drizzle-orm/node-postgres');
    const { sql } = load('drizzle-orm');
    const db = drizzle(pool);
    const ask = async (on) => (await on.execute(sql.raw(where))).rows[0];
    return {
      read: async () => (await ask(db)).db,
      transaction: () => db.transaction(async (tx) => pinned(await ask(tx), await ask(tx))),
    };
  },

  'kysely (PostgresDialect)': ({ pool, load }) => {
    const { Kysely, PostgresDialect, sql } = load('kysely');
    const db = new Kysely({ dialect: new PostgresDialect({ pool, cursor: load('pg-cursor') }) });
    const ask = async (on) => (await sql.raw(where).execute(on)).rows[0];
    return {
      read: async () => (await ask(db)).db,
      transaction: () => db.transaction().execute(async (tx) => pinned(await ask(tx), await ask(tx))),
      close: () => db.destroy(),
    };
  },

  'knex (pg)': ({ pool, load }) => {
    const db = load('knex')({ client: 'pg', connectionPool: pool });
    const ask = async (on) => (await on.raw(where)).rows[0];
    return {
      read: async () => (await ask(db)).db,
      transaction: () => db.transaction(async (tx) => pinned(await ask(tx), await ask(tx))),
      close: () => db.destroy(),
    };
  },

  'objection (pg)': ({ pool, load }) => {
    const { Model } = load('objection');
    const db = load('knex')({ client: 'pg', connectionPool: pool });
    class Database extends Model {
      static tableName = 'pg_database';
      static idColumn = 'datname';
    }
    Database.knex(db);
    const ask = async (tx) => {
      const { datname, pid } = await Database.query(tx)
        .select('datname', db.raw('pg_backend_pid() as pid'))
        .whereRaw('datname = current_database()')
        .first();
      return { db: datname, pid };
    };
    return {
      read: async () => (await ask()).db,
      transaction: () => Database.transaction(async (tx) => pinned(await ask(tx), await ask(tx))),
      close: () => db.destroy(),
    };
  },

  'typeorm (postgres)': async ({ pool, load }) => {
    const { DataSource } = load('typeorm');
    const Pool = class {
      constructor() {
        return pool;
      }
    };
    const source = await new DataSource({ type: 'postgres', driver: { ...load('pg'), Pool } }).initialize();
    const ask = async (on) => (await on.query(where))[0];
    return {
      read: async () => (await ask(source)).db,
      transaction: () => source.transaction(async (tx) => pinned(await ask(tx), await ask(tx))),
      close: () => source.destroy(),
    };
  },

  'prisma 7': (given) => prisma(given, './prisma-client.cjs', '@prisma/adapter-pg'),

  'prisma 6': (given) => prisma(given, './prisma-6-client.cjs', 'prisma-6-adapter-pg'),

  'sequelize (postgres)': ({ pool, load }) => {
    const { Sequelize } = load('sequelize');
    const db = new Sequelize({ dialect: 'postgres', logging: false, databaseVersion: '15.0.0' });
    db.connectionManager.pool = {
      acquire: () => pool.connect(),
      release: (client) => client.release(),
      destroy: async (client) => client.release(true),
      drain: async () => undefined,
      destroyAllNow: async () => undefined,
    };
    const ask = async (transaction) => (await db.query(where, { transaction, type: 'SELECT' }))[0];
    return {
      read: async () => (await ask()).db,
      transaction: () => db.transaction(async (tx) => pinned(await ask(tx), await ask(tx))),
    };
  },

  'mikro-orm 6 (postgresql)': async ({ pool, load }) => {
    const { MikroORM, PostgreSqlDriver, EntitySchema, PostgreSqlKnexDialect, knex } = load('@mikro-orm/postgresql');
    class Client extends (PostgreSqlKnexDialect ?? load('@mikro-orm/knex').PostgreSqlKnexDialect) {
      acquireConnection() {
        return pool.connect();
      }
      async releaseConnection(client) {
        client.release();
      }
      async destroy() {}
    }
    const driverOptions = (knex ?? load('@mikro-orm/knex').knex)({ client: Client });
    const Pet = new EntitySchema({ name: 'Pet', properties: { id: { type: 'number', primary: true } } });
    const orm = await MikroORM.init({
      driver: PostgreSqlDriver,
      dbName: 'any',
      entities: [Pet],
      driverOptions,
      ensureDatabase: false,
    });
    const ask = async (em) => (await em.execute(where))[0];
    return {
      read: async () => (await ask(orm.em.fork())).db,
      transaction: () => orm.em.fork().transactional(async (em) => pinned(await ask(em), await ask(em))),
      close: () => orm.close(),
    };
  },

  'connect-pg-simple': async ({ pool, load, prepare }) => {
    const table = load('node:fs').readFileSync(load.resolve('connect-pg-simple/table.sql'), 'utf8');
    for (const database of prepare.databases) await prepare.sql(database, table);
    await prepare.grant('public');
    const Store = load('connect-pg-simple')(load('express-session'));
    const store = new Store({ pool, pruneSessionInterval: false });
    const call = (name, ...args) =>
      new Promise((done, failed) => store[name](...args, (error, value) => (error ? failed(error) : done(value))));
    const plain = postgres['pg, the pool itself']({ pool });
    return {
      ...plain,
      read: async () => {
        await call('set', 'mine', { cookie: { maxAge: 60_000 } });
        await call('get', 'mine');
        return plain.read();
      },
    };
  },

  'better-auth': async ({ pool, load, prepare }) => {
    const { betterAuth } = load('better-auth');
    const { getMigrations } = load('better-auth/db/migration');
    const { Pool } = load('pg');
    const person = { name: 'Ann', email: 'ann@pets.example', password: 'not a secret' };
    const optionsFor = (database) => ({
      database,
      baseURL: 'http://127.0.0.1',
      secret: 'the secret of a test, which is long enough',
      // Its own hash takes a tenth of a second of the processor.
      emailAndPassword: { enabled: true, password: { hash: async () => 'hash', verify: async () => true } },
      logger: { disabled: true },
      telemetry: { enabled: false },
      // The same person in both databases.
      advanced: { database: { generateId: ({ model }) => (model === 'user' ? 'ann' : crypto.randomUUID()) } },
    });
    for (const database of prepare.databases) {
      const plain = new Pool({ connectionString: prepare.url(database) });
      const options = optionsFor(plain);
      await (await getMigrations(options)).runMigrations();
      await betterAuth(options).api.signUpEmail({ body: person });
      await plain.end();
    }
    await prepare.grant('public');
    const auth = betterAuth(optionsFor(pool));
    const plain = postgres['pg, the pool itself']({ pool });
    let signedIn = 0;
    return {
      ...plain,
      read: async () => {
        const { headers } = await auth.api.signInEmail({ body: person, returnHeaders: true });
        const session = await auth.api.getSession({ headers: new Headers({ cookie: headers.getSetCookie()[0] }) });
        if (session?.user.email === person.email) signedIn++;
        return plain.read();
      },
      jobs: () => signedIn,
    };
  },

  'postgraphile 4 (with its LISTEN)': async ({ pool, load, prepare }) => {
    const { watchPostGraphileSchema, withPostGraphileContext } = load('postgraphile');
    const { graphql } = load('graphql');
    const where = 'language sql as $$select current_database() || chr(32) || pg_backend_pid()$$';
    for (const database of prepare.databases)
      await prepare.sql(
        database,
        `create function here() returns text stable ${where}; create function change() returns text volatile ${where}`,
      );
    await prepare.grant('public');
    // It says on the console that its client for LISTEN connects anew.
    let told = 0;
    console.error = () => told++;
    let schema;
    const stop = await watchPostGraphileSchema(pool, ['public'], {}, (next) => (schema = next));
    const ask = async (text) => {
      const answer = await withPostGraphileContext({ pgPool: pool }, (context) => graphql(schema, text, null, context));
      if (answer.errors) throw answer.errors[0].originalError ?? answer.errors[0];
      return answer.data;
    };
    /** Whether a table that is made now comes into the schema. */
    const hears = async (table) => {
      await prepare.sql(prepare.databases[0], `create table ${table} (id int primary key)`);
      const type = table[0].toUpperCase() + table.slice(1);
      for (let look = 0; look < 500; look++) {
        if (schema.getType(type)) return true;
        await new Promise((next) => setTimeout(next, 20));
      }
      return false;
    };
    const after = { listening: false };
    return {
      read: async () => (await ask('{ here }')).here.split(' ')[0],
      transaction: async () => {
        const { a, b } = await ask('mutation { a: change(input: {}) { string } b: change(input: {}) { string } }');
        const [[db, pid], [, second]] = [a.string.split(' '), b.string.split(' ')];
        return pinned({ db, pid }, { pid: second });
      },
      close: async () => {
        // The first is seen when the client connects anew; only a client that listens hears of the second.
        after.listening = told > 0 && (await hears('milo')) && (await hears('dolly'));
        await stop();
      },
      after,
    };
  },

  'pg-boss 10': async ({ pool, load, prepare }) => {
    const PgBoss = load('pg-boss');
    const executeSql = (text, values) => pool.query(text, values);
    // Its schema is in both databases.
    for (const database of prepare.databases) {
      const boss = new PgBoss({ connectionString: prepare.url(database), supervise: false, schedule: false });
      await boss.start();
      await boss.createQueue('pets');
      await boss.stop({ graceful: false });
    }
    await prepare.grant('pgboss');
    const boss = new PgBoss({ db: { executeSql }, supervise: false, schedule: false, migrate: false });
    boss.on('error', () => undefined);
    await boss.start();
    const plain = postgres['pg, the pool itself']({ pool });
    return {
      ...plain,
      read: async () => {
        await boss.send('pets', { a: 1 });
        const [job] = await boss.fetch('pets');
        if (job) await boss.complete('pets', job.id).catch(() => undefined);
        return plain.read();
      },
      close: () => boss.stop({ graceful: false }),
    };
  },

  'graphile-worker (with its LISTEN)': async ({ pool, load, prepare }) => {
    const { run, runMigrations, Logger } = load('graphile-worker');
    const logger = new Logger(() => () => undefined);
    for (const database of prepare.databases) await runMigrations({ connectionString: prepare.url(database), logger });
    await prepare.grant('graphile_worker');
    let done = 0;
    const taskList = { pet: async () => void done++ };
    const runner = await run({
      pgPool: pool,
      concurrency: 4,
      noHandleSignals: true,
      pollInterval: 60_000,
      taskList,
      logger,
    });
    const plain = postgres['pg, the pool itself']({ pool });
    return {
      ...plain,
      read: async () => {
        const before = done;
        const db = (await pool.query(`select current_database() as db from graphile_worker.add_job('pet')`)).rows[0].db;
        // Heard by LISTEN: the poll comes once a minute.
        for (let look = 0; look < 100 && done === before; look++) await new Promise((next) => setTimeout(next, 5));
        return db;
      },
      jobs: () => done,
      close: () => runner.stop(),
    };
  },
};
