/**
 * A real pool of mysql2 over a connection of hotline: whatever takes one goes through every rotation unchanged.
 *
 * @module hotline/mysql2
 */

export { mysqlPool, type MysqlPoolConnection, type MysqlPoolOptions } from './pool.ts';
