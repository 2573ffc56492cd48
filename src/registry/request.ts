import { Observable, take, type Subscriber } from 'rxjs';
import type { HotlineError } from '../errors/index.ts';
import { holdProcess$ } from '../duration/index.ts';
import type { BaseConnection, ConnectionStatus } from '../kinds/base/index.ts';
import type { Policies } from '../policy/index.ts';
import type { Entry } from './entry.ts';
import type { Asked } from './options.ts';

/** What a request asks of its registry. */
export interface Resolver {
  /** The entry that a request leads to; at once where its class is known. Throws or rejects when it has none. */
  entryFor(request: Request): Entry | Promise<Entry>;
  /** The type that the section of a name says now, as it was written. */
  writtenType(name: string): unknown;
  /** Counts what the sources said. */
  readonly epoch: number;
  /** Emits when they have said something. */
  readonly turn$: Observable<void>;
  readonly defaults: Policies;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Who is told what a request leads to. */
interface Follower {
  /** Once, and nothing after it. */
  readonly found: (entry: Entry) => void;
  /** It takes a moment to find out. */
  readonly waits?: () => void;
  /** Why there is none; perhaps not for ever. */
  readonly missing: (error: HotlineError) => void;
}

/** A name and options that somebody asked for, and the entry that they lead to: remembered until the section says another type. */
export class Request {
  readonly key: string;
  readonly name: string;
  readonly asked: Asked;
  readonly #resolver: Resolver;
  #entry: Entry | undefined;
  #type: unknown;
  #epoch = -1;
  #connection$: Observable<BaseConnection<unknown>> | undefined;

  constructor(key: string, name: string, asked: Asked, resolver: Resolver) {
    this.key = key;
    this.name = name;
    this.asked = asked;
    this.#resolver = resolver;
  }

  /** Emits the handle each time an instance becomes ready. */
  get connection$(): Observable<BaseConnection<unknown>> {
    return (this.#connection$ ??= new Observable((subscriber) => {
      const known = this.entry;
      if (known) return known.attach(subscriber, () => known.handle);
      const hold = holdProcess$.subscribe();
      subscriber.add(hold);
      this.#follow(subscriber, {
        found: (entry) => {
          entry.attach(subscriber, () => entry.handle);
          hold.unsubscribe();
        },
        missing: (error) => this.#patient || subscriber.error(error),
      });
    }));
  }

  /** The entry, if it is known by now. */
  get entry(): Entry | undefined {
    if (this.#epoch === this.#resolver.epoch || this.asked.type !== undefined) return this.#entry;
    if (this.#resolver.writtenType(this.#entry?.name ?? this.name) !== this.#type) return undefined;
    this.#epoch = this.#resolver.epoch;
    return this.#entry;
  }

  resolve(): Entry | Promise<Entry> {
    const known = this.entry;
    if (known) return known;
    const found = this.#resolver.entryFor(this);
    return found instanceof Promise ? found.then((entry) => this.#remember(entry)) : this.#remember(found);
  }

  /** Replayed; neither opens nor holds anything. A connection that cannot be resolved is `failed`, until it can. */
  get status$(): Observable<ConnectionStatus> {
    return new Observable((subscriber) => {
      let said: string | undefined;
      const tell = (told: Pick<ConnectionStatus, 'state' | 'error'>): void =>
        subscriber.next({ id: this.name, name: this.name, generation: 0, since: this.#resolver.now(), ...told });
      this.#follow(subscriber, {
        found: (entry) => subscriber.add(entry.status$.subscribe(subscriber)),
        waits: () => tell({ state: 'idle' }),
        missing: (error) => {
          if (error.code === 'closed') {
            tell({ state: 'closed' });
            return subscriber.complete();
          }
          if (error.message !== said) tell({ state: 'failed', error });
          said = error.message;
        },
      });
    });
  }

  /** Whether a first value is waited for, whatever the section lacks. */
  get #patient(): boolean {
    const { retry } = { ...this.#resolver.defaults, ...this.asked.policies };
    return this.#followsSources && retry.attempts === Infinity;
  }

  /** What the call itself says of the type does not change. */
  get #followsSources(): boolean {
    return this.asked.type === undefined;
  }

  /** Looks for the entry, and again when the sources have said something, until there is one. */
  #follow(subscriber: Subscriber<unknown>, { found, waits, missing }: Follower): void {
    const failed = (error: unknown): void => {
      const { code } = error as HotlineError;
      missing(error as HotlineError);
      if (subscriber.closed || !this.#followsSources || code === 'closed') return;
      subscriber.add(this.#resolver.turn$.pipe(take(1)).subscribe(look));
    };
    const look = (): void => {
      try {
        const entry = this.resolve();
        if (!(entry instanceof Promise)) return found(entry);
        waits?.();
        entry.then((late) => subscriber.closed || found(late), failed);
      } catch (error) {
        failed(error);
      }
    };
    look();
  }

  #remember(entry: Entry): Entry {
    this.#entry = entry;
    this.#type = this.#resolver.writtenType(entry.name);
    this.#epoch = this.#resolver.epoch;
    return entry;
  }
}

/** The entry that a request leads to, where that is known without waiting. */
export function entryNow(request: Request): Entry | undefined {
  try {
    const found = request.resolve();
    return found instanceof Promise ? void found.catch(() => undefined) : found;
  } catch {
    return undefined;
  }
}
