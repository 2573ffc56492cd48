import { ConfigError } from '../../errors/index.ts';
import { isDialect } from './dialects.ts';

/** The parts of a database URL; a part that it does not have is absent. */
export interface UrlParts {
  readonly dialect: string;
  readonly driver?: string;
  readonly username?: string;
  readonly password?: string;
  readonly host?: string;
  readonly port?: string;
  readonly database?: string;
  readonly query: Readonly<Record<string, string | readonly string[]>>;
}

// Without an example password, which would be taken for one and not be shown.
const form = 'Expected postgresql://host:5432/database, with username:password@ before the host, or sqlite:///file.db';

/** Characters of a URL; the longest that is needed has a token of a cloud for its password. */
const longest = 32_768;

/**
 * The parts of a URL in SQLAlchemy's or knex's form. Passwords may hold raw special characters: the host starts
 * after the last `@` of the authority.
 *
 * @throws ConfigError `invalid_config`; its message never holds a part of the URL, but the name of the `setting`.
 */
export function parseUrl(url: string, setting = 'url'): UrlParts {
  try {
    return partsOf(url);
  } catch (error) {
    throw error instanceof Unreadable ? invalid(error.message, setting) : error;
  }
}

/**
 * A URL as it may be shown: where it leads, with `***` for its password and the values of its options. Only its dialect where it cannot be
 * told which part is the password, as in one that has a raw slash in it; `undefined` where there is no dialect either.
 */
export function shownUrl(url: unknown): string | undefined {
  if (typeof url !== 'string') return undefined;
  const { dialect, driver, username, password, host, port, database, query } = partsOf(url);
  const plain = [host, port, database, username].every((part) => part === undefined || /^[^@?#\s]*$/.test(part));
  if (!plain || (port !== undefined && !/^\d+$/.test(port))) return isDialect(dialect) ? `${dialect}://***` : undefined;
  // A name without a password may be a token.
  const login = password !== undefined ? `${username ?? ''}:***@` : username !== undefined ? '***@' : '';
  const place =
    host === undefined ? '' : `${host.includes(':') ? `[${host}]` : host}${port === undefined ? '' : `:${port}`}`;
  const names = Object.keys(query).map((name) => `${name}=***`);
  const file = database === undefined ? '' : `/${database}`;
  return `${dialect}${driver ? `+${driver}` : ''}://${login}${place}${file}${names.length > 0 ? `?${names.join('&')}` : ''}`;
}

/** Why a text is no URL. */
class Unreadable extends Error {}

function partsOf(written: string): UrlParts {
  if (written.length > longest) throw new Unreadable(`has over ${longest} characters`);
  const url = written.trim();
  const found = /^([a-z][\w.-]*)(?:\+([\w.-]+))?:/i.exec(url);
  if (!found) throw new Unreadable('is not the URL of a database');
  const [start, dialect = '', driver] = found;
  const named = { dialect: dialect.toLowerCase(), ...(driver && { driver: driver.toLowerCase() }) };
  const rest = url.slice(start.length);
  if (/^(sqlite3?|better-sqlite3|libsql|file)$/i.test(dialect)) return { ...named, ...filePart(rest) };
  if (!rest.startsWith('//')) throw new Unreadable('has no "//" after its dialect');
  return { ...named, ...serverParts(rest.slice(2)) };
}

/** `///relative`, `////absolute`, `//` or `:memory:`; a path is percent-decoded. */
function filePart(rest: string): Pick<UrlParts, 'database' | 'query'> {
  const [path = '', query] = cut(rest, '?');
  // The third slash is the one that ends an empty authority.
  const file = path.startsWith('///') ? path.slice(3) : path.startsWith('//') ? path.slice(2) : path;
  if (path.startsWith('//') && !path.startsWith('///') && file !== '' && file !== ':memory:')
    throw new Unreadable(
      'names a host, which a file has not: write three slashes before a relative path, four before an absolute one',
    );
  return { database: decode(file.replace(/^file:/, '')) || ':memory:', query: queryOf(query) };
}

function serverParts(rest: string): Omit<UrlParts, 'dialect' | 'driver'> {
  const [userinfo, after] = userinfoOf(rest);
  const [address = '', query] = cut(after, '?');
  const [hostAndPort = '', database] = cut(address, '/');
  if (hostAndPort.includes(',')) throw new Unreadable('names several hosts; hotline connects to one');
  if (database?.includes('@'))
    throw new Unreadable('has a raw "@" after its host: write %40, and %2F or %3F for a "/" or "?" in the password');
  const place = /^(\[[^\]]*\]|[^:[\]]*)(?::([^:]*))?$/.exec(hostAndPort);
  if (!place) throw new Unreadable('has a host that cannot be read; an IPv6 address goes in brackets');
  const [username, password] = userinfo === undefined ? [] : cut(userinfo, ':');
  const host = place[1]!.replace(/^\[|\]$/g, '');
  return {
    ...(username && { username: decode(username) }),
    ...(password !== undefined && { password: decode(password) }),
    ...(host && { host: decode(host) }),
    ...(place[2] !== undefined && { port: place[2] }),
    ...(database && { database: decode(database) }),
    query: queryOf(query),
  };
}

/** Splits the user from the rest. A `/` or `?` in a password ends the authority too early, so the `@` behind it is looked for. */
function userinfoOf(rest: string): [string | undefined, string] {
  const end = rest.search(/[/?]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  const at = authority.lastIndexOf('@');
  if (at >= 0) return [rest.slice(0, at), rest.slice(at + 1)];
  const later = rest.indexOf('@');
  const query = /\?[\w.-]+=/.exec(rest)?.index ?? rest.length;
  if (later < 0 || later > query || !/^[^:[]*:/.test(authority)) return [undefined, rest];
  const stop = rest.slice(later).search(/[/?]/);
  const last = stop < 0 ? rest.lastIndexOf('@') : rest.lastIndexOf('@', later + stop);
  return [rest.slice(0, last), rest.slice(last + 1)];
}

function queryOf(text: string | undefined): UrlParts['query'] {
  const values = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(text ?? '')) {
    const before = values.get(name);
    if (before) before.push(value);
    else values.set(name, [value]);
  }
  return Object.fromEntries([...values].map(([name, all]) => [name, all.length === 1 ? all[0]! : all]));
}

/** Percent-decodes what is encoded well; a lone `%` stays one. */
function decode(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}

function cut(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

function invalid(why: string, setting: string): ConfigError {
  return new ConfigError('invalid_config', `${setting}: what is written there ${why}. ${form}.`, { setting });
}
