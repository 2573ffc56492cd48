import { createConnection } from 'mysql2/promise';
import type { Ground } from './ground.ts';
import { serverTargets, slowLine } from './server-targets.ts';

const administrator = process.env['HOTLINE_TEST_MARIADB_URL'] ?? 'mysql://root@127.0.0.1:3306/test';
const firstPassword = 'first-password';

/** Databases and a role of this process on a server that runs. */
export async function openMariadb(): Promise<Ground> {
  const admin = await createConnection({ uri: administrator });
  const user = `rotate_${process.pid}`;
  const databases = ['pets', 'pets_new', 'pets_newer'].map((name) => `${user}_${name}`) as [string, string, string];
  await admin.query(`create user ${user}@'%' identified by '${firstPassword}'`);
  for (const database of databases) {
    await admin.query(`create database ${database}`);
    await admin.query(`grant all on ${database}.* to ${user}@'%'`);
  }
  const port = Number(new URL(administrator).port || 3306);
  const at = serverTargets('mysql', user, firstPassword);
  const [pets, newer, newest] = databases;
  const line = await slowLine(at, port, [newer, newest]);
  const cutAll = () => admin.query(`kill user ${user}`);

  return {
    name: 'MariaDB',
    where: `select concat(@@port, '/', database()) as place, sleep(0.004)`,
    home: at(port, pets),
    sameServer: [at(port, newer), at(port, newest)],
    elsewhere: at(port, newer),
    role: {
      firstPassword,
      at: (password) => at(port, pets, password),
      async alterPassword(password) {
        await admin.query(`alter user ${user}@'%' identified by '${password}'`);
      },
      async cutAll() {
        await cutAll();
      },
    },
    line,
    async connections() {
      const [rows] = await admin.query('select count(*) as n from information_schema.processlist where user = ?', [
        user,
      ]);
      return (rows as { n: number }[])[0]!.n;
    },
    async close() {
      await line.close();
      // It refuses where no connection is left.
      await cutAll().catch(() => undefined);
      for (const database of databases) await admin.query(`drop database ${database}`);
      await admin.query(`drop user ${user}@'%'`);
      await admin.end();
    },
  };
}
