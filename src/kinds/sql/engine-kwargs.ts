import { closest, distance } from 'fastest-levenshtein';
import { ConfigError } from '../../errors/index.ts';
import { isTable } from '../../table.ts';
import { scalarText } from './written.ts';

/** Options of SQLAlchemy that change no result; a Streamlit app may share the file. */
const immaterial = new Set(
  `echo echo_pool future logging_name pool_logging_name hide_parameters pool_pre_ping pool_use_lifo pool_reset_on_return
  query_cache_size max_identifier_length poolclass label_length skip_autocommit_rollback use_insertmanyvalues
  insertmanyvalues_page_size executemany_mode executemany_batch_page_size fast_executemany paramstyle enable_from_linting
  implicit_returning convert_unicode encoding`.split(/\s+/),
);
const understood = ['pool_size', 'max_overflow', 'pool_timeout', 'pool_recycle', 'connect_args', 'isolation_level'];

/**
 * SQLAlchemy's options for the pool as knex's. `connect_args` are options of the driver, and read with those.
 *
 * @throws ConfigError `invalid_config` for an option that nobody knows, or that would change what statements do.
 */
export function engineKwargs(kwargs: unknown): Record<string, unknown> {
  if (!isTable(kwargs)) return {};
  for (const name of Object.keys(kwargs)) if (!understood.includes(name) && !immaterial.has(name)) throw unknown(name);
  refuseIsolation(kwargs['isolation_level']);
  const number = (name: string): number | undefined =>
    typeof kwargs[name] === 'number' && kwargs[name] >= 0 ? kwargs[name] : undefined;
  const [size, overflow] = [number('pool_size'), number('max_overflow')];
  // SQLAlchemy: five connections, and ten more where they are needed.
  const max = size === undefined && overflow === undefined ? undefined : (size ?? 5) + (overflow ?? 10);
  const timeout = number('pool_timeout');
  const recycle = number('pool_recycle');
  const pool = {
    ...(max && { max }),
    ...(recycle && { maxConnectionLifetimeMillis: recycle * 1000 }),
  };
  return {
    ...(Object.keys(pool).length > 0 && { pool }),
    ...(timeout && { acquireConnectionTimeout: timeout * 1000 }),
  };
}

/** Each statement commits by itself here, which is what `AUTOCOMMIT` asks for. */
function refuseIsolation(level: unknown): void {
  if (level === undefined || level === null || /^autocommit$/i.test(scalarText(level))) return;
  const setting = 'create_engine_kwargs.isolation_level';
  throw new ConfigError(
    'invalid_config',
    `${setting}: an isolation level is asked for per transaction: transaction(fn, { isolation: 'serializable' }).`,
    { setting },
  );
}

function unknown(name: string): ConfigError {
  const setting = `create_engine_kwargs.${name}`;
  const near = closest(name, [...understood, ...immaterial]);
  const cure =
    distance(name, near) <= 3
      ? `Did you mean ${near}?`
      : "Options of the driver go into its connect_args, knex's into the table knex.";
  return new ConfigError('invalid_config', `${setting}: hotline does not know this option. ${cure}`, { setting });
}
