import { describeFiveMillion, rows } from './five-million.ts';

describeFiveMillion('MariaDB', {
  url: () => process.env['HOTLINE_TEST_MARIADB_URL'] ?? 'mysql://root@127.0.0.1:3306/test',
  sql: `select seq as n from seq_1_to_${rows}`,
  running: `select count(*) as n from information_schema.processlist
    where info like '/* five million */%' and id <> connection_id()`,
});
