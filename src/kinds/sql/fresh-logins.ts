import { switchMap, timer, type Subscription } from 'rxjs';
import {
  CredentialSupply,
  namedCredentials,
  providerOf,
  type CredentialHold,
  type Credentials,
  type CredentialsContext,
  type NamedCredentials,
} from '../../credentials/index.ts';
import { ConfigError } from '../../errors/index.ts';
import type { Config } from '../../secrets/index.ts';
import { isTable } from '../../table.ts';
import type { Leases } from '../base/index.ts';
import { classify } from './classification.ts';
import type { Target } from './target.ts';

/** The user and the password of one login. */
export interface Login {
  readonly user: string;
  readonly password: string;
  /** The login failed: credentials that the server refused are not used again. */
  failed(error: unknown): void;
}

/** The logins of one instance whose credentials come from a provider. */
export interface FreshLogins {
  /**
   * Gives the user and the password for a physical connection that is about to be opened.
   *
   * @throws NoCredentials, and ConfigError where they are none.
   */
  next(): Promise<Login>;
  /** The time at which the sessions end with their credentials. */
  readonly expiresAt: Date | number | undefined;
  /** The instance is closed: its credentials are revoked. */
  close(): Promise<void>;
}

/** Milliseconds after which a renewal is asked for again: it may have met an opening that began with the old credentials. */
const insist = 1000;

/** The origin of the logins of a SQL connection, over all of its instances. */
export class LoginSupply {
  readonly #leases: Leases<unknown>;
  #supply: CredentialSupply<Credentials> | undefined;

  constructor(leases: Leases<unknown>) {
    this.#leases = leases;
  }

  /**
   * The logins of a new instance; `undefined` where its password is written.
   *
   * @throws ConfigError `invalid_config`.
   */
  loginsFor(config: Config, target: Target): FreshLogins | undefined {
    const leases = this.#leases;
    const named = leases.shared<NamedCredentials>(namedCredentials, () => ({}));
    const provider = providerOf<Credentials>(config['credentials'], named);
    if (!provider) return (this.#supply = undefined);
    refuseUseless(config, target);
    const { host, port, database, username } = target;
    const context: Omit<CredentialsContext, 'signal'> = { connection: leases.name, host, port, database, username };
    if (!this.#supply?.serves(provider, context))
      this.#supply = new CredentialSupply({
        provider,
        scope: 'login',
        context,
        scheduler: leases.scheduler,
        check,
        conceal: (secrets) => leases.conceal?.(secrets),
        warn: (code, message) => leases.warn?.(code, message),
      });
    return new Logins(this.#supply.hold(), this.#supply.scope, leases, username);
  }
}

class Logins implements FreshLogins {
  readonly #hold: CredentialHold<Credentials>;
  readonly #scope: 'login' | 'session';
  readonly #leases: Leases<unknown>;
  readonly #username: string | undefined;
  #renewing: Subscription | undefined;

  constructor(
    hold: CredentialHold<Credentials>,
    scope: 'login' | 'session',
    leases: Leases<unknown>,
    username: string | undefined,
  ) {
    this.#hold = hold;
    this.#scope = scope;
    this.#leases = leases;
    this.#username = username;
  }

  async next(): Promise<Login> {
    const credentials = await this.#hold.current();
    if (this.#scope === 'session') this.#renewing ??= this.#renewWhenChanged();
    const { username: user = this.#username, password } = credentials;
    if (user === undefined)
      throw new ConfigError(
        'invalid_config',
        'credentials: they have no username, and neither has the section: give one of them.',
        { setting: 'username' },
      );
    return {
      user,
      password,
      failed: (error) => {
        if (classify(error)?.category === 'auth') this.#hold.refused(credentials);
      },
    };
  }

  get expiresAt(): Date | number | undefined {
    return this.#scope === 'session' ? this.#hold.first?.expiresAt : undefined;
  }

  close(): Promise<void> {
    this.#renewing?.unsubscribe();
    return this.#hold.close();
  }

  #renewWhenChanged(): Subscription {
    return this.#hold.changed$
      .pipe(switchMap(() => timer(0, insist, this.#leases.scheduler)))
      .subscribe({ next: () => this.#leases.renew(), error: () => undefined });
  }
}

const expected = 'expected { username?, password, expiresAt? }';

function check(given: unknown): Credentials {
  const { username, password, user } = isTable(given) ? given : {};
  if (typeof password !== 'string' || password === '') throw invalid(`${expected}, and there is no password.`);
  if (username !== undefined && (typeof username !== 'string' || username === ''))
    throw invalid(`${expected}, and the username is no text.`);
  if (username === undefined && user !== undefined) throw invalid(`${expected}: "user" is no part of them.`);
  return given as Credentials;
}

/** Refuses credentials where nobody would hear of them. */
function refuseUseless({ knex }: Config, { dialect }: Target): void {
  if (dialect.family === 'sqlite') throw invalid('SQLite has no logins.');
  const connection = isTable(knex) ? knex['connection'] : undefined;
  if (typeof connection === 'function')
    throw invalid('knex.connection is a function, which gives the password too: leave one of them out.');
}

function invalid(message: string): ConfigError {
  return new ConfigError('invalid_config', `credentials: ${message}`, { setting: 'credentials' });
}
