import type { Observable } from 'rxjs';
import type { Duration } from '../duration/index.ts';
import type { BaseConnection, ConnectionStats, ConnectionStatus } from '../kinds/base/index.ts';
import type { Secrets, SecretValue, SourceStatus } from '../secrets/index.ts';
import type { ConnectionEvent } from './events.ts';
import type { FirstPartyKinds, KindClass } from './kinds.ts';
import type { ConnectionOptions, OptionsOf } from './options.ts';
import type { ConnectionName, ConnectionOf, SecretName, SecretTypes } from './typed-names.ts';

/* eslint-disable @typescript-eslint/no-explicit-any -- a handle of any raw resource */

/**
 * A type that does not tell the type checker the class. One that does belongs to the declarations above, which refuse a
 * param that its kind does not know.
 *
 * @inline
 */
interface Untold<T extends KindClass | string> {
  readonly type?: T & ([T] extends [keyof FirstPartyKinds] ? never : [T] extends [KindClass] ? never : unknown);
}

/** Emits the handle of a connection each time an instance becomes ready. */
export interface ConnectionStream {
  <C extends BaseConnection<any>>(name: string, options: OptionsOf<C> & { readonly type: KindClass<C> }): Observable<C>;
  <T extends keyof FirstPartyKinds>(
    name: string,
    options: OptionsOf<FirstPartyKinds[T]> & { readonly type: T },
  ): Observable<FirstPartyKinds[T]>;
  <N extends ConnectionName, T extends KindClass | string>(
    name: N,
    options?: OptionsOf<ConnectionOf<N>> & Untold<T>,
  ): Observable<ConnectionOf<N>>;
}

/** @inline */
interface Cancellable {
  /** Ends the wait; what is waited for goes on for other callers. */
  readonly signal?: AbortSignal | undefined;
}

/** Resolves with the handle of a connection when an instance serves. */
export interface ConnectionPromise {
  <C extends BaseConnection<any>>(
    name: string,
    options: OptionsOf<C> & Cancellable & { readonly type: KindClass<C> },
  ): Promise<C>;
  <T extends keyof FirstPartyKinds>(
    name: string,
    options: OptionsOf<FirstPartyKinds[T]> & Cancellable & { readonly type: T },
  ): Promise<FirstPartyKinds[T]>;
  <N extends ConnectionName, T extends KindClass | string>(
    name: N,
    options?: OptionsOf<ConnectionOf<N>> & Cancellable & Untold<T>,
  ): Promise<ConnectionOf<N>>;
}

/** Resolves with the value of one secret. */
export interface SecretPromise {
  <P extends keyof SecretTypes>(path: P, options?: Cancellable): Promise<SecretTypes[P]>;
  <T = SecretValue>(path: SecretName | readonly string[], options?: Cancellable): Promise<T>;
}

/** Emits the value of one secret, and each other value after it. */
export interface SecretStream {
  <P extends keyof SecretTypes>(path: P): Observable<SecretTypes[P]>;
  <T = SecretValue>(path: SecretName | readonly string[]): Observable<T>;
}

/** How a registry is closed. */
export interface CloseOptions {
  /**
   * Milliseconds or `'10s'` in which every call still works while `/ready` answers 503, so that a load balancer can move on. Default
   * and `0`: none. `Infinity`: until `close` is called again.
   */
  readonly grace?: Duration;
  /** Milliseconds or `'5s'`, after `grace`, after which leases are cut and closes abandoned. Default `Infinity`: `drainTimeout` and `closeTimeout` decide. */
  readonly timeout?: Duration;
}

/** A connection in `connections$`. */
export interface ListedConnection {
  /** The identity, as events and `handle(id)` name it. */
  readonly id: string;
  /** The name it was asked for by. */
  readonly name: string;
  /** The name of its class. */
  readonly kind: string;
  /** Its status. */
  readonly status: ConnectionStatus;
  /** The handle that `connection()` gives for the same options. */
  readonly handle: BaseConnection<unknown>;
  /** Its use at this moment. */
  stats(): ConnectionStats;
}

/** A set of named, shared connections over a set of sources. Made by `createConnections`. */
export interface ConnectionRegistry extends AsyncDisposable {
  /**
   * Emits the handle each time an instance becomes ready; a subscriber keeps an instance open.
   * It emits the same handle again after a change, and errors only before its first value, when the first opening
   * has used up its attempts. `switchMap` runs its work again on every change: writes go through `connection()`.
   *
   * @example
   * hot.connection$('pets').pipe(switchMap((pets) => pets.query('select * from pet'))).subscribe(show);
   */
  readonly connection$: ConnectionStream;
  /**
   * Resolves with the same handle when an instance serves; holds nothing once it has settled.
   *
   * @throws HotlineError why it could not be opened, `cancelled`, or `closed`.
   */
  readonly connection: ConnectionPromise;
  /** From now on this handle instead, for tests. `undefined` takes it back. */
  provide(name: string, fake: object | undefined): void;
  /**
   * Resolves with the value at a path of the secrets: `'openai.api_key'`, or `['openai', 'a.b']` where a key has a dot in it.
   * Tables and arrays are frozen and print redacted.
   *
   * @throws HotlineError `missing_secret`, which names the nearest path; why the sources cannot be read; `cancelled`, or `closed`.
   * @example
   * const openai = new OpenAI({ apiKey: await hot.secret<string>('openai.api_key') });
   */
  readonly secret: SecretPromise;
  /**
   * Emits the value at a path of the secrets, and again when it is another one. It errors only before its first value, as
   * `secret` does; a secret that is removed later changes nothing. Completes at `close()`.
   *
   * @example
   * hot.secret$<string>('openai.api_key').subscribe((apiKey) => (openai.apiKey = apiKey));
   */
  readonly secret$: SecretStream;
  /** Every good snapshot of the secrets; replayed. */
  readonly secrets$: Observable<Secrets>;
  /** State, age and last error of each source; replayed. */
  readonly sources$: Observable<readonly SourceStatus[]>;
  /** Every connection that was asked for; replayed. */
  readonly connections$: Observable<readonly ListedConnection[]>;
  /** Replayed; emits on changes of state. It neither opens nor holds anything. */
  status$(name: string, options?: ConnectionOptions): Observable<ConnectionStatus>;
  /** The handle of a connection in `connections$` by its id, for tools; opens and holds nothing. */
  handle(id: string): BaseConnection<any> | undefined;
  /** The use of a connection at this moment. */
  stats(name: string, options?: ConnectionOptions): ConnectionStats;
  /** The events, as they happen. No secret is in them. */
  readonly events$: Observable<ConnectionEvent>;
  /** Reads every source again that can be; resolves when the result is in use. */
  reload(): Promise<void>;
  /** True from the first call of `close`: `/ready` of `hotline/health` answers 503. */
  readonly draining: boolean;
  /**
   * Refuses newcomers, completes streams, drains and closes everything, and ends watching. With `grace` it does so later: until then
   * every call works. A second call without `grace` ends the wait of the first.
   *
   * @throws ConfigError `invalid_policy`, `invalid_argument`.
   * @example
   * process.once('SIGTERM', async () => {
   *   void hot.close({ grace: '20s' }); // not ready, and every call works
   *   await server.close(); // when requests have stopped coming
   *   await hot.close({ timeout: '5s' });
   * });
   */
  close(options?: CloseOptions): Promise<void>;
}
