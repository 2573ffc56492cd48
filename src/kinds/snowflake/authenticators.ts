import { closest, distance } from 'fastest-levenshtein';
import { ConfigError } from '../../errors/index.ts';

type Options = Readonly<Record<string, unknown>>;

/** The settings that each authenticator needs besides the account; of a list one is enough. */
const needs: Readonly<Record<string, readonly (string | readonly string[])[]>> = {
  SNOWFLAKE: ['username', 'password'],
  USERNAME_PASSWORD_MFA: ['username', 'password'],
  SNOWFLAKE_JWT: ['username', ['privateKey', 'privateKeyPath']],
  OAUTH: [['token', 'tokenFilePath']],
  PROGRAMMATIC_ACCESS_TOKEN: [['token', 'tokenFilePath', 'password']],
  WORKLOAD_IDENTITY: ['workloadIdentityProvider'],
  EXTERNALBROWSER: ['username'],
  OAUTH_AUTHORIZATION_CODE: [],
  OAUTH_CLIENT_CREDENTIALS: ['oauthClientId', 'oauthClientSecret'],
};

/**
 * The authenticator of the options; where none is named, a private key or a password says which it is.
 *
 * @throws ConfigError `invalid_config` for one that the driver does not have, and naming all that is missing for this one.
 */
export function authenticatorOf(options: Options): string {
  const authenticator = named(options);
  const okta = authenticator.startsWith('HTTPS://');
  const missing = (okta ? ['username', 'password'] : needs[authenticator]!)
    .concat(
      options['account'] === undefined && options['host'] === undefined && options['accessUrl'] === undefined
        ? ['account']
        : [],
    )
    .filter((need) => [need].flat().every((name) => options[name] === undefined))
    .map((need) => [need].flat().map(snake).join(' or '));
  if (missing.length === 0) return okta ? String(options['authenticator']) : authenticator;
  throw new ConfigError(
    'invalid_config',
    `missing ${missing.join(', ')}: the authenticator ${authenticator.toLowerCase()} needs ${missing.length > 1 ? 'them' : 'it'}.`,
  );
}

function named({ authenticator, privateKey, privateKeyPath, password }: Options): string {
  if (authenticator === undefined)
    return (privateKey ?? privateKeyPath) !== undefined && password === undefined ? 'SNOWFLAKE_JWT' : 'SNOWFLAKE';
  if (typeof authenticator !== 'string') throw new ConfigError('invalid_config', 'authenticator: expected text.');
  const name = authenticator.trim().toUpperCase();
  if (Object.hasOwn(needs, name) || name.startsWith('HTTPS://')) return name;
  const known = Object.keys(needs);
  const nearest = closest(name, known);
  const hint = distance(name, nearest) <= 4 ? ` Did you mean "${nearest.toLowerCase()}"?` : '';
  throw new ConfigError(
    'invalid_config',
    `authenticator: there is no "${authenticator}".${hint} There are: ${known.join(', ').toLowerCase()}, or the https:// address of Okta.`,
  );
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
