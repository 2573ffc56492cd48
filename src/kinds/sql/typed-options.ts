import { ConfigError } from '../../errors/index.ts';
import type { Family } from './dialects.ts';
import { scalarText } from './written.ts';

/** The type of an option as its driver takes it; `code` is a value that no file can hold. */
type Kind = 'text' | 'number' | 'switch' | 'code';

const named = (kind: Kind, names: string): Record<string, Kind> =>
  Object.fromEntries(names.split(/\s+/).map((name) => [name, kind]));

/**
 * Options whose type the driver relies on: given anything else it throws in a callback of its socket, which ends the process.
 * Text is what its protocol sends as text.
 */
const kinds: Readonly<Record<Family, Readonly<Record<string, Kind>>>> = {
  postgresql: {
    ...named('text', 'user password database host application_name fallback_application_name options client_encoding'),
    ...named('text', 'replication'),
    ...named('number', 'port connectionTimeoutMillis keepAliveInitialDelayMillis statement_timeout query_timeout'),
    ...named('number', 'lock_timeout idle_in_transaction_session_timeout scramMaxIterations'),
    ...named('switch', 'keepAlive binary pipeline enableChannelBinding'),
    ...named('code', 'types stream Promise connection'),
  },
  mysql: {
    ...named(
      'text',
      'user password database host password1 password2 password3 charset timezone socketPath localAddress',
    ),
    ...named('number', 'port connectTimeout keepAliveInitialDelay maxPreparedStatements charsetNumber connectionLimit'),
    ...named(
      'switch',
      'supportBigNumbers bigNumberStrings decimalNumbers stringifyObjects enableKeepAlive insecureAuth',
    ),
    ...named('switch', 'multipleStatements rowsAsArray namedPlaceholders compress disableEval enableCleartextPlugin'),
    ...named('switch', 'jsonStrings gracefulEnd trace debug'),
    ...named('code', 'authPlugins authSwitchHandler infileStreamFactory queryFormat stream pool isServer Promise'),
  },
  mssql: {
    ...named('text', 'user password database host server userName domain token clientId clientSecret tenantId type'),
    ...named('number', 'port connectionTimeout requestTimeout timeout'),
  },
  oracle: named('text', 'user password database host connectString'),
  sqlite: named('text', 'filename'),
};

/** The longest that a timer of Node.js takes, in milliseconds. */
const longest = 2_147_483_647;

/**
 * The settings of a driver, each of the type that it takes: TOML reads `7` as a number, and an environment variable has only text.
 *
 * @throws ConfigError `invalid_config` for what cannot be made one.
 */
export function typed(family: Family, settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(
    entries.map(([name, value]) => {
      const known = kinds[family];
      return [name, Object.hasOwn(known, name) ? read[known[name]!](name, value) : value];
    }),
  );
}

const read: Readonly<Record<Kind, (name: string, value: unknown) => unknown>> = {
  /** A function is a driver's way to be told a password later. */
  text(name, value) {
    if (typeof value === 'function') return value;
    if (typeof value === 'object' || typeof value === 'symbol') throw invalid(name, 'expected text');
    return scalarText(value);
  },
  number(name, value) {
    if (value === false) return undefined;
    const text = scalarText(value).trim();
    const number = text === '' || typeof value === 'boolean' ? NaN : Number(text);
    if (number >= 0 && number <= longest) return number;
    throw invalid(name, `expected a number from 0 to ${longest}`);
  },
  switch(name, value) {
    const text = scalarText(value);
    if (/^(1|true|yes|on)$/i.test(text)) return true;
    if (/^(0|false|no|off)$/i.test(text)) return false;
    throw invalid(name, 'expected true or false');
  },
  code(name, value) {
    const object = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
    const has = ['getTypeParser', 'on', 'getConnection'].some((method) => typeof object[method] === 'function');
    if (typeof value === 'function' || has || Object.values(object).some((one) => typeof one === 'function'))
      return value;
    throw invalid(name, 'the driver takes a function or an object of code');
  },
};

function invalid(name: string, why: string): ConfigError {
  return new ConfigError('invalid_config', `${name}: ${why}.`, { setting: `query.${name}` });
}
