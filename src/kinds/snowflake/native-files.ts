import { existsSync } from 'node:fs';
import { ConfigError } from '../../errors/index.ts';
import type { FallbackContext, FallbackSettings } from '../base/index.ts';
import { optionName } from './option-names.ts';

type Table = Readonly<Record<string, unknown>>;

/**
 * The settings of a connection in Snowflake's own files (the source `snowflakeFiles()` reads them): the one that
 * `connection_name` names, or the one of the same name; for `snowflake` without a section the default one. Inside
 * Snowflake, where nothing else is said, it is the service that the program runs in.
 *
 * @throws ConfigError `invalid_config` when there is none of the name that was asked for.
 */
export function snowflakeFallback({
  name,
  settings,
  hasSection,
  secrets,
}: FallbackContext): FallbackSettings | undefined {
  const place = ['snowflake', 'connections'];
  const known = tableOf(secrets.reveal(place));
  const asked = settings['connection_name'] ?? settings['connectionName'];
  const usual = secrets.reveal(['snowflake', 'default_connection_name']) ?? 'default';
  const chosen = asked ?? (Object.hasOwn(known, name) ? name : !hasSection && name === 'snowflake' ? usual : undefined);
  if (typeof chosen === 'string' && Object.hasOwn(known, chosen)) {
    const path = [...place, chosen];
    return {
      settings: leftOpen(tableOf(known[chosen]), settings),
      origin: (inner) => secrets.origin([...path, ...inner]) ?? "Snowflake's files",
    };
  }
  if (asked !== undefined) throw unknownName(asked, Object.keys(known));
  return hasSection || Object.keys(settings).length > 0 ? undefined : inPlatform();
}

/** The settings of a login; a section that has one of them takes none from the fallback. */
const proof = /^(authenticator|password|passcode|privateKey|token|credentials|oauth|workloadIdentity)/;

/** The settings of which nothing is said above, in any spelling. */
export function leftOpen(fallback: Table, above: Table): Table {
  const stated = new Set(Object.keys(above).map(optionName));
  const proven = [...stated].some((option) => proof.test(option));
  return Object.fromEntries(
    Object.entries(fallback).filter(([name]) => {
      const option = optionName(name);
      return !stated.has(option) && !(proven && proof.test(option));
    }),
  );
}

function unknownName(asked: unknown, known: readonly string[]): ConfigError {
  const there =
    known.length > 0
      ? `There are: ${known.join(', ')}.`
      : 'None is known: add snowflakeFiles() to the sources, and look whether connections.toml can be read.';
  return new ConfigError(
    'invalid_config',
    `connection_name: Snowflake's files have no connection "${String(asked)}". ${there}`,
  );
}

function tableOf(value: unknown): Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Table) : {};
}

/** The file in which Snowflake keeps the token of a service that runs in it; it is rewritten every few minutes. */
const tokenFile = '/snowflake/session/token';

/** The connection that Snowflake gives a program that runs in it (Snowpark Container Services). */
export function inPlatform(
  env = process.env,
  exists: (path: string) => boolean = existsSync,
): FallbackSettings | undefined {
  const { SNOWFLAKE_HOST: host, SNOWFLAKE_ACCOUNT: account } = env;
  if (!host || !account || !exists(tokenFile)) return undefined;
  const settings = {
    host,
    account,
    authenticator: 'oauth',
    token_file_path: tokenFile,
    database: env['SNOWFLAKE_DATABASE'],
    schema: env['SNOWFLAKE_SCHEMA'],
  };
  return { settings, origin: ([name]) => (name === 'token_file_path' ? tokenFile : 'the environment of Snowflake') };
}
