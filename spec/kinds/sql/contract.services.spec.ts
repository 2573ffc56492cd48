import { createConnection } from 'mysql2/promise';
import { describeSql, type Place } from './contract.ts';
import { describePipelines } from './pipelines.ts';

const url = process.env['HOTLINE_TEST_MARIADB_URL'] ?? 'mysql://root@127.0.0.1:3306/test';

const mariadb: Place = {
  family: 'mysql',
  config: async () => ({ url }),
  slow: (seconds) => `select sleep(${seconds})`,
  async running(text) {
    const connection = await createConnection(url);
    const [rows] = await connection.query(
      `select count(*) as n from information_schema.processlist where info like concat('%', ?, '%') and id <> connection_id()`,
      [text],
    );
    await connection.end();
    return Number((rows as { n: number }[])[0]!.n);
  },
};

describeSql('MariaDB', mariadb);
describePipelines('MariaDB', mariadb);
