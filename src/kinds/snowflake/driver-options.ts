import type { ConnectionOptions } from 'snowflake-sdk';
import { ConfigError } from '../../errors/index.ts';
import { authenticatorOf } from './authenticators.ts';
import { privateKey } from './private-key.ts';
import { isDriverOption } from './settings.ts';

/** What a session is opened with. */
export interface SessionOptions {
  readonly driver: ConnectionOptions;
  /** Set after the login. */
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  /** Milliseconds without a word from the server, after which a call is given up. */
  readonly silence: number;
}

/** Where file settings come from when their content is at hand. */
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
  const { timeout, accessUrl = address(settings) } = settings;
  const known = Object.entries(settings).filter(([name]) => isDriverOption(name));
  const key = settings['privateKey'];
  const httpTimeout = timeout === undefined ? 90_000 : numberOf(timeout, 'timeout');
  const driver: Record<string, unknown> = {
    rowStreamHighWaterMark: 1000,
    sfRetryMaxLoginRetries: 0,
    representNullAsStringNull: false,
    ...Object.fromEntries(known),
    authenticator,
    timeout: httpTimeout,
    ...(accessUrl !== undefined && { accessUrl }),
    ...(key !== undefined && {
      privateKey: privateKey(key, text(settings, 'privateKeyPass'), origins.privateKey ?? 'private_key'),
    }),
  };
  for (const name of ['privateKeyPath', 'privateKeyPass', 'tokenFilePath', 'port', 'protocol']) delete driver[name];
  for (const name of ['account', 'username', 'password', 'token']) text(settings, name);
  return { driver, parameters: parametersOf(settings['sessionParameters']), silence: httpTimeout + 5000 };
}

function address(settings: Readonly<Record<string, unknown>>): string | undefined {
  const host = text(settings, 'host');
  if (host === undefined) return undefined;
  const { port } = settings;
  if (port === undefined) return `${text(settings, 'protocol') ?? 'https'}://${host}`;
  if ((typeof port !== 'number' && typeof port !== 'string') || !/^\d{1,5}$/.test(`${port}`))
    throw new ConfigError('invalid_config', 'port: expected a number.');
  return `${text(settings, 'protocol') ?? 'https'}://${host}:${port}`;
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
