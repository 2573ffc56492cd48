import { ConfigError } from '../../errors/index.ts';
import type { Family } from './dialects.ts';
import { isTable } from '../../table.ts';
import { sortedOptions, takesStrangers, type QueryValue, type SortedOptions } from './options.ts';
import type { Tls } from './tls.ts';
import { tlsSettings } from './tls-settings.ts';
import type { Target } from './target.ts';

type Settings = Record<string, unknown>;

/** How long a server may take to accept a connection, in milliseconds, when nobody says. */
const connectTimeout = 10_000;

const byFamily: Readonly<Record<Family, (target: Target, options: SortedOptions) => Settings>> = {
  postgresql,
  mysql,
  sqlite,
  mssql,
  oracle,
};

/**
 * The driver's own words for a target: what knex calls `connection`.
 *
 * @throws ConfigError `invalid_config` for an option that asks for what would not happen.
 */
export function connectionOf(target: Target, tls: Tls): Settings {
  const { family } = target.dialect;
  return only({
    ...byFamily[family](target, sortedOptions(family, target.query, target.driver)),
    ...tlsSettings(target, tls),
  });
}

function postgresql({ username, password, host, port, database }: Target, options: SortedOptions): Settings {
  const { read, driver, unknown } = options;
  const { connect_timeout: seconds, timeout, server_settings: server, keepalives, keepalives_idle: idle } = read;
  return {
    connectionTimeoutMillis: timeoutOf('connect_timeout', seconds ?? timeout) ?? connectTimeout,
    // Without it nobody notices that an idle connection is dead.
    keepAlive: keepalives === undefined || yes(keepalives),
    keepAliveInitialDelayMillis: timeoutOf('keepalives_idle', idle),
    ...plain({ ...driver, ...unknown }),
    ...runtime(read['options'], server),
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

function mysql(target: Target, { read, driver, unknown }: SortedOptions): Settings {
  const { username, password, host, port, database } = target;
  return {
    connectTimeout: timeoutOf('connect_timeout', read['connect_timeout']) ?? connectTimeout,
    localAddress: read['bind_address'],
    ...plain(takesStrangers('mysql', target.driver) ? { ...driver, ...unknown } : driver),
    host,
    port,
    user: username,
    password,
    database,
    socketPath: read['unix_socket'] ?? driver['socketPath'],
  };
}

function timeoutOf(name: string, seconds: unknown): number | undefined {
  if (seconds === undefined) return undefined;
  const number = Number(seconds);
  if (Number.isFinite(number) && number >= 0 && seconds !== '') return number * 1000;
  throw new ConfigError('invalid_config', `${name}: expected a number of seconds.`, { setting: `query.${name}` });
}

function sqlite(
  { database }: Target,
  { read: { mode, immutable, readonly: readOnly, fileMustExist } }: SortedOptions,
): Settings {
  if (mode !== undefined && !/^(ro|rw|rwc|memory)$/.test(String(mode)))
    throw new ConfigError('invalid_config', 'mode: expected ro, rw, rwc or memory.', { setting: 'query.mode' });
  const readonly = mode === 'ro' || yes(immutable) || yes(readOnly);
  const exists = mode === 'rw' || yes(fileMustExist);
  const filename = mode === 'memory' ? ':memory:' : database || ':memory:';
  const options = { ...(readonly && { readonly }), ...(exists && { fileMustExist: true }) };
  return { filename, ...((readonly || exists) && { options }), ...(readonly && { flags: ['OPEN_READONLY'] }) };
}

function mssql({ username, password, host, port, database }: Target, { read, driver }: SortedOptions): Settings {
  const [server, instanceName] = (host ?? '').split('\\');
  const { ApplicationIntent: intent, MultiSubnetFailover: everywhere } = read;
  return {
    connectionTimeout: timeoutOf('connect_timeout', read['connect_timeout'] ?? read['login_timeout']),
    ...plain(driver),
    server,
    port,
    user: username,
    password,
    database,
    options: only<unknown>({
      instanceName,
      readOnlyIntent: /^read_?only$/i.test(String(intent)) || undefined,
      multiSubnetFailover: yes(everywhere) || undefined,
    }),
  };
}

function oracle({ username, password, host, port, database }: Target, { read }: SortedOptions): Settings {
  const service = read['service_name'] ?? database ?? '';
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
