import type { Knex } from 'knex';
import { comparable } from '../../spelling.ts';
import { isTable } from '../../table.ts';
import type { Target } from './target.ts';

/** The words by which people name their program, besides those that the drivers take themselves. */
const words: Partial<Record<string, readonly string[]>> = {
  mysql: ['programname'],
  mssql: ['app', 'appname', 'applicationname'],
};

/**
 * Has the server list this program as `hotline:<name>` (`pg_stat_activity`, `performance_schema.session_connect_attrs`,
 * `sys.dm_exec_sessions`), unless it is named by whatever word there is for it.
 */
export function nameProgram(settings: Knex.Config, { dialect, query }: Target, driver: string, name: string): void {
  const connection: unknown = settings.connection;
  if (!isTable(connection)) return;
  const told = Object.entries(query).find(([word]) => words[dialect.family]?.includes(comparable(word)))?.[1];
  const program = told === undefined ? `hotline:${name}` : String(told);
  const own = connection as Record<string, unknown>;
  const table = (key: string): object => (isTable(own[key]) ? own[key] : {});
  if (driver === 'pg' && !`${String(own['options'])} ${process.env['PGOPTIONS']}`.includes('application_name'))
    // The driver takes it after `application_name` and PGAPPNAME.
    own['fallback_application_name'] ??= program;
  if (driver === 'mysql2') own['connectAttributes'] = { program_name: program, ...table('connectAttributes') };
  if (driver === 'tedious') own['options'] = { appName: program, ...table('options') };
}
