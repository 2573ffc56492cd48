import { ReplaySubject, share, Subscription, timer, type Observable } from 'rxjs';
import { HotlineError, OpenError } from '../../errors/index.ts';
import type { Leases } from '../base/index.ts';
import { classify } from './classification.ts';
import { currentSettings$, type CurrentSettings } from './credentials.ts';
import { loadDriver } from './driver.ts';
import { sessionOptions, type SessionOptions } from './driver-options.ts';
import { Session } from './session.ts';

type Settings = Readonly<Record<string, unknown>>;

/** Milliseconds after which a renewal is asked for again: it may have met an opening that began with the old credentials. */
const insist = 1000;

/** Opens sessions with the credentials of the moment, and asks for the replacement of an instance when they change. */
export class Login {
  readonly #leases: Leases<unknown>;
  readonly #provided = new WeakMap<object, Observable<unknown>>();
  readonly #watches = new WeakMap<Session, Subscription>();
  readonly #expiries = new WeakMap<Session, Date | number | undefined>();

  constructor(leases: Leases<unknown>) {
    this.#leases = leases;
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
    const options = sessionOptions(settings, { privateKey: keyFile });
    const driver = await loadDriver();
    try {
      return await Session.open(options, driver, signal);
    } catch (error) {
      throw signal.aborted ? error : this.#refused(error, options);
    }
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

  /** What the server or the driver said of a login, without the secrets that only the driver knows. */
  #refused(error: unknown, { driver }: SessionOptions): unknown {
    if (error instanceof HotlineError) return error;
    const category = classify(error)?.category ?? 'transient';
    const { name: connection } = this.#leases;
    const said = error instanceof Error ? error.message : String(error);
    const [code, what] =
      category === 'auth'
        ? (['auth_failed', 'refused the login'] as const)
        : (['open_failed', 'could not be reached'] as const);
    const secrets = [driver.password, driver.token, driver.privateKey, driver.passcode].filter(
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
