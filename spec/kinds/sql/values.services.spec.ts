import { describeValues } from './values.ts';

describeValues(
  'MySQL and MariaDB',
  () => process.env['HOTLINE_TEST_MARIADB_URL'] ?? 'mysql://root@127.0.0.1:3306/test',
);
