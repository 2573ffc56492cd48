import { ConfigError } from '../../errors/index.ts';
import type { Config } from '../../secrets/index.ts';
import { dialectOf, type Dialect } from './dialects.ts';
import { parseUrl, type UrlParts } from './url.ts';

export type QueryValue = string | number | boolean | readonly (string | number | boolean)[];

/** Which database, and as whom: what the `url` and the explicit settings come to. */
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
 *
 * @throws ConfigError `invalid_config` naming every setting that is missing, or the one that is wrong.
 */
export function targetOf(config: Config): Target {
  const url = text(config, 'url')?.trim();
  const from: Partial<UrlParts> = url ? parseUrl(url) : {};
  const part = (name: 'dialect' | 'driver' | 'username' | 'host' | 'database'): string | undefined =>
    text(config, name)?.trim() || from[name];
  const name = part('dialect');
  const host = part('host');
  const database = text(config, 'filename') ?? part('database');
  const username = part('username');
  const query = { ...from.query, ...queryOf(config['query']) };

  const dialect = name === undefined ? undefined : dialectOf(name);
  const reached = host ?? query['host'] ?? query['unix_socket'];
  const missing = url
    ? []
    : [
        ...(dialect ? [] : ['dialect']),
        ...(dialect?.family === 'sqlite'
          ? database === undefined
            ? ['database (a file, or ":memory:")']
            : []
          : [...(username ? [] : ['username']), ...(reached === undefined ? ['host'] : [])]),
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
    password: secretText(config) ?? from.password,
    host,
    port: portOf(config['port']) ?? portOf(from.port, 'url'),
    database,
    query,
  };
}

function text(config: Config, name: string): string | undefined {
  const value = config[name];
  if (value === undefined || value === null || typeof value === 'string') return value ?? undefined;
  throw new ConfigError('invalid_config', `${name}: expected text, got ${kindOf(value)}.`, { setting: name });
}

/** TOML reads a password of digits as a number. */
function secretText(config: Config): string | undefined {
  const value = config['password'];
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : text(config, 'password');
}

function portOf(value: unknown, setting = 'port'): number | undefined {
  if (value === undefined || value === null) return undefined;
  const port =
    typeof value === 'number' || (typeof value === 'string' && /^\s*\d{1,5}\s*$/.test(value)) ? Number(value) : NaN;
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new ConfigError('invalid_config', 'port: expected a whole number from 1 to 65535.', { setting });
}

function queryOf(value: unknown): Record<string, QueryValue> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value))
    throw new ConfigError('invalid_config', `query: expected a table, got ${kindOf(value)}.`, { setting: 'query' });
  for (const [name, inner] of Object.entries(value))
    for (const item of Array.isArray(inner) ? (inner as unknown[]) : [inner])
      if (!['string', 'number', 'boolean'].includes(typeof item))
        throw new ConfigError(
          'invalid_config',
          `query.${name}: expected text, a number or a boolean, got ${kindOf(item)}.`,
          { setting: `query.${name}` },
        );
  return value as Record<string, QueryValue>;
}

function kindOf(value: unknown): string {
  return value === null
    ? 'null'
    : Array.isArray(value)
      ? 'an array'
      : typeof value === 'object'
        ? 'a table'
        : `a ${typeof value}`;
}
