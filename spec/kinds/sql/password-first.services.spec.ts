import { mysqlPool } from '../../../src/mysql2/index.ts';
import { startMariadb } from '../../support/mariadb.ts';
import { describePasswordFirst } from './password-first.ts';

const [user, first] = ['turned', 'the-first-password'];

describePasswordFirst('a password of MariaDB that is altered before or after its secret is saved', first, async () => {
  const { admin, port, refused, close } = await startMariadb();
  await admin.query(`create user ${user}@'%' identified by '${first}'`);
  await admin.query('create database kept');
  await admin.query('create table kept.written (n int)');
  await admin.query(`grant all on kept.* to ${user}@'%'`);
  return {
    url: (password) => `mysql://${user}:${password}@127.0.0.1:${port}/kept`,
    slow: 'select sleep(0.005)',
    password: (password) => admin.query(`set password for ${user}@'%' = password('${password}')`),
    // It says that its own sessions were ended, where there are none.
    endSessions: () => admin.query(`kill user ${user}`).catch(() => undefined),
    refused: () => refused(user),
    pool: (pets) => mysqlPool(pets).promise(),
    close,
  };
});
