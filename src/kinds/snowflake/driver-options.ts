import type { ConnectionOptions } from 'snowflake-sdk';
import { ConfigError } from '../../errors/index.ts';
import { authenticatorOf } from './authenticators.ts';
import { identifier } from './insert-rows.ts';
import { privateKey } from './private-key.ts';
import { isDriverOption } from './settings.ts';

/** The options that a session is opened with. */
export interface SessionOptions {
  readonly driver: ConnectionOptions;
  /** Set after the login. */
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  /** The roles of `use secondary roles`, which is sent after the login. */
  readonly secondaryRoles: string | undefined;
  /** Tokens that a login earns are kept in a file of the driver; otherwise in the memory of the process. */
  readonly tokensOnDisk: boolean;
  /** Somebody has to do something at a login: look at a browser. */
  readonly interactive: boolean;
  /** Milliseconds without a word from the server, after which a call is given up. */
  readonly silence: number;
}

/** The files that settings were read from. */
export interface FileOrigins {
  readonly privateKey?: string | undefined;
}

/**
 * Settings by the driver's names, with the credentials of this moment, as the driver takes them.
 *
 * @throws ConfigError `invalid_config`.
 */
export function sessionOptions(settings: Readonly<Record<string, unknown>>, origins: FileOrigins = {}): SessionOptions {
  const authenticator = authenticatorOf(settings);
  const { timeout } = settings;
  const accessUrl = addressOf(settings);
  const account = accountOf(text(settings, 'account'));
  const interactive = /^(EXTERNALBROWSER|OAUTH_AUTHORIZATION_CODE)$/.test(authenticator);
  const known = Object.entries(settings).filter(([name]) => isDriverOption(name));
  const key = settings['privateKey'];
  const parameters = parametersOf(settings['sessionParameters']);
  const httpTimeout = timeout === undefined ? 90_000 : numberOf(timeout, 'timeout');
  const driver: Record<string, unknown> = {
    rowStreamHighWaterMark: 1000,
    sfRetryMaxLoginRetries: 0,
    representNullAsStringNull: false,
    ...(interactive && { clientStoreTemporaryCredential: true }),
    ...(authenticator === 'USERNAME_PASSWORD_MFA' && { clientRequestMFAToken: true }),
    ...Object.fromEntries(known),
    authenticator,
    timeout: httpTimeout,
    ...(account !== undefined && { account }),
    ...(accessUrl !== undefined && { accessUrl }),
    ...(key !== undefined && {
      privateKey: privateKey(key, text(settings, 'privateKeyPass'), origins.privateKey ?? 'private_key'),
    }),
  };
  for (const name of ['privateKeyPath', 'privateKeyPass', 'tokenFilePath', 'port', 'protocol']) delete driver[name];
  for (const name of ['username', 'password', 'token']) text(settings, name);
  return {
    driver,
    parameters: { ...exactDates(settings['fetchAsString'], parameters), ...parameters },
    secondaryRoles: secondaryRoles(settings['secondaryRoles']),
    tokensOnDisk: settings['clientStoreTemporaryCredential'] === true,
    interactive,
    silence: httpTimeout + 5000,
  };
}

/** The account, also out of the address of its web page. */
function accountOf(written: string | undefined): string | undefined {
  if (written === undefined) return undefined;
  const account = written
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/\.snowflakecomputing\.(com|cn)(:\d+)?\/*$/i, '')
    .replace(/\/+$/, '');
  if (/^[\w.-]+$/.test(account)) return account;
  throw new ConfigError('invalid_config', 'account: expected an account identifier such as myorg-account123.');
}

/** The address of the server: `accessUrl`, or that of `host`, which may be written as an address, too. */
function addressOf(settings: Readonly<Record<string, unknown>>): string | undefined {
  const url = text(settings, 'accessUrl');
  if (url !== undefined) return originOf('access_url', /^[a-z]+:\/\//i.test(url) ? url : `https://${url}`);
  const host = text(settings, 'host')?.trim();
  if (host === undefined) return undefined;
  const { port } = settings;
  if (port !== undefined && ((typeof port !== 'number' && typeof port !== 'string') || !/^\d{1,5}$/.test(`${port}`)))
    throw new ConfigError('invalid_config', 'port: expected a number.');
  const protocol = text(settings, 'protocol');
  const written = /^([a-z]+):\/\//i.exec(host)?.[1]?.toLowerCase();
  if (written !== undefined && protocol !== undefined && written !== protocol)
    throw new ConfigError(
      'invalid_config',
      'host and protocol contradict each other: write the name of the host alone.',
    );
  const origin = originOf('host', written === undefined ? `${protocol ?? 'https'}://${host}` : host);
  if (port === undefined || /:\d+$/.test(origin)) return origin;
  return `${origin}:${port}`;
}

/** The scheme, host and port of an address, without the slash at its end. */
function originOf(name: string, address: string): string {
  const found = /^(https?:\/\/[\w.-]+(?::\d{1,5})?)\/*$/i.exec(address.trim());
  if (found) return found[1]!;
  const form =
    name === 'host'
      ? 'a host such as myorg-account123.snowflakecomputing.com'
      : 'an address such as https://myorg-account123.snowflakecomputing.com';
  throw new ConfigError('invalid_config', `${name}: expected ${form}, without a path or a user.`);
}

function text(settings: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = settings[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new ConfigError('invalid_config', `${name}: expected text.`);
}

function numberOf(value: unknown, name: string): number {
  if (typeof value === 'number' && value > 0) return value;
  throw new ConfigError('invalid_config', `${name}: expected a number of milliseconds greater than 0.`);
}

/** Formats that keep nanoseconds, where dates are fetched as text; those of Snowflake keep milliseconds at the most. */
function exactDates(fetched: unknown, given: object): SessionOptions['parameters'] {
  if (!Array.isArray(fetched) || !fetched.some((type) => String(type).toLowerCase() === 'date')) return {};
  const moment = 'YYYY-MM-DD HH24:MI:SS.FF9';
  const exact = {
    TIMESTAMP_OUTPUT_FORMAT: `${moment} TZHTZM`,
    TIMESTAMP_NTZ_OUTPUT_FORMAT: moment,
    TIMESTAMP_LTZ_OUTPUT_FORMAT: `${moment} TZHTZM`,
    TIMESTAMP_TZ_OUTPUT_FORMAT: `${moment} TZHTZM`,
    TIME_OUTPUT_FORMAT: 'HH24:MI:SS.FF9',
  };
  const stated = Object.keys(given).map((name) => name.toUpperCase());
  return Object.fromEntries(Object.entries(exact).filter(([name]) => !stated.includes(name)));
}

function secondaryRoles(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const roles = typeof value === 'string' ? value.split(',').map((role) => role.trim()) : value;
  if (!Array.isArray(roles) || roles.length === 0 || !roles.every((role) => typeof role === 'string' && role !== ''))
    throw new ConfigError('invalid_config', 'secondary_roles: expected ALL, NONE, or a list of roles.');
  return (roles as string[]).map(identifier).join(', ');
}

function parametersOf(value: unknown): SessionOptions['parameters'] {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ConfigError('invalid_config', 'session_parameters: expected a table.');
  for (const [name, parameter] of Object.entries(value)) {
    if (!/^\w+$/.test(name)) throw new ConfigError('invalid_config', `session_parameters: "${name}" is not a name.`);
    if (!['string', 'number', 'boolean'].includes(typeof parameter))
      throw new ConfigError('invalid_config', `session_parameters.${name}: expected text, a number or a boolean.`);
  }
  return value as SessionOptions['parameters'];
}
