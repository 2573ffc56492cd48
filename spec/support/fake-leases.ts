import { NEVER, Observable, Subject, asyncScheduler, type SchedulerLike } from 'rxjs';
import { milliseconds } from '../../src/duration/index.ts';
import { LeaseError } from '../../src/errors/index.ts';
import { within } from '../../src/kinds/query/index.ts';
import type { Lease, LeaseOptions, Leases } from '../../src/kinds/base/index.ts';
import type { Config } from '../../src/secrets/index.ts';

export interface FakeLeasesOptions {
  readonly id?: string;
  readonly scheduler?: SchedulerLike;
  /** What the kinds of one registry share; give two ports the same one. */
  readonly shared?: Map<symbol, unknown>;
  readonly config?: Config;
}

/**
 * Stands in for the port that `registry/` implements: one instance at a time, replaced when the test says so, or
 * for the next lease when it was reported broken. It counts what is held and keeps what was said.
 */
export class FakeLeases<Raw> implements Leases<Raw> {
  readonly id: string;
  readonly name = 'pets';
  readonly status$ = NEVER;
  readonly scheduler: SchedulerLike;
  generation = 1;
  raw: Raw;
  /** What `config()` says: that of the next instance. The current one keeps its own until `replace()`. */
  upcoming: Config;
  known: string[] = [];
  /** Makes leases fail. */
  refuse: (() => unknown) | undefined;
  held = 0;
  taken = 0;
  subscribers = 0;
  readonly reported: unknown[] = [];
  readonly #open: (generation: number) => Raw;
  readonly #shared: Map<symbol, unknown>;
  readonly #replaced$ = new Subject<number>();
  readonly #cuts = new Set<AbortController>();
  #config: Config;
  #broken = false;

  constructor(open: (generation: number) => Raw, options: FakeLeasesOptions = {}) {
    this.id = options.id ?? 'pets#1';
    this.scheduler = options.scheduler ?? asyncScheduler;
    this.upcoming = this.#config = options.config ?? Object.freeze({ host: 'a' });
    this.#shared = options.shared ?? new Map();
    this.#open = open;
    this.raw = open(this.generation);
  }

  readonly instance$ = new Observable<number>((subscriber) => {
    this.subscribers++;
    subscriber.add(() => this.subscribers--);
    subscriber.next(this.generation);
    subscriber.add(this.#replaced$.subscribe(subscriber));
  });

  /** The next instance serves, with the upcoming config. */
  replace(config: Config = this.upcoming): void {
    this.upcoming = this.#config = config;
    this.#broken = false;
    this.raw = this.#open(++this.generation);
    this.#replaced$.next(this.generation);
  }

  /** Cuts all leases, as the end of a `drainTimeout` does. */
  cut(): void {
    for (const cut of this.#cuts)
      cut.abort(new LeaseError('lease_aborted', 'The lease was cut.', { connection: this.name }));
  }

  close(): void {
    this.refuse = () => new LeaseError('closed', 'The registry is closed.', { connection: this.name });
    this.#replaced$.complete();
  }

  async lease(options: LeaseOptions = {}): Promise<Lease<Raw>> {
    const { signal, timeout } = options;
    if (signal?.aborted) throw signal.reason;
    await Promise.resolve();
    if (this.refuse) throw this.refuse();
    if (this.#broken) this.replace();
    const cut = new AbortController();
    const abort = (): void => cut.abort(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    if (timeout !== undefined)
      within(
        {
          connection: this.name,
          scheduler: this.scheduler,
          signals: [cut.signal],
          timeout: milliseconds(timeout, 'timeout'),
        },
        () => new Promise(() => undefined),
      ).catch((error: unknown) => cut.abort(error));
    this.#cuts.add(cut);
    this.held++;
    this.taken++;
    let over = false;
    const release = (): void => {
      if (over) return;
      over = true;
      this.held--;
      this.#cuts.delete(cut);
      signal?.removeEventListener('abort', abort);
    };
    const broken = (error: unknown): void => {
      this.reported.push(error);
      this.#broken = true;
    };
    return {
      raw: this.raw,
      generation: this.generation,
      config: this.#config,
      signal: cut.signal,
      retired: new AbortController().signal,
      release,
      broken,
      [Symbol.asyncDispose]: async () => release(),
    };
  }

  use<T>(fn: (raw: Raw, lease: Lease<Raw>) => T | PromiseLike<T>, options: LeaseOptions = {}): Promise<T> {
    const { signal } = options;
    const timeout = options.timeout === undefined ? undefined : milliseconds(options.timeout, 'timeout');
    const limits = { connection: this.name, scheduler: this.scheduler, signals: [signal], timeout };
    return within(limits, async (stop) => {
      const lease = await this.lease({ signal: stop });
      const cut = new Promise<never>((_, reject) =>
        lease.signal.addEventListener('abort', () => reject(lease.signal.reason), { once: true }),
      );
      const done = (async () => fn(lease.raw, lease))();
      done.then(lease.release, lease.release);
      return Promise.race([done, cut]);
    });
  }

  async config(): Promise<Config> {
    return this.upcoming;
  }

  async ping(): Promise<void> {}
  async reset(): Promise<void> {}
  renew(): void {}

  watchFile(): typeof NEVER {
    return NEVER;
  }

  stats(): { readonly leases: number; readonly subscribers: number } {
    return { leases: this.held, subscribers: this.subscribers };
  }

  describe(): never {
    throw new Error('Not in this stand-in.');
  }

  secrets(): Iterable<string> {
    return this.known;
  }

  shared<T>(key: symbol, make: () => T): T {
    if (!this.#shared.has(key)) this.#shared.set(key, make());
    return this.#shared.get(key) as T;
  }
}
