import { ReplaySubject, share, Subscription, timer, type Observable } from 'rxjs';
import { HotlineError, OpenError, messageOf } from '../../errors/index.ts';
import type { Leases } from '../base/index.ts';
import { classify } from './classification.ts';
import { currentSettings$, type CurrentSettings } from './credentials.ts';
import { loadDriver } from './driver.ts';
import { sessionOptions, type SessionOptions } from './driver-options.ts';
import { Session } from './session.ts';
import { tokensInMemory, type TokenCache } from './token-cache.ts';

type Settings = Readonly<Record<string, unknown>>;

/** Milliseconds after which a renewal is asked for again: it may have met an opening that began with the old credentials. */
const insist = 1000;

/** One for all connections of a registry: they may have a user in common. */
const tokenCache = Symbol('tokens of logins');

/** Opens sessions with the credentials of the moment, and asks for the replacement of an instance when they change. */
export class Login {
  readonly #leases: Leases<unknown>;
  readonly #provided = new WeakMap<object, Observable<unknown>>();
  readonly #watches = new WeakMap<Session, Subscription>();
  readonly #expiries = new WeakMap<Session, Date | number | undefined>();

  readonly #tokens: TokenCache;
  /** The last passcode that a login went by. */
  #spent: string | undefined;

  constructor(leases: Leases<unknown>) {
    this.#leases = leases;
    this.#tokens = leases.shared(tokenCache, tokensInMemory);
  }

  /** A session for an instance: from now on a change of its credentials renews the instance. */
  async open(settings: Settings, signal: AbortSignal): Promise<Session> {
    const watch = new Subscription();
    try {
      const current = await this.#first(settings, watch, signal);
      const session = await this.#enter(current, signal);
      this.#watches.set(session, watch);
      this.#expiries.set(session, current.expiresAt);
      return session;
    } catch (error) {
      watch.unsubscribe();
      throw error;
    }
  }

  /** When the credentials of an instance's session run out. */
  expiresAt(session: Session): Date | number | undefined {
    return this.#expiries.get(session);
  }

  /** One more session, with the credentials of this moment. */
  async another(settings: Settings, signal: AbortSignal): Promise<Session> {
    const once = new Subscription();
    const current = this.#first(settings, once, signal, false);
    return this.#enter(await current.finally(() => once.unsubscribe()), signal);
  }

  /** The session is retired: its credentials are of no interest any more. */
  forget(session: Session): void {
    this.#watches.get(session)?.unsubscribe();
  }

  async #enter({ settings, keyFile }: CurrentSettings, signal: AbortSignal): Promise<Session> {
    const options = this.#unspent(sessionOptions(settings, { privateKey: keyFile }));
    const driver = await loadDriver();
    try {
      const session = await Session.open(options, driver, signal, this.#tokens);
      this.#spent = options.driver.passcode ?? this.#spent;
      return session;
    } catch (error) {
      throw signal.aborted ? error : this.#refused(error, options);
    }
  }

  /** A passcode is good once: further logins go by the token that the first one has earned. */
  #unspent(options: SessionOptions): SessionOptions {
    const { passcode, ...driver } = options.driver;
    return passcode === undefined || passcode !== this.#spent ? options : { ...options, driver };
  }

  #first(settings: Settings, watch: Subscription, signal: AbortSignal, renewing = true): Promise<CurrentSettings> {
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
      watch.add(currentSettings$(this.#sharing(settings), this.#leases).subscribe({ next, error }));
    });
  }

  /** An Observable of the caller is shared by the instances: the next one gets what the last one had. */
  #sharing(settings: Settings): Settings {
    const { credentials } = settings;
    if (typeof credentials !== 'object' || credentials === null || !('subscribe' in credentials)) return settings;
    let shared = this.#provided.get(credentials);
    if (!shared) {
      const connector = (): ReplaySubject<unknown> => new ReplaySubject(1);
      shared = (credentials as Observable<unknown>).pipe(share({ connector }));
      this.#provided.set(credentials, shared);
    }
    return { ...settings, credentials: shared };
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
