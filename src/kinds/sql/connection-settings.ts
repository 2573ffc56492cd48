import { ConfigError } from '../../errors/index.ts';
import type { Family } from './dialects.ts';
import { isTable } from '../../table.ts';
import { namesSchema, refuseUnheard } from './unheard-options.ts';
import { isInitCommand } from './on-connect.ts';
import { isTlsWord, type Tls } from './tls.ts';
import { tlsSettings } from './tls-settings.ts';
import type { QueryValue, Target } from './target.ts';

type Settings = Record<string, unknown>;

/** How long a server may take to accept a connection, in milliseconds, when nobody says. */
const connectTimeout = 10_000;

const byFamily: Readonly<Record<Family, (target: Target) => Settings>> = { postgresql, mysql, sqlite, mssql, oracle };

/**
 * The driver's own words for a target: what knex calls `connection`.
 *
 * @throws ConfigError `invalid_config` for options that would do nothing.
 */
export function connectionOf(target: Target, tls: Tls): Settings {
  const { family } = target.dialect;
  const query = Object.fromEntries(Object.entries(target.query).filter(([name]) => !isTlsWord(name, family)));
  refuseUnheard(family, query);
  const settings = { ...byFamily[family]({ ...target, query }), ...tlsSettings(target, tls) };
  return only(settings);
}

function postgresql({ username, password, host, port, database, query }: Target): Settings {
  const { connect_timeout: seconds, timeout, server_settings: server, options, ...others } = query;
  const rest = Object.fromEntries(Object.entries(others).filter(([name]) => !namesSchema(name)));
  return {
    connectionTimeoutMillis: timeoutOf(seconds ?? timeout),
    // Without it nobody notices that an idle connection is dead.
    keepAlive: true,
    ...plain(rest),
    ...runtime(options, server),
    host,
    port,
    user: username,
    password,
    database,
  };
}

/** asyncpg's `server_settings`, as the server takes them when a session starts. */
function runtime(options: QueryValue | undefined, server: unknown): Settings {
  const escaped = (text: string): string => text.replace(/[\\ ]/g, '\\$&');
  const settings = isTable(server) ? Object.entries(server) : [];
  const all = [
    ...(options === undefined ? [] : [options].flat().map(String)),
    ...settings.map(([name, value]) => `-c ${name}=${escaped(String(value))}`),
  ];
  return all.length > 0 ? { options: all.join(' ') } : {};
}

function mysql({ username, password, host, port, database, query }: Target): Settings {
  // The options of Python's drivers have underscores, those of Node's have none; mysql2 complains on the console about strangers.
  const own = Object.fromEntries(Object.entries(query).filter(([name]) => !/[_-]/.test(name) && !isInitCommand(name)));
  return {
    connectTimeout: timeoutOf(query['connect_timeout']),
    ...plain(own),
    host,
    port,
    user: username,
    password,
    database,
    socketPath: query['unix_socket'] ?? own['socketPath'],
  };
}

function timeoutOf(seconds: unknown): number {
  if (seconds === undefined) return connectTimeout;
  const number = Number(seconds);
  if (Number.isFinite(number) && number >= 0 && seconds !== '') return number * 1000;
  throw new ConfigError('invalid_config', 'connect_timeout: expected a number of seconds.');
}

function sqlite({ database, query }: Target): Settings {
  const readonly = query['mode'] === 'ro' || yes(query['immutable']);
  const exists = query['mode'] === 'rw';
  const filename = query['mode'] === 'memory' ? ':memory:' : database || ':memory:';
  const options = { ...(readonly && { readonly }), ...(exists && { fileMustExist: true }) };
  return { filename, ...((readonly || exists) && { options }), ...(readonly && { flags: ['OPEN_READONLY'] }) };
}

function mssql({ username, password, host, port, database }: Target): Settings {
  const [server, instanceName] = (host ?? '').split('\\');
  return { server, port, user: username, password, database, options: only<unknown>({ instanceName }) };
}

function oracle({ username, password, host, port, database, query }: Target): Settings {
  const service = query['service_name'] ?? database ?? '';
  return { user: username, password, connectString: `${host ?? 'localhost'}:${port ?? 1521}/${String(service)}` };
}

/** Numbers and booleans that were written as text in a URL. */
function plain(query: Readonly<Record<string, QueryValue>>): Settings {
  return Object.fromEntries(
    Object.entries(query).map(([name, value]): [string, unknown] => {
      if (typeof value !== 'string') return [name, value];
      if (/^\d{1,15}$/.test(value)) return [name, Number(value)];
      return [name, value === 'true' ? true : value === 'false' ? false : value];
    }),
  );
}

function yes(value: unknown): boolean {
  return /^(1|true|yes|on)$/i.test(String(value));
}

function only<T>(settings: Readonly<Record<string, T | undefined>>): Record<string, T> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Record<string, T>;
}
