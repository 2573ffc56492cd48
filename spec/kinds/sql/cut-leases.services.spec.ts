import { afterAll, beforeAll } from '@jest/globals';
import { createConnection, type Connection } from 'mysql2/promise';
import { describeCuts } from './cut-leases.ts';

const url = process.env['HOTLINE_TEST_MARIADB_URL'] ?? 'mysql://root@127.0.0.1:3306/test';
const application = 'hotline_cuts';
let admin: Connection;
beforeAll(async () => {
  admin = await createConnection(url);
  await admin.query(`create or replace user ${application}@'127.0.0.1'`);
  await admin.query(`grant all on test.* to ${application}@'127.0.0.1'`);
});
afterAll(async () => {
  await admin?.query(`drop user if exists ${application}@'127.0.0.1'`);
  await admin?.end();
});

describeCuts('MariaDB', {
  code: 'PROTOCOL_CONNECTION_LOST',
  url: () => Object.assign(new URL(url), { username: application, password: '' }).href,
  slow: (seconds) => `select sleep(${seconds})`,
  // MariaDB forgets the text of a statement that has ended, so every session of the user counts.
  sessions: async () => {
    const [rows] = await admin.query('select count(*) as n from information_schema.processlist where user = ?', [
      application,
    ]);
    return (rows as { n: number }[])[0]!.n;
  },
});
