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

/** What exists, where only that may be named. */
export interface Catalog {
  readonly accounts?: readonly string[];
  readonly warehouses?: readonly string[];
  readonly databases?: readonly string[];
}

/** Who got in; `token` is set when the session lives no longer than the token it was opened with. */
export interface Login {
  readonly user: string;
  readonly account?: string;
  readonly token?: string;
  /** Good for the next login instead of a second factor, or instead of a browser. */
  readonly mfaToken?: string | undefined;
  readonly idToken?: string | undefined;
}

const tokenKinds: Record<string, SnowflakeToken['kind']> = {
  OAUTH: 'oauth',
  PROGRAMMATIC_ACCESS_TOKEN: 'pat',
  WORKLOAD_IDENTITY: 'workload',
  EXTERNALBROWSER: 'saml',
  ID_TOKEN: 'id',
};

/** A refused login as it is recorded: go/…/auth/pat/invalid_token.json and auth/mfa/parallel_login_first_fails….json. */
function denied(code: string, message: string, authnMethod: string): Refusal {
  return refusal(code, message, undefined, { nextAction: 'RETRY_LOGIN', authnMethod, signInOptions: {} });
}

/** Judges a login by the credentials registered at this moment. */
export function login(data: LoginData, users: Users, role: string | undefined, catalog: Catalog = {}): Login | Refusal {
  const account = data.ACCOUNT_NAME?.toUpperCase();
  // go/…/auth/password/invalid_host.json
  if (catalog.accounts && !catalog.accounts.some((name) => name.toUpperCase() === account))
    return { ...refusal('390144', 'Invalid account name or host.'), status: 403 };
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
  if (kind) return byToken(kind, data, users);
  return refusal('390139', 'The specified authenticator is not accepted by your Snowflake account configuration.');
}

function byPassword(data: LoginData, users: Users): Login | Refusal {
  const name = data.LOGIN_NAME ?? '';
  const user = users.get(name);
  const wrong = 'Incorrect username or password was specified.';
  if (!user) return refusal('390422', wrong);
  if (user.password === undefined || user.password !== data.PASSWORD) return refusal('390100', wrong);
  const entry = { user: name.toUpperCase() };
  if (user.passcode === undefined) return entry;
  if (data.TOKEN !== undefined && users.byToken('mfa', data.TOKEN)?.name === entry.user) return entry;
  if (data.PASSCODE === undefined)
    return denied(
      '394508',
      'Failed to authenticate: MFA with TOTP is required. To authenticate, provide both your password and a current TOTP passcode.',
      'USERNAME_PASSWORD',
    );
  if (!users.spend(name, data.PASSCODE))
    return denied('394507', 'Failed to authenticate: the passcode is wrong or was used.', 'USERNAME_PASSWORD');
  const asked = data.SESSION_PARAMETERS?.['CLIENT_REQUEST_MFA_TOKEN'] === true;
  return asked ? { ...entry, mfaToken: users.issue(name, 'mfa') } : entry;
}

function byKeyPair(data: LoginData, users: Users): Login | Refusal {
  const name = data.LOGIN_NAME ?? '';
  const keys = users.get(name)?.publicKeys ?? [];
  if (acceptsJwt(data.TOKEN ?? '', data.ACCOUNT_NAME ?? '', name, keys)) return { user: name.toUpperCase() };
  return denied('390144', 'JWT token is invalid.', 'KEYPAIR');
}

function byToken(kind: SnowflakeToken['kind'], data: LoginData, users: Users): Login | Refusal {
  const token = data.TOKEN ?? '';
  const found = users.byToken(kind, token);
  const over = users.expired(kind, token);
  if (kind === 'pat' && (!found || over)) return denied('394400', 'Programmatic access token is invalid.', 'PAT');
  if (kind === 'saml' && !found) return denied('390190', 'The SAML response is invalid.', 'SAML2');
  if (kind === 'id' && (!found || over)) return denied('390195', 'ID Token is invalid.', 'ID_TOKEN');
  if (!found) return denied('390303', 'Invalid OAuth access token. ', 'OAUTH');
  if (over) return denied('390318', 'OAuth access token expired.', 'OAUTH');
  if (kind === 'oauth') return { user: found.name, token };
  const keeps = kind === 'saml' && data.SESSION_PARAMETERS?.['CLIENT_STORE_TEMPORARY_CREDENTIAL'] === true;
  return keeps ? { user: found.name, idToken: users.issue(found.name, 'id') } : { user: found.name };
}
