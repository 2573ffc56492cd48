import type { Knex } from 'knex';
import { ConfigError } from '../../errors/index.ts';
import type { Config } from '../../secrets/index.ts';
import { connectionOf } from './connection-settings.ts';
import type { Family } from './dialects.ts';
import { engineKwargs } from './engine-kwargs.ts';
import { isTable, mergeTables } from '../../table.ts';
import { typed } from './typed-options.ts';
import { isTlsWord, tlsOf } from './tls.ts';
import { searchPathIn } from './options.ts';
import { targetOf, type Target } from './target.ts';
import { writtenOptions } from './written.ts';

const silent = { warn() {}, error() {}, deprecate() {}, debug() {} };

/**
 * The config of knex. From below: hotline's defaults, Streamlit's `create_engine_kwargs`, the `knex` table.
 *
 * @throws ConfigError `invalid_config` for a table that is none, a `knex.client`, and options that mean nothing.
 */
export function knexConfig(target: Target, config: Config, client: unknown): Knex.Config {
  const { family } = target.dialect;
  const { knex, create_engine_kwargs: kwargs } = config;
  for (const [name, value] of Object.entries({ knex, create_engine_kwargs: kwargs }))
    if (value !== undefined && !isTable(value))
      throw new ConfigError('invalid_config', `${name}: expected a table.`, { setting: name });
  if (isTable(knex) && 'client' in knex)
    throw new ConfigError(
      'invalid_config',
      'knex.client: write `dialect` and, where there is a choice, `driver` instead.',
      { setting: 'knex.client' },
    );

  const tls = tlsOf(family, writtenOptions(config));
  if (client === 'pgnative' && tls.level)
    throw new ConfigError('invalid_config', 'pg-native is not told of TLS: leave `driver` out, and the driver is pg.');
  if (client === 'mysql' && tls.level === 3)
    throw new ConfigError(
      'invalid_config',
      'the package mysql cannot verify whose certificate it is: npm install mysql2, or ask for less (ssl_mode = VERIFY_CA).',
    );
  if (tls.level && isTable(knex) && typeof knex['connection'] === 'function')
    throw new ConfigError(
      'invalid_config',
      'knex.connection: a function would not hear of the TLS that is asked for beside it: write the options themselves.',
      { setting: 'knex.connection' },
    );
  const searchPath = family === 'postgresql' ? searchPathIn(target.query) : undefined;
  const defaults = {
    client,
    connection: connectionOf(target, tls),
    pool: { min: 0, max: family === 'sqlite' ? 1 : 10 },
    ...(searchPath && { searchPath }),
    ...(family === 'sqlite' && { useNullAsDefault: true }),
    // knex writes bound values into the messages of errors otherwise.
    compileSqlOnError: false,
    log: silent,
  };
  const result = mergeTables(mergeTables(defaults, engineKwargs(kwargs)), ownWords(knex, family) ?? {});
  if (isTable(result['connection'])) result['connection'] = typed(family, result['connection']);
  refuseQueryTimeout(result['connection']);
  // A database in memory is its one connection, and lives as long.
  if (inMemory(target)) result['pool'] = { ...(result['pool'] as object), min: 1, max: 1 };
  return result;
}

/** pg gives up a query after that time and its connection back, on which the server is still at work. */
function refuseQueryTimeout(connection: unknown): void {
  if (!isTable(connection) || !connection['query_timeout']) return;
  throw new ConfigError(
    'invalid_config',
    "query_timeout: as an option of the driver it would give a busy connection back to the pool: write query_timeout = '30s' beside the url.",
    { setting: 'query_timeout' },
  );
}

/** The `knex` table without the words that were read before: those about TLS, and a URL. */
function ownWords(knex: unknown, family: Family): Readonly<Record<string, unknown>> | undefined {
  if (!isTable(knex)) return undefined;
  const { connection, ...others } = knex;
  if (connection === undefined || connection === null || typeof connection === 'string') return others;
  if (!isTable(connection)) return knex;
  const kept = without(connection, (name) => isTlsWord(name, family) || name === 'connectionString' || name === 'uri');
  if (isTable(kept['options'])) kept['options'] = without(kept['options'], (name) => isTlsWord(name, family));
  return { ...others, connection: kept };
}

function without(table: Readonly<Record<string, unknown>>, isOut: (name: string) => boolean): Record<string, unknown> {
  return Object.fromEntries(Object.entries(table).filter(([name]) => !isOut(name)));
}

/** True for a database in the memory of this process, which is gone with its connection. */
export function inMemory({ dialect, database, query }: Target): boolean {
  if (dialect.family !== 'sqlite') return false;
  return !database || /^(file:)?:memory:/.test(database) || query['mode'] === 'memory';
}

/** True where both configs mean one database in memory: only another `url` or `filename` may replace it, as its data are lost then. */
export function sameMemory(before: Config, after: Config): boolean {
  try {
    return (
      ['url', 'filename', 'database'].every((name) => before[name] === after[name]) &&
      [before, after].every((config) => inMemory(targetOf(config)))
    );
  } catch {
    // A config that is broken is for the next opening to complain about.
    return false;
  }
}
