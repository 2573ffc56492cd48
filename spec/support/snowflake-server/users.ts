import { randomBytes } from 'node:crypto';

/** A token somebody may log in with; `expiresAt` in epoch milliseconds. */
export interface SnowflakeToken {
  readonly kind: 'oauth' | 'pat' | 'workload' | 'saml' | 'id' | 'mfa';
  readonly token: string;
  readonly expiresAt?: number;
}

/** What one user may log in with. Two public keys at once are allowed, as Snowflake does for rotation. */
export interface SnowflakeUser {
  readonly password?: string;
  /** One-time code asked for besides the password (USERNAME_PASSWORD_MFA); it is good once. */
  readonly passcode?: string;
  /** PEM, or the bare base64 body that `ALTER USER … SET RSA_PUBLIC_KEY` takes. */
  readonly publicKeys?: readonly string[];
  readonly tokens?: readonly SnowflakeToken[];
  /** The OAuth client that speaks for this user. */
  readonly client?: { readonly id: string; readonly secret: string };
  /** When given, logging in with any other role is refused. */
  readonly roles?: readonly string[];
}

/** The registered users; change one at run time and the next login is judged by the new credentials. */
export class Users {
  readonly #users = new Map<string, SnowflakeUser>();
  readonly #spent = new Set<string>();

  constructor(users: Readonly<Record<string, SnowflakeUser>>) {
    for (const [name, user] of Object.entries(users)) this.set(name, user);
  }

  set(name: string, user: SnowflakeUser): void {
    this.#users.set(name.toUpperCase(), user);
  }

  delete(name: string): void {
    this.#users.delete(name.toUpperCase());
  }

  get(name: string): SnowflakeUser | undefined {
    return this.#users.get(name.toUpperCase());
  }

  /** Tokens carry their user, so a login by token may leave the name out. */
  byToken(kind: SnowflakeToken['kind'], token: string): { name: string; token: SnowflakeToken } | undefined {
    for (const [name, user] of this.#users) {
      const found = user.tokens?.find((candidate) => candidate.kind === kind && candidate.token === token);
      if (found) return { name, token: found };
    }
    return undefined;
  }

  /** The user an OAuth client speaks for; with its secret, when the secret is asked for. */
  byClient(id: string, secret?: string): string | undefined {
    for (const [name, { client }] of this.#users)
      if (client?.id === id && (secret === undefined || client.secret === secret)) return name;
    return undefined;
  }

  /** Whether the passcode is the one of the user; it is no more good afterwards. */
  spend(name: string, passcode: string): boolean {
    const spent = `${name.toUpperCase()} ${passcode}`;
    if (this.get(name)?.passcode !== passcode || this.#spent.has(spent)) return false;
    this.#spent.add(spent);
    return true;
  }

  /** A new token for the user. */
  issue(name: string, kind: SnowflakeToken['kind']): string {
    const token = randomBytes(24).toString('base64url');
    this.grant(name, { kind, token });
    return token;
  }

  /** One more token for the user. */
  grant(name: string, token: SnowflakeToken): void {
    const user = this.get(name) ?? {};
    this.set(name, { ...user, tokens: [...(user.tokens ?? []), token] });
  }

  /** Lets a token run out now, for logins and for the sessions it has opened. */
  expireToken(token: string): void {
    for (const [name, user] of this.#users) {
      const tokens = user.tokens?.map((entry) => (entry.token === token ? { ...entry, expiresAt: 0 } : entry));
      if (tokens) this.set(name, { ...user, tokens });
    }
  }

  expired(kind: SnowflakeToken['kind'], token: string): boolean {
    const found = this.byToken(kind, token);
    return found?.token.expiresAt !== undefined && found.token.expiresAt <= Date.now();
  }
}
