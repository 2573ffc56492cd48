import { ConfigError } from '../../errors/index.ts';
import type { Family } from './dialects.ts';
import { comparable } from '../../spelling.ts';
import { scalarText } from './written.ts';

/** Options that would change what happens, and that no driver of Node.js hears: what to write instead. */
const unheard: Readonly<Record<string, string>> = {
  isolationlevel: "ask for it per transaction: transaction(fn, { isolation: 'serializable' })",
  odbcconnect: 'write host, port, username, password and database',
  trustedconnection: 'the driver has no Windows login: write username and password',
  integratedsecurity: 'the driver has no Windows login: write username and password',
  hostaddr: 'write host',
  service: 'write host, port, username and database: service files are not read',
  servicefile: 'write host, port, username and database: service files are not read',
  passfile: 'write password, or password = "${file:…}"',
  targetsessionattrs: 'write the host of the server that is meant',
  loadbalancehosts: 'write one host',
  requireauth: 'leave it out: the driver takes what the server asks for',
  initcommand: 'write on_connect',
  readdefaultfile: 'write the options themselves: option files are not read',
  readdefaultgroup: 'write the options themselves: option files are not read',
  connectionstring: 'write url',
  uri: 'write url',
  dsn: 'write url',
};

/** The same for one family: settings of the session, which other clients set at the login. mysql2 has a `timezone` of its own. */
const unheardIn: Partial<Record<Family, Readonly<Record<string, string>>>> = {
  postgresql: { timezone: 'write on_connect = "set time zone …"' },
  mysql: { time_zone: 'write on_connect = "set time_zone = …"', sqlmode: 'write on_connect = "set sql_mode = …"' },
};

/** Words that mean a schema; knex sets it where the server has a search path. */
const schemas = ['schema', 'searchpath', 'currentschema'];

/**
 * Refuses options that would do nothing although they ask for something.
 *
 * @throws ConfigError `invalid_config` with what to write instead.
 */
export function refuseUnheard(family: Family, query: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(query)) {
    const known = comparable(name);
    // It is run as a statement of `on_connect`.
    if (family === 'mysql' && known === 'initcommand') continue;
    // SQLite's own word, by which a path may have options.
    if (family === 'sqlite' && known === 'uri') continue;
    const cure =
      family !== 'postgresql' && namesSchema(name)
        ? 'write database, or the name of the schema into the statements'
        : (unheardIn[family]?.[name.toLowerCase()] ?? unheardIn[family]?.[known] ?? unheard[known]);
    if (cure && !isOff(value))
      throw new ConfigError('invalid_config', `query.${name}: the driver would not hear it: ${cure}.`, {
        setting: `query.${name}`,
      });
  }
}

export function namesSchema(name: string): boolean {
  return schemas.includes(comparable(name));
}

/** The schemas that a query of PostgreSQL names. */
export function searchPathIn(query: Readonly<Record<string, unknown>>): string[] | undefined {
  const found = Object.entries(query).filter(([name]) => namesSchema(name));
  if (found.length === 0) return undefined;
  return found
    .flatMap(([, value]) => (Array.isArray(value) ? (value as unknown[]) : scalarText(value).split(',')))
    .map((name) =>
      String(name)
        .trim()
        .replace(/^"(.*)"$/, '$1'),
    );
}

/** True for a value that switches an option off: without the option it would be off as well. */
function isOff(value: unknown): boolean {
  return /^(0|false|no|off|any|disable|)$/i.test(String(value));
}
