// How each client takes a pool of mysql2.
const where = 'select database() as db, connection_id() as pid';

const pinned = (first, second) => [first.db, first.pid, second.pid];

export const mysql = {
  'mysql2, callbacks': ({ pool }) => {
    let turn = 0;
    const ask = (on) =>
      new Promise((done, failed) => on.query(where, (error, rows) => (error ? failed(error) : done(rows[0]))));
    const taken = () =>
      new Promise((done, failed) => pool.getConnection((error, held) => (error ? failed(error) : done(held))));
    const call = (held, sql) =>
      new Promise((done, failed) => held.query(sql, (error) => (error ? failed(error) : done())));
    return {
      read: async () => {
        if (turn++ % 7) return (await ask(pool)).db;
        const held = await taken();
        const { db } = await ask(held);
        // So that there are logins while the password is wrong.
        held.destroy();
        return db;
      },
      transaction: async () => {
        const held = await taken();
        try {
          await call(held, 'start transaction');
          const first = await ask(held);
          await call(held, 'do sleep(0.005)');
          const second = await ask(held);
          await call(held, 'commit');
          return pinned(first, second);
        } finally {
          held.release();
        }
      },
    };
  },

  'mysql2, promises': ({ pool }) => {
    const db = pool.promise();
    const ask = async (on) => (await on.query(where))[0][0];
    return {
      read: async () => (await db.execute(where))[0][0].db,
      transaction: async () => {
        const held = await db.getConnection();
        try {
          await held.beginTransaction();
          const [first, second] = [await ask(held), await ask(held)];
          await held.commit();
          return pinned(first, second);
        } finally {
          held.release();
        }
      },
    };
  },

  'drizzle-orm (mysql2)': ({ pool, load }) => {
    const { drizzle } = load('drizzle-orm/mysql2');
    const { sql } = load('drizzle-orm');
    const db = drizzle(pool);
    const ask = async (on) => (await on.execute(sql.raw(where)))[0][0];
    return {
      read: async () => (await ask(db)).db,
      transaction: () => db.transaction(async (tx) => pinned(await ask(tx), await ask(tx))),
    };
  },

  'kysely (MysqlDialect)': ({ pool, load }) => {
    const { Kysely, MysqlDialect, sql } = load('kysely');
    const db = new Kysely({ dialect: new MysqlDialect({ pool }) });
    const ask = async (on) => (await sql.raw(where).execute(on)).rows[0];
    return {
      read: async () => (await ask(db)).db,
      transaction: () => db.transaction().execute(async (tx) => pinned(await ask(tx), await ask(tx))),
      close: () => db.destroy(),
    };
  },

  'knex (mysql2)': ({ pool, load }) => {
    const db = load('knex')({ client: 'mysql2', connectionPool: pool });
    const ask = async (on) => (await on.raw(where))[0][0];
    return {
      read: async () => (await ask(db)).db,
      transaction: () => db.transaction(async (tx) => pinned(await ask(tx), await ask(tx))),
      close: () => db.destroy(),
    };
  },

  'typeorm (mysql)': async ({ pool, load }) => {
    const { DataSource } = load('typeorm');
    const driver = { ...load('mysql2'), createPool: () => pool };
    const source = await new DataSource({ type: 'mysql', driver }).initialize();
    const ask = async (on) => (await on.query(where))[0];
    return {
      read: async () => (await ask(source)).db,
      transaction: () => source.transaction(async (tx) => pinned(await ask(tx), await ask(tx))),
      close: () => source.destroy(),
    };
  },

  'sequelize (mysql)': ({ pool, load }) => {
    const { Sequelize } = load('sequelize');
    const db = new Sequelize({ dialect: 'mysql', logging: false, databaseVersion: '10.11.0' });
    db.connectionManager.pool = {
      acquire: () =>
        new Promise((done, failed) => pool.getConnection((error, held) => (error ? failed(error) : done(held)))),
      release: (held) => held.release(),
      destroy: async (held) => held.destroy(),
      drain: async () => undefined,
      destroyAllNow: async () => undefined,
    };
    const ask = async (transaction) => (await db.query(where, { transaction, type: 'SELECT' }))[0];
    return {
      read: async () => (await ask()).db,
      transaction: () => db.transaction(async (tx) => pinned(await ask(tx), await ask(tx))),
    };
  },
};
