import { describeKnexInside } from './knex-inside.ts';
import { describeOpenTransactions } from './open-transactions.ts';

const url = process.env['HOTLINE_TEST_MARIADB_URL'] ?? 'mysql://root@127.0.0.1:3306/test';

describeOpenTransactions('MariaDB', { family: 'mysql', settings: () => ({ url }) });
describeKnexInside('tx.raw on MariaDB', () => url);
