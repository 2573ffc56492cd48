import { createConnection } from 'mysql2/promise';
import { mysqlPool } from '../../../src/mysql2/index.ts';
import { describeRefusedCheckouts } from './refused-checkouts.ts';

const url = new URL(process.env['HOTLINE_TEST_MARIADB_URL'] ?? 'mysql://root@127.0.0.1:3306/test');

describeRefusedCheckouts('a checkout that MariaDB refuses, on a connection that was ready before', async () => {
  const database = `kept_${process.pid}`;
  const connection = await createConnection(url.href);
  const admin = (sql: string): Promise<void> => connection.query(sql).then(() => undefined);
  await admin(`create database ${database}`);
  await admin(`use ${database}`);
  await admin(`create or replace user keeper@'%' identified by 'first'`);
  await admin(`grant all on ${database}.* to keeper@'%'`);
  await admin('create table kept (a int)');
  return {
    port: Number(url.port),
    dialect: 'mysql',
    database,
    refusal: 'ER_ACCESS_DENIED_ERROR',
    admin,
    password: (password) => admin(`set password for keeper@'%' = password('${password}')`),
    endSessions: () => admin('kill user keeper').catch(() => undefined),
    async count() {
      const [rows] = await connection.query('select count(*) as n from kept');
      return (rows as { n: number }[])[0]!.n;
    },
    pool(pets) {
      const pool = mysqlPool(pets).promise();
      return {
        query: (sql) => pool.query(sql),
        async held(sql) {
          const held = await pool.getConnection();
          return held.query(sql).finally(() => held.release());
        },
      };
    },
    async close() {
      await admin(`drop user keeper@'%'`);
      await admin(`drop database ${database}`);
      await connection.end();
    },
  };
});
