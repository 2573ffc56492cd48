import { Observable, type Subscriber } from 'rxjs';
import type { HotlineError } from '../errors/index.ts';
import { holdProcess$ } from '../duration/index.ts';
import type { BaseConnection, ConnectionStatus } from '../kinds/base/index.ts';
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
      this.#whenResolved(subscriber, (entry) => entry.attach(subscriber, () => entry.handle));
    }));
  }

  /** The entry, if it is known by now. */
  get entry(): Entry | undefined {
    if (this.#epoch === this.#resolver.epoch || this.asked.type !== undefined) return this.#entry;
    if (this.#resolver.writtenType(this.name) !== this.#type) return undefined;
    this.#epoch = this.#resolver.epoch;
    return this.#entry;
  }

  resolve(): Entry | Promise<Entry> {
    const known = this.entry;
    if (known) return known;
    const found = this.#resolver.entryFor(this);
    return found instanceof Promise ? found.then((entry) => this.#remember(entry)) : this.#remember(found);
  }

  /** Replayed; neither opens nor holds anything. A connection that cannot be resolved is `failed`. */
  get status$(): Observable<ConnectionStatus> {
    const about = { id: this.name, name: this.name, generation: 0, since: 0 } as const;
    return new Observable((subscriber) => {
      const resolved = (entry: Entry): void => void subscriber.add(entry.status$.subscribe(subscriber));
      const failed = (error: unknown): void =>
        subscriber.next({ ...about, state: 'failed', error: error as HotlineError });
      try {
        const found = this.resolve();
        if (!(found instanceof Promise)) return resolved(found);
        subscriber.next({ ...about, state: 'idle' });
        found.then(resolved, failed);
      } catch (error) {
        failed(error);
      }
    });
  }

  #whenResolved<T>(subscriber: Subscriber<T>, attach: (entry: Entry) => void): void {
    try {
      const found = this.resolve();
      if (!(found instanceof Promise)) return attach(found);
      const hold = holdProcess$.subscribe();
      subscriber.add(hold);
      found.then(
        (entry) => {
          hold.unsubscribe();
          if (!subscriber.closed) attach(entry);
        },
        (error: unknown) => subscriber.error(error),
      );
    } catch (error) {
      subscriber.error(error);
    }
  }

  #remember(entry: Entry): Entry {
    this.#entry = entry;
    this.#type = this.#resolver.writtenType(this.name);
    this.#epoch = this.#resolver.epoch;
    return entry;
  }
}
