import { existsSync } from 'node:fs';
import type { FallbackSettings } from '../base/index.ts';

/** Where Snowflake puts the token of a service that runs in it; it is written anew every few minutes. */
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
