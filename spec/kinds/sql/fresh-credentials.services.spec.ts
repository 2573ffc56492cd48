import { createPool } from 'mysql2/promise';
import { describeFreshCredentials } from './fresh-credentials.ts';

const url = new URL(process.env['HOTLINE_TEST_MARIADB_URL'] ?? 'mysql://root@127.0.0.1:3306/test');

describeFreshCredentials('a password of MariaDB that comes from a provider', async () => {
  const database = `fresh_${process.pid}`;
  const keeper = `keeper@'%'`;
  const connection = createPool({ uri: url.href, connectionLimit: 1 });
  const admin = (sql: string): Promise<void> => connection.query(sql).then(() => undefined);
  await admin(`create database ${database}`);
  await admin(`use ${database}`);
  await admin(`create or replace user ${keeper} identified by 'first'`);
  await admin(`grant all on ${database}.* to ${keeper}`);
  await admin('create table kept (a int)');
  return {
    port: Number(url.port),
    dialect: 'mysql',
    database,
    refusal: 'ER_ACCESS_DENIED_ERROR',
    admin,
    password: (password) => admin(`set password for ${keeper} = password('${password}')`),
    endSessions: () => admin('kill user keeper').catch(() => undefined),
    async count() {
      const [rows] = await connection.query('select count(*) as n from kept');
      return (rows as { n: number }[])[0]!.n;
    },
    async create(role, password) {
      await admin(`create user ${role}@'%' identified by '${password}'`);
      await admin(`grant all on ${database}.* to ${role}@'%'`);
    },
    async drop(role) {
      await admin(`kill user ${role}`).catch(() => undefined);
      await admin(`drop user ${role}@'%'`);
    },
    async roles() {
      const [rows] = await connection.query(`select user from mysql.user where user like 'made\\_${process.pid}\\_%'`);
      return (rows as { user: string }[]).map(({ user }) => user);
    },
    async close() {
      await admin(`drop user ${keeper}`);
      await admin(`drop database ${database}`);
      await connection.end();
    },
  };
});
