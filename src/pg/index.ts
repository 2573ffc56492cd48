/**
 * A real `pg.Pool` over a connection of hotline: whatever takes a pool of pg goes through every rotation unchanged.
 *
 * @module hotline/pg
 */

export { pgPool, type PgPoolConnection, type PgPoolOptions } from './pool.ts';
