import {
  defer,
  EMPTY,
  filter,
  fromEvent,
  map,
  merge,
  type Observable,
  of,
  share as shared,
  take,
  tap,
  type SchedulerLike,
  type Subscription,
} from 'rxjs';
import { elapsed } from '../duration/index.ts';
import { LeaseError } from '../errors/index.ts';
import { allowManyListeners } from '../signals.ts';
import { endOf } from './end-of-credentials.ts';

/** Credentials of any kind. */
export interface Expiring {
  readonly expiresAt?: Date | number;
}

/** Credentials that are minted when somebody logs in and none are kept. */
export class Mint<C extends Expiring> {
  readonly #minted$: Observable<C>;
  readonly #scheduler: SchedulerLike;
  readonly #share: number;
  #kept: { readonly credentials: C; readonly until: number; readonly latest: number } | undefined;

  /** `asked$` asks the provider, at each subscription. `share`: the share of their life for which credentials are kept. */
  constructor(asked$: Observable<C>, scheduler: SchedulerLike, share: number) {
    this.#scheduler = scheduler;
    this.#share = share;
    // All who log in while the provider is asked share its answer; it is told to stop when the last of them has left.
    this.#minted$ = asked$.pipe(
      tap((credentials) => this.#keep(credentials)),
      shared(),
    );
  }

  /** Emits the credentials of this moment, once. */
  get current$(): Observable<C> {
    return defer(() => (this.#kept && this.#isFresh(this.#kept) ? of(this.#kept.credentials) : this.#minted$));
  }

  /** The credentials are good for no other login. */
  drop(credentials: C): void {
    if (this.#kept?.credentials === credentials) this.#kept = undefined;
  }

  #keep(credentials: C): void {
    const { expiresAt } = credentials;
    this.#kept = undefined;
    // Where nobody knows how long they last, each login asks.
    if (expiresAt === undefined) return;
    const now = this.#scheduler.now();
    const rest = (endOf(expiresAt, now) - now) * this.#share;
    this.#kept = { credentials, until: now + rest, latest: elapsed(this.#scheduler) + rest };
  }

  /** A clock that was set back makes nothing last longer, and a machine that slept makes it older. */
  #isFresh({ until, latest }: { readonly until: number; readonly latest: number }): boolean {
    return this.#scheduler.now() < until && elapsed(this.#scheduler) < latest;
  }
}

/** Counts who uses credentials, to have them revoked. */
interface Users<C> {
  used(credentials: C, by: object): void;
  released(credentials: C, by: object): Promise<void>;
}

/** The credentials of one instance, until it is closed. */
export class CredentialHold<C extends Expiring> {
  readonly #users: Users<C> | undefined;
  readonly #mint: Mint<C>;
  readonly #pushed$: Observable<C> | undefined;
  readonly #used = new Set<C>();
  readonly #closed = new AbortController();
  #first: C | undefined;
  /** Keeps the subscription to a provider that is an Observable, so that it says its last value. */
  #listening: Subscription | undefined;

  /** `users`: `undefined` where nothing is revoked. */
  constructor(users: Users<C> | undefined, mint: Mint<C>, pushed$: Observable<C> | undefined) {
    this.#users = users;
    this.#mint = mint;
    this.#pushed$ = pushed$;
    allowManyListeners(this.#closed.signal);
  }

  /** The credentials that the instance logged in with first. */
  get first(): C | undefined {
    return this.#first;
  }

  /** Emits the credentials for a login of this moment and, where the provider is an Observable, each one after them. */
  get credentials$(): Observable<C> {
    return defer(() => this.#pushed$ ?? this.#mint.current$).pipe(tap((credentials) => this.#use(credentials)));
  }

  /** Emits when the provider is an Observable that says others than those that the instance logged in with first. */
  get changed$(): Observable<unknown> {
    return (
      this.#pushed$?.pipe(filter((credentials) => this.#first !== undefined && this.#first !== credentials)) ?? EMPTY
    );
  }

  /**
   * The credentials for one login.
   *
   * @throws NoCredentials; LeaseError where the instance is closed before; the reason of the signal.
   */
  current(signal?: AbortSignal): Promise<C> {
    const stops = [this.#closed.signal, ...(signal ? [signal] : [])];
    const stopped = stops.find(({ aborted }) => aborted);
    if (stopped) return Promise.reject(stopped.reason);
    if (this.#pushed$) this.#listening ??= this.#pushed$.subscribe({ error: () => (this.#listening = undefined) });
    const stop$ = stops.map((stop) =>
      fromEvent(stop, 'abort').pipe(
        map((): never => {
          throw stop.reason;
        }),
      ),
    );
    return new Promise((resolve, reject) => {
      merge(this.credentials$, ...stop$)
        .pipe(take(1))
        .subscribe({ next: resolve, error: reject });
    });
  }

  /** The server has refused the credentials: the next login asks for others. */
  refused(credentials: C): void {
    this.#mint.drop(credentials);
  }

  /** The instance is closed: resolves when the credentials that nobody uses any more are revoked. */
  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort(new LeaseError('lease_aborted', 'the instance was closed before it logged in.'));
    this.#listening?.unsubscribe();
    const users = this.#users;
    if (users) await Promise.all([...this.#used].map((credentials) => users.released(credentials, this)));
    this.#used.clear();
  }

  #use(credentials: C): void {
    this.#first ??= credentials;
    if (!this.#users) return;
    this.#used.add(credentials);
    this.#users.used(credentials, this);
  }
}
