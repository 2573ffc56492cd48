import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Config } from '../../secrets/index.ts';
import { isTable } from '../../table.ts';
import { targetOf, type Target } from './target.ts';
import { comparable } from '../../spelling.ts';
import { speaksOfTls, type TlsWord } from './tls-word.ts';
import { tlsWords } from './tls-words.ts';
import { parseUrl } from './url.ts';
import { knexConnection, scalarText } from './written.ts';

/** Options that change no row, by what they are about. Everything else belongs to the scope of the cache; the docs print it. */
export const immaterial: Readonly<Record<string, readonly string[]>> = {
  passwords: ['password', 'passwd', 'password1', 'password2', 'password3', 'passwordSha1'],
  'the pool': [
    'min max acquireTimeoutMillis createTimeoutMillis destroyTimeoutMillis idleTimeoutMillis reapIntervalMillis',
    'createRetryIntervalMillis propagateCreateError maxConnectionLifetimeMillis maxConnectionLifetimeJitterMillis',
    'pool_size max_overflow pool_timeout pool_recycle pool_pre_ping pool_use_lifo pool_reset_on_return poolclass',
  ].flatMap((names) => names.split(' ')),
  'time-outs': [
    'connect_timeout connectionTimeout connectionTimeoutMillis acquireConnectionTimeout statement_timeout',
    'query_timeout lock_timeout idle_in_transaction_session_timeout requestTimeout cancelTimeout read_timeout write_timeout',
    'socketTimeout tcp_user_timeout timeout',
  ].flatMap((names) => names.split(' ')),
  'keep-alive':
    'keepAlive keepAliveInitialDelay keepAliveInitialDelayMillis enableKeepAlive keepalives keepalives_idle keepalives_interval keepalives_count'.split(
      ' ',
    ),
  'logs and this cache':
    'debug trace log echo echo_pool asyncStackTraces compileSqlOnError query_ttl max_rows autocommit prepare'.split(
      ' ',
    ),
};

const left = new Set(Object.values(immaterial).flat().map(comparable));
const everyWord: readonly TlsWord[] = Object.values(tlsWords).flat();

/** The settings that decide which data a query sees; a URL counts by its parts. What is on this machine counts with its name. */
export function materialOf(config: Config): Record<string, unknown> {
  const knex = config['knex'];
  const kwargs = config['create_engine_kwargs'];
  return {
    ...(kept(config) as object),
    ...(config['url'] !== undefined && { url: urlParts(config['url']) }),
    query: kept(config['query']),
    knex: isTable(knex) ? knexParts(knex) : knex,
    create_engine_kwargs: isTable(kwargs)
      ? { ...(kept(kwargs) as object), connect_args: kept(kwargs['connect_args']) }
      : kwargs,
    here: placeOf(config),
  };
}

function knexParts(knex: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { connection, pool } = knex;
  return {
    ...(kept(knex) as object),
    pool: kept(pool),
    connection: isTable(connection)
      ? connectionParts(connection)
      : typeof connection === 'string'
        ? urlParts(connection)
        : connection,
  };
}

function connectionParts(connection: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const urls = ['connectionString', 'uri'].filter((name) => connection[name] !== undefined);
  return {
    ...(kept(connection) as object),
    options: kept(connection['options']),
    ...Object.fromEntries(urls.map((name) => [name, urlParts(connection[name])])),
  };
}

/** A table without what changes no row. */
function kept(table: unknown): unknown {
  if (!isTable(table)) return table;
  return Object.fromEntries(
    Object.entries(table).filter(([name]) => !left.has(comparable(name)) && !speaksOfTls(name, everyWord)),
  );
}

function urlParts(url: unknown): unknown {
  try {
    const { password: _password, query, ...parts } = parseUrl(String(url));
    return { ...parts, query: kept(query) };
  } catch {
    // No instance is opened with it, so nothing is cached under it.
    return url;
  }
}

/** The machine, and the file, of what another machine would find elsewhere: in a store that several share they are not one. */
function placeOf(config: Config): Record<string, unknown> | undefined {
  try {
    const target = targetOf(config);
    const connection = knexConnection(config);
    if (target.dialect.family === 'sqlite')
      return { machine: hostname(), file: resolve(scalarText(connection['filename'] ?? target.database)) };
    return isHere(target, connection) ? { machine: hostname() } : undefined;
  } catch {
    return undefined;
  }
}

function isHere(target: Target, connection: Readonly<Record<string, unknown>>): boolean {
  if (
    [connection['socketPath'], target.query['unix_socket'], target.query['socketPath']].some(
      (path) => path !== undefined,
    )
  )
    return true;
  const host = scalarText(connection['host'] ?? connection['server'] ?? target.host)
    .trim()
    .toLowerCase()
    .replace(/\.$/, '');
  return /^$|^[/@.(]|^(.*\.)?localhost(\.localdomain)?(\\|$)|^(::ffff:)?127\.|^::1?$|^0(\.0)*$/.test(host);
}
