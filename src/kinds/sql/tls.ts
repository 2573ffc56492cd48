import { readFileSync } from 'node:fs';
import { ConfigError } from '../../errors/index.ts';
import type { QueryValue } from './target.ts';

/** What a driver's `ssl` option is. */
export type Tls = false | Readonly<Record<string, unknown>>;

type Query = Readonly<Record<string, QueryValue>>;

/**
 * libpq's `sslmode`, `sslrootcert`, `sslcert` and `sslkey`. Node's driver cannot fall back from one mode to another, so a mode
 * is never weaker than what was asked for: `prefer` is `require`, and only `disable` and `allow` are plain.
 */
export function postgresTls(query: Query): Tls | undefined {
  const mode = query['sslmode'];
  const files = certificates(query, { ca: 'sslrootcert', cert: 'sslcert', key: 'sslkey' });
  if (mode === undefined) return Object.keys(files).length > 0 ? files : undefined;
  // libpq: with a root certificate, `require` is `verify-ca`.
  return tlsOf('sslmode', mode === 'require' && files['ca'] ? 'verify-ca' : mode, files);
}

/** MySQL's `ssl-mode` and the `ssl_ca`, `ssl_cert`, `ssl_key` of Python's drivers. */
export function mysqlTls(query: Query): Tls | undefined {
  const mode = query['ssl-mode'] ?? query['ssl_mode'];
  const files = certificates(query, { ca: 'ssl_ca', cert: 'ssl_cert', key: 'ssl_key' });
  const ssl = query['ssl'];
  if (mode !== undefined) return tlsOf('ssl_mode', mode, files);
  if (yes(query['ssl_disabled'])) return false;
  if (Object.keys(files).length > 0)
    return query['ssl_verify_identity'] === undefined ? { ...files, ...namesIgnored } : files;
  if (typeof ssl === 'string' && ssl.startsWith('{')) return tableOf(ssl);
  return ssl === undefined ? undefined : yes(ssl) ? {} : false;
}

const namesIgnored = { checkServerIdentity: () => undefined };

function tlsOf(name: string, mode: QueryValue, files: Readonly<Record<string, unknown>>): Tls {
  const known = String(mode).toLowerCase().replaceAll('_', '-');
  switch (known) {
    case 'disable':
    case 'disabled':
    case 'allow':
      return false;
    case 'prefer':
    case 'preferred':
    case 'require':
    case 'required':
      return { ...files, rejectUnauthorized: false };
    case 'verify-ca':
      return { ...files, ...namesIgnored };
    case 'verify-full':
    case 'verify-identity':
      return files;
    default:
      throw new ConfigError('invalid_config', `${name}: expected disable, require, verify-ca or verify-full.`);
  }
}

function certificates(query: Query, names: Readonly<Record<string, string>>): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [option, name] of Object.entries(names)) {
    const path = query[name];
    if (path === undefined || path === 'system') continue;
    try {
      found[option] = readFileSync(String(path), 'utf8');
    } catch (error) {
      throw new ConfigError('invalid_config', `${name}: the file cannot be read.`, { cause: error });
    }
  }
  return found;
}

function tableOf(text: string): Tls {
  try {
    return JSON.parse(text) as Tls;
  } catch {
    throw new ConfigError('invalid_config', 'ssl: expected a boolean or a JSON object.');
  }
}

export function yes(value: unknown): boolean {
  return value === true || value === 1 || /^(1|true|yes|on)$/i.test(String(value));
}
