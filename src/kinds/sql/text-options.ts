import { ConfigError } from '../../errors/index.ts';
import type { Family } from './dialects.ts';
import { scalarText } from './written.ts';

const login = ['user', 'password', 'database', 'host'];

/** Options that the protocol sends as text. A driver given anything else throws when the server has answered, which ends the process. */
const texts: Readonly<Record<Family, readonly string[]>> = {
  postgresql: [
    ...login,
    ...'application_name fallback_application_name options client_encoding replication'.split(' '),
  ],
  mysql: [...login, ...'password1 password2 password3 charset timezone socketPath localAddress'.split(' ')],
  mssql: [...login, ...'server userName domain token clientId clientSecret tenantId type'.split(' ')],
  oracle: [...login, 'connectString'],
  sqlite: ['filename'],
};

/**
 * The settings of a driver with text where its protocol has text. A function is a driver's way to be told later.
 *
 * @throws ConfigError `invalid_config` for a table or an array.
 */
export function asText(family: Family, settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const result: Record<string, unknown> = { ...settings };
  for (const name of texts[family]) if (Object.hasOwn(result, name)) result[name] = textOf(name, result[name]);
  return result;
}

function textOf(name: string, value: unknown): unknown {
  if (value === undefined || value === null || typeof value === 'string' || typeof value === 'function') return value;
  if (typeof value !== 'object' && typeof value !== 'symbol') return scalarText(value);
  throw new ConfigError('invalid_config', `${name}: expected text.`, { setting: `query.${name}` });
}
