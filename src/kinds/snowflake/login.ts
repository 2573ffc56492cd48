import { Subscription, timer } from 'rxjs';
import {
  CredentialSupply,
  namedCredentials,
  providerOf,
  type CredentialHold,
  type NamedCredentials,
} from '../../credentials/index.ts';
import { HotlineError, OpenError, messageOf } from '../../errors/index.ts';
import type { Leases } from '../base/index.ts';
import { classify } from './classification.ts';
import { checked, currentSettings$, type CurrentSettings, type SnowflakeCredentials } from './credentials.ts';
import { loadDriver } from './driver.ts';
import { sessionOptions, type SessionOptions } from './driver-options.ts';
import { Session } from './session.ts';
import { tokensInMemory, type TokenCache } from './token-cache.ts';

type Settings = Readonly<Record<string, unknown>>;

/** Milliseconds after which a renewal is asked for again: it may have met an opening that began with the old credentials. */
const insist = 1000;

/** One for all connections of a registry: they may have a user in common. */
const tokenCache = Symbol('tokens of logins');

/** One session, and where its credentials come from. */
interface Entered {
  /** Ends when nobody cares for a change of them any more. */
  readonly watch: Subscription;
  readonly hold: CredentialHold<SnowflakeCredentials> | undefined;
  readonly expiresAt: Date | number | undefined;
}

/** Opens sessions with the credentials of the moment, and asks for the replacement of an instance when they change. */
export class Login {
  readonly #leases: Leases<unknown>;
  readonly #entered = new WeakMap<Session, Entered>();
  readonly #tokens: TokenCache;
  #supply: CredentialSupply<SnowflakeCredentials> | undefined;
  /** The last passcode that a login went by. */
  #spent: string | undefined;

  constructor(leases: Leases<unknown>) {
    this.#leases = leases;
    this.#tokens = leases.shared(tokenCache, tokensInMemory);
  }

  /** A session for an instance: from now on a change of its credentials renews the instance. */
  async open(settings: Settings, signal: AbortSignal): Promise<Session> {
    const supply = this.#supplyFor(settings);
    const hold = supply?.hold();
    const watch = new Subscription();
    try {
      const current = await this.#first({ settings, hold, watch, renewing: supply?.scope !== 'login' }, signal);
      const session = await this.#enter(current, signal, hold);
      const expiresAt = supply?.scope === 'login' ? undefined : current.expiresAt;
      this.#entered.set(session, { watch, hold, expiresAt });
      return session;
    } catch (error) {
      watch.unsubscribe();
      await hold?.close();
      throw error;
    }
  }

  /** When the credentials of an instance's session run out. */
  expiresAt(session: Session): Date | number | undefined {
    return this.#entered.get(session)?.expiresAt;
  }

  /** One more session for the instance of another, with the credentials of this moment. */
  async another(settings: Settings, signal: AbortSignal, of?: Session): Promise<Session> {
    const once = new Subscription();
    const hold = (of && this.#entered.get(of)?.hold) ?? this.#supplyFor(settings)?.hold();
    const current = this.#first({ settings, hold, watch: once, renewing: false }, signal);
    return this.#enter(await current.finally(() => once.unsubscribe()), signal, hold);
  }

  /** The session is retired: its credentials are of no interest any more. */
  forget(session: Session): void {
    this.#entered.get(session)?.watch.unsubscribe();
  }

  /** The instance of the session is closed: its credentials are revoked. */
  async closed(session: Session): Promise<void> {
    await this.#entered.get(session)?.hold?.close();
  }

  #supplyFor(settings: Settings): CredentialSupply<SnowflakeCredentials> | undefined {
    const leases = this.#leases;
    const named = leases.shared<NamedCredentials>(namedCredentials, () => ({}));
    const provider = providerOf<SnowflakeCredentials>(settings['credentials'], named);
    if (!provider) return (this.#supply = undefined);
    const said = (name: string): string | undefined =>
      typeof settings[name] === 'string' ? settings[name] : undefined;
    const context = {
      connection: leases.name,
      host: said('host') ?? said('accessUrl') ?? said('account'),
      port: Number(settings['port']) || undefined,
      database: said('database'),
      username: said('username'),
    };
    if (!this.#supply?.serves(provider, context))
      this.#supply = new CredentialSupply({
        provider,
        scope: 'session',
        context,
        scheduler: leases.scheduler,
        check: checked,
        conceal: (secrets) => leases.conceal?.(secrets),
        warn: (code, message) => leases.warn?.(code, message),
      });
    return this.#supply;
  }

