import { describeNestedTransactions } from './nested-transactions.ts';

const url = process.env['HOTLINE_TEST_MARIADB_URL'] ?? 'mysql://root@127.0.0.1:3306/test';

describeNestedTransactions('MariaDB', { family: 'mysql', settings: () => ({ url }) });
