import { isObservable, type Observable } from 'rxjs';
import { ConfigError } from '../errors/index.ts';
import { nearest, nearestOrAll } from '../spelling.ts';
import { isTable } from '../table.ts';

/** The credentials of a login that change with time. */
export interface Credentials {
  /** The user. Default: the `username` of the section. */
  readonly username?: string;
  /** The password or the token. */
  readonly password: string;
  /** The time when they end: a date, or milliseconds since the epoch (seconds are refused). Default: nobody knows, so they are asked for at each login. */
  readonly expiresAt?: Date | number;
}

/** The login that credentials are asked for. */
export interface CredentialsContext {
  /** The name of the connection. */
  readonly connection: string;
  /** The host of its server, as it is written. */
  readonly host: string | undefined;
  /** The port of its server; `undefined`: the usual one. */
  readonly port: number | undefined;
  /** The database. */
  readonly database: string | undefined;
  /** The user of the section. */
  readonly username: string | undefined;
  /** Fires when nobody waits for the credentials any more, and after 30 s. */
  readonly signal: AbortSignal;
}

/** The origin of credentials: a function that is asked when there is a login, or an Observable, whose last value is used. */
export type CredentialsSource<C = Credentials> = ((context: CredentialsContext) => C | PromiseLike<C>) | Observable<C>;

/**
 * A provider of credentials, with what is to happen when they end.
 *
 * @example
 * const hot = createConnections({
 *   credentials: {
 *     vault: {
 *       get: async ({ signal }) => lease(await vault.read('database/creds/app', { signal })),
 *       scope: 'session',
 *       revoke: ({ username }) => vault.revoke(username),
 *     },
 *   },
 * });
 */
export interface CredentialsProvider<C = Credentials> {
  /** Gives the credentials. */
  readonly get: CredentialsSource<C>;
  /**
   * The extent of what ends with the credentials. `'login'`: the right to log in; what is open stays open. `'session'`: the sessions
   * too, so the next instance is opened ahead of that, with new credentials, and the old one drains. Default: `'login'`
   * for SQL, `'session'` for Snowflake.
   */
  readonly scope?: 'login' | 'session';
  /** Called with credentials when the last instance that logged in with them is closed. One that fails is a warning. Default: nothing. */
  revoke?(credentials: C): unknown;
}

/** Credentials that are always fresh: a function, an Observable, or an object that says more. */
export type CredentialsOption<C = Credentials> = CredentialsSource<C> | CredentialsProvider<C>;

/** The providers that sections name: `credentials = "pets"`. */
export type NamedCredentials = Readonly<Record<string, CredentialsOption<never>>>;

/** The key of the named providers among what the kinds of a registry share. */
export const namedCredentials = Symbol('named credentials');

/** A provider as it was given, which prints nothing of itself. */
export class Provider<C> implements CredentialsProvider<C> {
  readonly get: CredentialsSource<C>;
  readonly scope?: 'login' | 'session';
  readonly revoke?: (credentials: C) => unknown;
  readonly #given: object;

  /** Methods are called on the object that they are of. */
  constructor(given: CredentialsProvider<C>, source: object = given) {
    const { get, scope } = given;
    this.#given = source;
    this.get = typeof get === 'function' ? (context) => get.call(given, context) : get;
    if (scope !== undefined) this.scope = scope;
    if (given.revoke) this.revoke = (credentials) => given.revoke?.(credentials);
  }

  /** Tells whether both are of one function, Observable or object. */
  is(other: Provider<C>): boolean {
    return this.#given === other.#given;
  }

  /** Tells whether both may be written at one place: a call that makes its provider anew gives the same code each time. */
  looksLike(other: Provider<C>): boolean {
    return this.is(other) || codeOf(this.#given) === codeOf(other.#given);
  }
}

/** The code of what was given as a provider. An Observable has none: two of them look alike. */
function codeOf(given: unknown): string {
  if (typeof given === 'function') return Function.prototype.toString.call(given);
  if (!isTable(given)) return '';
  return [codeOf(given['get']), String(given['scope']), codeOf(given['revoke'])].join('\n');
}

/** The warning about a later provider of one connection, whose first one stays in use; `undefined` where there is nothing to tell. */
export function otherProvider(connection: string, first: unknown, later: unknown): string | undefined {
  const [used, left] = [providerOf(first), providerOf(later)];
  if (!used || !left || used.looksLike(left)) return undefined;
  return `"${connection}" was asked for with other credentials before; the first provider stays in use. For two logins ask for two connections: by their names, or by params such as username.`;
}

/**
 * Tells whether a setting gives credentials by itself. Such a provider is no part of the identity of a connection: a
 * program that writes it into a call makes another function each time.
 */
export function givesCredentials(value: unknown): value is CredentialsOption<unknown> {
  return isSource(value) || value instanceof Provider || (isTable(value) && isSource(value['get']));
}

/**
 * A provider in a form that no merge of tables takes apart.
 *
 * @throws ConfigError `invalid_config`.
 */
export function opaque(provider: unknown): unknown {
  return isTable(provider) ? providerOf(provider) : provider;
}

function isSource(value: unknown): value is CredentialsSource<unknown> {
  return typeof value === 'function' || isObservable(value);
}

const words = ['get', 'scope', 'revoke'];

/**
 * The provider that a setting means: itself, or the one that `createConnections` has by this name.
 *
 * @throws ConfigError `invalid_config`, which shows no value.
 */
export function providerOf<C>(setting: unknown, named: NamedCredentials = {}): Provider<C> | undefined {
  if (setting === undefined || setting === null) return undefined;
  if (typeof setting === 'string') {
    if (Object.hasOwn(named, setting)) return providerOf<C>(named[setting]);
    const meant = nearest(setting, Object.keys(named));
    const hint = meant ? `Did you mean "${meant}"?` : 'Pass createConnections({ credentials: { … } }) with that name.';
    throw invalid(`no provider has the name that the setting says. ${hint}`);
  }
  if (setting instanceof Provider) return setting as Provider<C>;
  if (isSource(setting)) return new Provider<C>({ get: setting as CredentialsSource<C> }, setting);
  if (typeof setting !== 'object' || !isSource((setting as { readonly get?: unknown }).get))
    throw invalid('expected a function, an Observable, { get, scope, revoke }, or the name of a provider.');
  const { scope, revoke, ...rest } = setting as Readonly<Record<string, unknown>>;
  for (const key of isTable(setting) ? Object.keys(rest) : []) {
    if (words.includes(key)) continue;
    throw invalid(`"${key.slice(0, 40)}" is no option. ${nearestOrAll(key, words)}`);
  }
  if (scope !== undefined && scope !== 'login' && scope !== 'session')
    throw invalid("scope: expected 'login' or 'session'.");
  if (revoke !== undefined && typeof revoke !== 'function') throw invalid('revoke: expected a function.');
  return new Provider<C>(setting as CredentialsProvider<C>);
}

function invalid(message: string): ConfigError {
  return new ConfigError('invalid_config', `credentials: ${message}`, { setting: 'credentials' });
}
