import { acceptsJwt } from './keypair.ts';
import type { Refusal } from './refusal.ts';
import { refusal } from './refusal.ts';
import type { SnowflakeToken, Users } from './users.ts';

/** The part of a login request that says who wants in. */
export interface LoginData {
  readonly ACCOUNT_NAME?: string;
  readonly LOGIN_NAME?: string;
  readonly AUTHENTICATOR?: string;
  readonly PASSWORD?: string;
  readonly PASSCODE?: string;
  readonly TOKEN?: string;
  readonly SESSION_PARAMETERS?: Record<string, unknown>;
}

/** Who got in; `token` is set when the session lives no longer than the token it was opened with. */
export interface Login {
  readonly user: string;
  readonly account?: string;
  readonly token?: string;
}

const tokenKinds: Record<string, SnowflakeToken['kind']> = {
  OAUTH: 'oauth',
  PROGRAMMATIC_ACCESS_TOKEN: 'pat',
  WORKLOAD_IDENTITY: 'workload',
};

/** Judges a login by the credentials registered at this moment. */
export function login(data: LoginData, users: Users, role: string | undefined): Login | Refusal {
  const verdict = judge(data, users);
  if ('code' in verdict || role === undefined) return verdict;
  const roles = users.get(verdict.user)?.roles;
  if (!roles || roles.some((granted) => granted.toUpperCase() === role.toUpperCase())) return verdict;
  return refusal('390189', `Role '${role}' specified in the connect string is not granted to this user.`);
}

function judge(data: LoginData, users: Users): Login | Refusal {
  const authenticator = (data.AUTHENTICATOR ?? 'SNOWFLAKE').toUpperCase();
  if (authenticator === 'SNOWFLAKE' || authenticator === 'USERNAME_PASSWORD_MFA') return byPassword(data, users);
  if (authenticator === 'SNOWFLAKE_JWT') return byKeyPair(data, users);
  const kind = tokenKinds[authenticator];
  if (kind) return byToken(kind, data.TOKEN ?? '', users);
  return refusal('390139', 'The specified authenticator is not accepted by your Snowflake account configuration.');
}

function byPassword(data: LoginData, users: Users): Login | Refusal {
  const user = users.get(data.LOGIN_NAME ?? '');
  if (user?.password === undefined || user.password !== data.PASSWORD)
    return refusal('390100', 'Incorrect username or password was specified.');
  if (user.passcode !== undefined && user.passcode !== data.PASSCODE)
    return refusal('390127', 'Multi-factor authentication is required for this account.');
  return { user: (data.LOGIN_NAME ?? '').toUpperCase() };
}

function byKeyPair(data: LoginData, users: Users): Login | Refusal {
  const name = data.LOGIN_NAME ?? '';
  const keys = users.get(name)?.publicKeys ?? [];
  if (acceptsJwt(data.TOKEN ?? '', data.ACCOUNT_NAME ?? '', name, keys)) return { user: name.toUpperCase() };
  return refusal('390144', 'JWT token is invalid.');
}

function byToken(kind: SnowflakeToken['kind'], token: string, users: Users): Login | Refusal {
  const found = users.byToken(kind, token);
  if (kind === 'pat' && (!found || users.expired(kind, token)))
    return refusal('394400', 'Programmatic access token is invalid.');
  if (!found) return refusal('390303', 'Invalid OAuth access token.');
  if (users.expired(kind, token)) return refusal('390318', 'OAuth access token expired.');
  return kind === 'oauth' ? { user: found.name, token } : { user: found.name };
}
