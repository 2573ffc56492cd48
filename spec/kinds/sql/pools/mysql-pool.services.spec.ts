import { createConnection } from 'mysql2/promise';
import mysql from 'mysql2';
import { MysqlPool, type MysqlPackage } from '../../../../src/kinds/sql/pools/mysql-pool.ts';
import { describeDriverPool } from './driver-pool.ts';

const url = process.env['HOTLINE_TEST_MARIADB_URL'] ?? 'mysql://root@127.0.0.1:3306/test';

async function ask<Row>(sql: string, values: unknown[] = []): Promise<Row[]> {
  const connection = await createConnection(url);
  try {
    return (await connection.query(sql, values))[0] as Row[];
  } finally {
    await connection.end();
  }
}

describeDriverPool('MysqlPool', {
  open: (options, listener) => new MysqlPool(mysql as unknown as MysqlPackage, { uri: url }, options, listener),
  serverId: async (connection) => (connection as unknown as { threadId: number }).threadId,
  alive: async (ids) =>
    Number(
      (await ask<{ n: number }>('select count(*) as n from information_schema.processlist where id in (?)', [ids]))[0]!
        .n,
    ),
  kill: (id) => ask(`kill ${id}`),
});
