import type { Family } from './dialects.ts';
import { mysqlTls, postgresTls, yes } from './tls.ts';
import type { QueryValue, Target } from './target.ts';

type Settings = Record<string, unknown>;

/** How long a server may take to accept a connection, in milliseconds, when nobody says. */
const connectTimeout = 10_000;

const byFamily: Readonly<Record<Family, (target: Target) => Settings>> = { postgresql, mysql, sqlite, mssql, oracle };

/** The driver's own words for a target: what knex calls `connection`. */
export function connectionOf(target: Target): Settings {
  const settings = byFamily[target.dialect.family](target);
  return only(settings);
}

function postgresql({ username, password, host, port, database, query }: Target): Settings {
  const {
    connect_timeout: seconds,
    host: socket,
    port: queryPort,
    user,
    sslmode,
    sslrootcert,
    sslcert,
    sslkey,
    ...rest
  } = query;
  return {
    connectionTimeoutMillis: seconds === undefined ? connectTimeout : Number(seconds) * 1000,
    // Without it nobody notices that an idle connection is dead.
    keepAlive: true,
    ...plain(rest),
    host: host ?? socket,
    port: port ?? (queryPort === undefined ? undefined : Number(queryPort)),
    user: username ?? user,
    password,
    database,
    ssl: postgresTls(only({ sslmode, sslrootcert, sslcert, sslkey })),
  };
}

function mysql({ username, password, host, port, database, query }: Target): Settings {
  // The options of Python's drivers have underscores, those of Node's have none; mysql2 complains on the console about strangers.
  const own = Object.fromEntries(Object.entries(query).filter(([name]) => !/[_-]/.test(name) && name !== 'ssl'));
  return {
    connectTimeout: query['connect_timeout'] === undefined ? connectTimeout : Number(query['connect_timeout']) * 1000,
    ...plain(own),
    host,
    port,
    user: username,
    password,
    database,
    socketPath: query['unix_socket'],
    ssl: mysqlTls(query) || undefined,
  };
}

function sqlite({ database, query }: Target): Settings {
  const readonly = query['mode'] === 'ro' || yes(query['immutable']);
  const filename = query['mode'] === 'memory' ? ':memory:' : database || ':memory:';
  return { filename, ...(readonly && { options: { readonly: true }, flags: ['OPEN_READONLY'] }) };
}

function mssql({ username, password, host, port, database, query }: Target): Settings {
  const named = Object.fromEntries(Object.entries(query).map(([name, value]) => [name.toLowerCase(), value]));
  const [server, instanceName] = (host ?? '').split('\\');
  return {
    server,
    port,
    user: username,
    password,
    database,
    encrypt: named['encrypt'] === undefined ? undefined : yes(named['encrypt']),
    options: only<unknown>({
      trustServerCertificate:
        named['trustservercertificate'] === undefined ? undefined : yes(named['trustservercertificate']),
      instanceName,
    }),
  };
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

function only<T>(settings: Readonly<Record<string, T | undefined>>): Record<string, T> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Record<string, T>;
}