  async #enter(
    { settings, keyFile, given }: CurrentSettings,
    signal: AbortSignal,
    hold: Entered['hold'],
  ): Promise<Session> {
    const options = this.#unspent(sessionOptions(settings, { privateKey: keyFile }));
    const driver = await loadDriver();
    try {
      const session = await Session.open(options, driver, signal, this.#tokens);
      this.#spent = options.driver.passcode ?? this.#spent;
      return session;
    } catch (error) {
      if (signal.aborted) throw error;
      const refused = this.#refused(error, options);
      if (given && refused instanceof OpenError && refused.category === 'auth') hold?.refused(given);
      throw refused;
    }
  }

  /** A passcode is good once: further logins go by the token that the first one has earned. */
  #unspent(options: SessionOptions): SessionOptions {
    const { passcode, ...driver } = options.driver;
    return passcode === undefined || passcode !== this.#spent ? options : { ...options, driver };
  }

  #first(
    { settings, hold, watch, renewing }: Omit<Entered, 'expiresAt'> & { settings: Settings; renewing: boolean },
    signal: AbortSignal,
  ): Promise<CurrentSettings> {
    return new Promise((resolve, reject) => {
      let known = false;
      const renewal = new Subscription();
      watch.add(renewal);
      const next = (current: CurrentSettings): void => {
        if (!known) {
          known = true;
          return resolve(current);
        }
        if (renewing && !renewal.closed)
          renewal.add(timer(0, insist, this.#leases.scheduler).subscribe(() => this.#leases.renew()));
      };
      const stop = (): void => reject(signal.reason as Error);
      if (signal.aborted) return stop();
      signal.addEventListener('abort', stop, { once: true });
      watch.add(() => signal.removeEventListener('abort', stop));
      const error = (thrown: unknown): void => reject(thrown);
      watch.add(currentSettings$(settings, this.#leases, hold?.credentials$).subscribe({ next, error }));
    });
  }

  /** The error of a failed login, without the secrets that only the driver knows. */
  #refused(error: unknown, { driver, interactive }: SessionOptions): unknown {
    if (error instanceof HotlineError) return error;
    const { name: connection } = this.#leases;
    const refusal = refusalOfToken(error);
    const known = refusal === undefined ? classify(error)?.category : 'auth';
    // Nobody wants a browser to open again by itself.
    const category = known ?? (interactive ? 'auth' : 'transient');
    const said = refusal ?? messageOf(error);
    const [code, what] =
      category === 'auth'
        ? (['auth_failed', 'refused the login'] as const)
        : (['open_failed', 'could not be reached'] as const);
    const { oauthClientSecret } = driver as { oauthClientSecret?: unknown };
    const secrets = [driver.password, driver.token, driver.privateKey, driver.passcode, oauthClientSecret].filter(
      (secret): secret is string => typeof secret === 'string',
    );
    return new OpenError(code, `"${connection}": Snowflake ${what}: ${said}`, {
      connection,
      category,
      cause: error,
      secrets: [...this.#leases.secrets(), ...secrets],
    });
  }
}

/** The words of a token service of OAuth in its refusal (RFC 6749, 5.2); `undefined` for any other error. */
function refusalOfToken(error: unknown): string | undefined {
  const {
    response,
    error: name,
    error_description: text,
  } = (error ?? {}) as {
    response?: { status?: number; data?: unknown };
    error?: unknown;
    error_description?: unknown;
  };
  if (typeof name === 'string') return typeof text === 'string' ? `${name}: ${text}` : name;
  if (response?.status !== 400 && response?.status !== 401) return undefined;
  try {
    const { data } = response;
    const body: unknown = typeof data === 'string' ? JSON.parse(data) : data;
    return refusalOfToken({ ...(body as object), response: undefined });
  } catch {
    return undefined;
  }
}
