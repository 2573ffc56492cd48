import { createHash, randomBytes } from 'node:crypto';
import type { Answer } from './answer.ts';
import type { Users } from './users.ts';

/** What a code or a refresh token stands for. */
interface Grant {
  readonly user: string;
  readonly challenge?: string | null;
}

/**
 * The token service of Snowflake OAuth, for the driver's OAUTH_CLIENT_CREDENTIALS and OAUTH_AUTHORIZATION_CODE
 * (with its option `oauthHttpAllowed: true`). Whoever opens the authorize page has agreed.
 */
export class OAuth {
  readonly #users: Users;
  readonly #tokenMs: number;
  readonly #codes = new Map<string, Grant>();
  readonly #refreshTokens = new Map<string, Grant>();

  constructor(users: Users, tokenMs: number) {
    this.#users = users;
    this.#tokenMs = tokenMs;
  }

  /** GET /oauth/authorize: back to the redirect address with a code. */
  authorize({ searchParams }: URL): Answer {
    const user = this.#users.byClient(searchParams.get('client_id') ?? '');
    if (user === undefined) return failed('invalid_client', 401);
    const code = secret();
    this.#codes.set(code, { user, challenge: searchParams.get('code_challenge') });
    const back = new URL(searchParams.get('redirect_uri') ?? '');
    back.searchParams.set('code', code);
    back.searchParams.set('state', searchParams.get('state') ?? '');
    return { status: 302, location: back.href, json: {} };
  }

  /** POST /oauth/token-request */
  token(form: Readonly<Record<string, unknown>>): Answer {
    const field = (name: string) => (typeof form[name] === 'string' ? form[name] : '');
    const user = this.#users.byClient(field('client_id'), field('client_secret'));
    if (user === undefined)
      return failed('invalid_client', 401, 'The client secret supplied for a confidential client is invalid.');
    if (field('grant_type') === 'client_credentials') return this.#issue(user);
    const grant = this.#redeem(field('grant_type'), field('code'), field('code_verifier'), field('refresh_token'));
    if (grant?.user !== user) return failed('invalid_grant', 400);
    const refreshToken = secret();
    this.#refreshTokens.set(refreshToken, { user });
    return this.#issue(user, refreshToken);
  }

  // Codes and refresh tokens work once.
  #redeem(type: string, code: string, verifier: string, refreshToken: string): Grant | undefined {
    if (type === 'refresh_token') return take(this.#refreshTokens, refreshToken);
    const grant = type === 'authorization_code' ? take(this.#codes, code) : undefined;
    const proof = createHash('sha256').update(verifier).digest('base64url');
    return grant?.challenge === proof ? grant : undefined;
  }

  #issue(user: string, refreshToken?: string): Answer {
    const token = secret();
    this.#users.grant(user, { kind: 'oauth', token, expiresAt: Date.now() + this.#tokenMs });
    const json = { access_token: token, token_type: 'Bearer', expires_in: Math.ceil(this.#tokenMs / 1000) };
    return { json: refreshToken === undefined ? json : { ...json, refresh_token: refreshToken } };
  }
}

const secret = () => randomBytes(24).toString('base64url');
/** As recorded in go/…/auth/oauth2/client_credentials/invalid_client.json. */
const failed = (error: string, status: number, text?: string): Answer => ({
  status,
  json: { error, ...(text !== undefined && { error_description: text }) },
});

function take(grants: Map<string, Grant>, key: string): Grant | undefined {
  const grant = grants.get(key);
  grants.delete(key);
  return grant;
}
