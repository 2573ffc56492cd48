import type { Rows } from './contender.ts';

/** The rows of what a driver answers, which knex and Drizzle pass on. */
export type RowsOf = (answer: unknown) => Rows;

export const pgRows: RowsOf = (answer) => (answer as { rows: Rows }).rows;
export const mysqlRows: RowsOf = (answer) => (answer as [Rows])[0];
