import { AsyncLocalStorage } from 'node:async_hooks';
import { dequal } from 'dequal';
import {
  catchError,
  concatMap,
  concatWith,
  distinctUntilChanged,
  EMPTY,
  from,
  isObservable,
  map,
  NEVER,
  Observable,
  of,
  ReplaySubject,
  share,
  tap,
  throwError,
  throwIfEmpty,
  type SchedulerLike,
} from 'rxjs';
import { after } from '../duration/index.ts';
import { HotlineError, OpenError } from '../errors/index.ts';
import { endOf, renewedAfter } from './end-of-credentials.ts';
import { CredentialHold, Mint, type Expiring } from './hold.ts';
import type { CredentialsContext, Provider } from './provider.ts';

/** Milliseconds after which a provider that does not answer is given up. */
const timeout = 30_000;

/** Credentials could not be had: nothing was sent to the server. */
export class NoCredentials extends OpenError {}

/** The parts of the supply of one connection. */
export interface SupplyParts<C> {
  readonly provider: Provider<C>;
  /** The `scope` where the provider does not say. */
  readonly scope: 'login' | 'session';
  readonly context: Omit<CredentialsContext, 'signal'>;
  readonly scheduler: SchedulerLike;
  /** Takes what the provider gave; throws where it is no set of credentials. */
  check(given: unknown): C;
  /** Keeps secret texts out of messages. */
  conceal(secrets: readonly string[]): void;
  warn(code: string, message: string): void;
}

/** Runs a function outside of every call: credentials are for all who log in, whoever is the first. */
const outsideOfAnyCall = AsyncLocalStorage.snapshot();

/** The credentials of one connection: asked for once for all who log in at a time, and kept for four fifths of their life. */
export class CredentialSupply<C extends Expiring> {
  readonly scope: 'login' | 'session';
  readonly #parts: SupplyParts<C>;
  /** The credentials of a provider that is an Observable: its last value, and each one after it. */
  readonly #pushed$: Observable<C> | undefined;
  readonly #shared: Mint<C>;
  /** The instances that logged in with credentials. */
  readonly #users = new Map<C, Set<object>>();

  constructor(parts: SupplyParts<C>) {
    const { get, scope = parts.scope } = parts.provider;
    this.scope = scope;
    this.#parts = parts;
    if (isObservable(get)) this.#pushed$ = this.#pushedBy$(get);
    this.#shared = this.#mint();
  }

  /** Tells whether it gives the credentials of such a login. */
  serves(provider: Provider<C>, context: SupplyParts<C>['context']): boolean {
    return this.#parts.provider.is(provider) && dequal(this.#parts.context, context);
  }

  /** The credentials of one instance, until it is closed. */
  hold(): CredentialHold<C> {
    const mint = this.scope === 'session' ? this.#mint() : this.#shared;
    const pushed$ = this.#pushed$ && inTime$(this.#pushed$, this.#parts.scheduler);
    const users = this.#parts.provider.revoke && this;
    return new CredentialHold<C>(users, mint, pushed$ && pushed$.pipe(this.#failing));
  }

  used(credentials: C, by: object): void {
    const users = this.#users.get(credentials);
    if (users) users.add(by);
    else this.#users.set(credentials, new Set([by]));
  }

  /** An instance that logged in with the credentials is closed; they are revoked with the last one. */
  async released(credentials: C, by: object): Promise<void> {
    const users = this.#users.get(credentials);
    users?.delete(by);
    if (users && users.size > 0) return;
    this.#users.delete(credentials);
    this.#shared.drop(credentials);
    await this.#revoke(credentials);
  }

  #mint(): Mint<C> {
    // An instance whose sessions end with its credentials is replaced ahead of that: until then it goes on with its own.
    return new Mint(this.#asked$(), this.#parts.scheduler, this.scope === 'session' ? 1 : renewedAfter);
  }

  /** Asks the provider. */
  #asked$(): Observable<C> {
    const { provider, context, scheduler } = this.#parts;
    return new Observable<C>((subscriber) => {
      const stop = new AbortController();
      const get = provider.get as (context: CredentialsContext) => unknown;
      const given = outsideOfAnyCall(async () => get({ ...context, signal: stop.signal }));
      // First: what comes when nobody waits any more is of no use to anybody.
      given.then(
        (late) => stop.signal.aborted && this.#discard(late),
        () => undefined,
      );
      const answer$ = inTime$(from(given), scheduler).pipe(
        map((answer) => this.#accept(answer)),
        this.#failing,
      );
      subscriber.add(answer$.subscribe(subscriber));
      subscriber.add(() => stop.abort());
    });
  }

  #pushedBy$(given$: Observable<unknown>): Observable<C> {
    let accepted = false;
    const accept = (given: unknown): Observable<C> => {
      try {
        return of(this.#accept(given));
      } catch (error) {
        // A value that cannot be used leaves the one before it in use.
        if (!accepted) throw error;
        this.#parts.warn('credentials_refused', error instanceof Error ? error.message : String(error));
        return EMPTY;
      }
    };
    const credentials$ = given$.pipe(
      concatMap((given) => {
        const next$ = accept(given);
        accepted = true;
        return next$;
      }),
      distinctUntilChanged((a, b) => dequal(a, b)),
      throwIfEmpty(() => new Error('the Observable ended without a value')),
      catchError((error: unknown) => (accepted ? NEVER : throwError(() => error))),
      concatWith(NEVER),
      this.#failing,
    );
    return credentials$.pipe(share({ connector: () => new ReplaySubject(1) }));
  }

  readonly #accept = (given: unknown): C => {
    const credentials = this.#parts.check(given);
    this.#parts.conceal(Object.values(credentials).filter((value) => typeof value === 'string'));
    endOf(credentials.expiresAt, this.#parts.scheduler.now());
    return credentials;
  };

  readonly #failing = catchError<C, Observable<C>>((error: unknown) => {
    if (error instanceof HotlineError) throw error;
    const { connection } = this.#parts.context;
    const said = error instanceof Error ? error.message : String(error);
    throw new NoCredentials('open_failed', `"${connection}": credentials could not be had: ${said}`, {
      connection,
      category: 'transient',
      cause: error,
    });
  });

  async #revoke(credentials: C): Promise<void> {
    try {
      await outsideOfAnyCall(async () => this.#parts.provider.revoke?.(credentials));
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      this.#parts.warn('revoke_failed', `credentials could not be revoked: ${said}`);
    }
  }

  #discard(late: unknown): void {
    try {
      void this.#revoke(this.#accept(late));
    } catch {
      // What is no set of credentials cannot be revoked either.
    }
  }
}

/** The same values; errors where its first value does not come in time. */
function inTime$<T>(values$: Observable<T>, scheduler: SchedulerLike): Observable<T> {
  return new Observable<T>((subscriber) => {
    const late = after(timeout, scheduler).subscribe(() =>
      subscriber.error(new Error(`no answer in ${timeout / 1000} s`)),
    );
    subscriber.add(late);
    subscriber.add(values$.pipe(tap(() => late.unsubscribe())).subscribe(subscriber));
  });
}
