import { ConfigError } from '../../errors/index.ts';
import type { Config } from '../../secrets/index.ts';
import { dialectOf, type Dialect } from './dialects.ts';
import { canonicalOptions, type QueryValue } from './options.ts';
import { isTable } from '../../table.ts';
import { parseUrl, type UrlParts } from './url.ts';
import { urlSetting } from './written.ts';

/** The database and the user, from the `url` and the explicit settings. */
export interface Target {
  readonly dialect: Dialect;
  /** The dialect as it was written. */
  readonly name: string;
  readonly driver: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly database: string | undefined;
  readonly query: Readonly<Record<string, QueryValue>>;
}

/**
 * An explicit setting wins over the same part of the `url`, wherever either was written; an empty `driver` or `host` says nothing.
 * A part may also stand in the query of the URL, as libpq takes it.
 *
 * @throws ConfigError `invalid_config` naming every setting that is missing, or the one that is wrong.
 */
export function targetOf(config: Config): Target {
  const { value, setting } = urlSetting(config);
  const url = text(setting, value)?.trim();
  const from: Partial<UrlParts> = url ? parseUrl(url, setting) : {};
  const [parts, query] = partsIn({ ...from.query, ...queryOf('query', config['query']), ...connectArgs(config) });
  const part = (name: 'dialect' | 'driver' | 'host'): string | undefined =>
    text(name, config[name])?.trim() || from[name];
  const name = part('dialect');
  const host = text('host', config['host'])?.trim() || parts.host || from.host;
  const username = scalar('username', config['username'])?.trim() || parts.username || from.username;
  const database =
    scalar('filename', config['filename']) ??
    (scalar('database', config['database'])?.trim() || parts.database || from.database);

  const dialect = name === undefined ? undefined : dialectOf(name);
  const missing = url
    ? []
    : [
        ...(dialect ? [] : ['dialect']),
        ...(dialect?.family === 'sqlite'
          ? database === undefined
            ? ['database (a file, or ":memory:")']
            : []
          : [
              ...(username || config['credentials'] ? [] : ['username']),
              ...((host ?? query['unix_socket']) ? [] : ['host']),
            ]),
      ];
  if (!dialect || !name || missing.length > 0)
    throw new ConfigError(
      'invalid_config',
      `${url === '' ? '`url` is empty; ' : ''}missing ${missing.join(', ')}: write them into the section of the connection, or a \`url\` instead.`,
    );
  return {
    dialect,
    name: name.toLowerCase(),
    driver: part('driver'),
    username,
    password: scalar('password', config['password']) ?? parts.password ?? from.password,
    host,
    port: portOf(config['port']) ?? portOf(parts.port, 'query.port') ?? portOf(from.port, setting),
    database,
    query: canonicalOptions(dialect.family, query),
  };
}

/** Parts of the target by the names that a driver's options give them. */
const partNames: Readonly<Record<string, 'host' | 'port' | 'username' | 'password' | 'database'>> = {
  host: 'host',
  port: 'port',
  user: 'username',
  username: 'username',
  password: 'password',
  passwd: 'password',
  database: 'database',
  dbname: 'database',
  db: 'database',
};

/** The parts of the target that stand among the options, and the rest of them. */
function partsIn(query: Target['query']): [Readonly<Record<string, string | undefined>>, Target['query']] {
  const isPart = (name: string): boolean => Object.hasOwn(partNames, name);
  const entries = Object.entries(query);
  const parts = entries.filter(([name]) => isPart(name));
  return [
    Object.fromEntries(parts.map(([name, value]) => [partNames[name]!, scalar(`query.${name}`, value)])),
    Object.fromEntries(entries.filter(([name]) => !isPart(name))),
  ];
}

function connectArgs(config: Config): Target['query'] {
  const kwargs = config['create_engine_kwargs'];
  return isTable(kwargs) ? queryOf('create_engine_kwargs.connect_args', kwargs['connect_args']) : {};
}

function text(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null || typeof value === 'string') return value ?? undefined;
  throw new ConfigError('invalid_config', `${name}: expected text, got ${kindOf(value)}.`, { setting: name });
}

/** TOML reads a password of digits as a number, and so does it a user, a database. */
function scalar(name: string, value: unknown): string | undefined {
  return ['number', 'bigint', 'boolean'].includes(typeof value) ? String(value) : text(name, value);
}

function portOf(value: unknown, setting = 'port'): number | undefined {
  if (value === undefined || value === null) return undefined;
  const port =
    typeof value === 'number' || (typeof value === 'string' && /^\s*\d{1,5}\s*$/.test(value)) ? Number(value) : NaN;
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new ConfigError('invalid_config', 'port: expected a whole number from 1 to 65535.', { setting });
}

/** A table among the options is for whoever reads that option: `ssl`, or the settings of asyncpg. */
function queryOf(setting: string, value: unknown): Record<string, QueryValue> {
  if (value === undefined || value === null) return {};
  if (!isTable(value))
    throw new ConfigError('invalid_config', `${setting}: expected a table, got ${kindOf(value)}.`, { setting });
  for (const [name, inner] of Object.entries(value))
    for (const item of Array.isArray(inner) ? (inner as unknown[]) : [inner])
      if (!['string', 'number', 'bigint', 'boolean'].includes(typeof item) && !takesTable(name))
        throw new ConfigError(
          'invalid_config',
          `${setting}.${name}: expected text, a number or a boolean, got ${kindOf(item)}.`,
          { setting: `${setting}.${name}` },
        );
  return value as Record<string, QueryValue>;
}

const takesTable = (name: string): boolean => /^(ssl|tls|ssl_context|server_settings)$/.test(name);

function kindOf(value: unknown): string {
  return value === null
    ? 'null'
    : Array.isArray(value)
      ? 'an array'
      : typeof value === 'object'
        ? 'a table'
        : `a ${typeof value}`;
}
