import type { Knex } from 'knex';
import { ConfigError } from '../../errors/index.ts';
import type { Config } from '../../secrets/index.ts';
import { connectionOf } from './connection-settings.ts';
import { engineKwargs } from './engine-kwargs.ts';
import { isTable, merged } from './merged.ts';
import type { Target } from './target.ts';

const silent = { warn() {}, error() {}, deprecate() {}, debug() {} };

/**
 * What knex is made with. From below: hotline's defaults, Streamlit's `create_engine_kwargs`, the `knex` table.
 *
 * @throws ConfigError `invalid_config` for a table that is none, or a `knex.client`.
 */
export function knexConfig(target: Target, config: Config, client: unknown): Knex.Config {
  const { knex, create_engine_kwargs: kwargs, ssl } = config;
  for (const [name, value] of Object.entries({ knex, create_engine_kwargs: kwargs }))
    if (value !== undefined && !isTable(value))
      throw new ConfigError('invalid_config', `${name}: expected a table.`, { setting: name });
  if (isTable(knex) && 'client' in knex)
    throw new ConfigError(
      'invalid_config',
      'knex.client: write `dialect` and, where there is a choice, `driver` instead.',
      { setting: 'knex.client' },
    );

  const defaults = {
    client,
    connection: { ...connectionOf(target), ...(ssl !== undefined && { ssl }) },
    pool: { min: 0, max: target.dialect.family === 'sqlite' ? 1 : 10 },
    ...(target.dialect.family === 'sqlite' && { useNullAsDefault: true }),
    // knex writes bound values into the messages of errors otherwise.
    compileSqlOnError: false,
    log: silent,
  };
  const result = merged(merged(defaults, engineKwargs(kwargs, target)), knex);
  // A database in memory is its one connection, and lives as long.
  if (inMemory(target)) result['pool'] = { ...(result['pool'] as object), min: 1, max: 1 };
  return result;
}

/** Whether the database lives in the memory of this process, and is gone with its connection. */
export function inMemory({ dialect, database, query }: Target): boolean {
  if (dialect.family !== 'sqlite') return false;
  return !database || /^(file:)?:memory:/.test(database) || query['mode'] === 'memory';
}
