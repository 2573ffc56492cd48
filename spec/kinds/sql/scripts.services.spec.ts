import { describeScripts } from './scripts.ts';

const url = process.env['HOTLINE_TEST_MARIADB_URL'] ?? 'mysql://root@127.0.0.1:3306/test';

describeScripts('MariaDB', () => ({ url }), {
  create: `create or replace procedure doubling() begin
      insert into script values (10); insert into script values (11); insert into script values (12);
    end`,
  fire: 'call doubling()',
  drop: 'drop procedure doubling',
});
