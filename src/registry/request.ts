import { defaultIfEmpty, Observable, take, type ObservableInput, type Subscriber } from 'rxjs';
import type { HotlineError } from '../errors/index.ts';
import { holdProcess$ } from '../duration/index.ts';
import type { BaseConnection, ConnectionStatus } from '../kinds/base/index.ts';
import type { Entry } from './entry.ts';
import { FinalFailure } from './final-failure.ts';
import type { Asked } from './options.ts';
import type { RegistryContext } from './registry-context.ts';

/** Receives the result of a request. */
interface ResultListener {
  /** The entry; called once, and nothing is called after it. */
  readonly found: (entry: Entry) => void;
  /** The entry is not known yet. */
  readonly pending?: () => void;
  /** There is no entry for now. */
  readonly missing: (error: HotlineError) => void;
}

/** Finds the entry of a request; at once where its class is known. Throws or rejects where there is none. */
type FindEntry = (request: Request) => Entry | Promise<Entry>;

/** A name with options, and the entry that they resolve to: kept until the section says another type. */
export class Request {
  readonly key: string;
  readonly name: string;
  readonly asked: Asked;
  readonly #context: RegistryContext;
  readonly #find: FindEntry;
  readonly #failure: FinalFailure;
  #entry: Entry | undefined;
  #type: unknown;
  /** The number of loads at the last check of the entry. */
  #checked = -1;
  #connection$: Observable<BaseConnection<unknown>> | undefined;

  constructor(key: string, name: string, asked: Asked, context: RegistryContext, find: FindEntry) {
    this.key = key;
    this.name = name;
    this.asked = asked;
    this.#context = context;
    this.#find = find;
    this.#failure = new FinalFailure(context.loads.load$);
  }

  /** Emits the handle each time an instance becomes ready. */
  get connection$(): Observable<BaseConnection<unknown>> {
    return (this.#connection$ ??= new Observable((subscriber) => {
      if (this.#failure.postpone(subscriber, () => void this.connection$.subscribe(subscriber))) return;
      const known = this.entry;
      if (known) return known.attach(subscriber, () => known.handle);
      const hold = holdProcess$.subscribe();
      subscriber.add(hold);
      let subscribing = true;
      this.#follow(subscriber, {
        found: (entry) => {
          entry.attach(subscriber, () => entry.handle);
          hold.unsubscribe();
        },
        missing: (error) =>
          this.#patient
            ? error.code === 'closed' && subscriber.complete()
            : this.#failure.deliver(subscriber, error, subscribing),
      });
      subscribing = false;
    }));
  }

  /** The entry, if it is known by now. */
  get entry(): Entry | undefined {
    const { loads } = this.#context;
    if (this.#checked === loads.count || this.asked.type !== undefined) return this.#entry;
    if (loads.section(this.#entry?.name ?? this.name)?.['type'] !== this.#type) return undefined;
    this.#checked = loads.count;
    return this.#entry;
  }

  resolve(): Entry | Promise<Entry> {
    const known = this.entry;
    if (known) return known;
    const found = this.#find(this);
    return found instanceof Promise ? found.then((entry) => this.#remember(entry)) : this.#remember(found);
  }

  /** The entry; where there is none and opening is tried for ever, it comes when there is one, or the registry closes. */
  appears(): Entry | ObservableInput<Entry> {
    if (!this.#patient || this.entry) return this.resolve();
    return new Observable((subscriber) =>
      this.#follow(subscriber, {
        found: (entry) => subscriber.next(entry),
        missing: (error) => error.code === 'closed' && subscriber.error(error),
      }),
    );
  }

  /** Replayed; neither opens nor holds anything. A connection that cannot be resolved is `failed`, until it can. */
  get status$(): Observable<ConnectionStatus> {
    return new Observable((subscriber) => {
      let said: string | undefined;
      const tell = (told: Pick<ConnectionStatus, 'state' | 'error'>): void => {
        const since = this.#context.lifecycle.scheduler.now();
        subscriber.next({ id: this.name, name: this.name, generation: 0, since, ...told });
      };
      this.#follow(subscriber, {
        found: (entry) => subscriber.add(entry.status$.subscribe(subscriber)),
        pending: () => tell({ state: 'idle' }),
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

  /** Tells whether a subscriber waits for a first value although there is no entry. */
  get #patient(): boolean {
    const { retry } = { ...this.#context.defaults, ...this.asked.policies };
    return this.#followsSources && retry.attempts === Infinity;
  }

  /** Tells whether the type comes from the sources: a type that the call gives does not change. */
  get #followsSources(): boolean {
    return this.asked.type === undefined;
  }

  /** Looks for the entry, and again after each load, until there is one. */
  #follow(subscriber: Subscriber<unknown>, { found, pending, missing }: ResultListener): void {
    const failed = (error: unknown): void => {
      const { code } = error as HotlineError;
      missing(error as HotlineError);
      if (subscriber.closed || !this.#followsSources || code === 'closed') return;
      // The loads end where the registry closes: then it is looked once more, and found closed.
      subscriber.add(this.#context.loads.load$.pipe(take(1), defaultIfEmpty(undefined)).subscribe(look));
    };
    const look = (): void => {
      try {
        const entry = this.resolve();
        if (!(entry instanceof Promise)) return found(entry);
        pending?.();
        entry.then((late) => subscriber.closed || found(late), failed);
      } catch (error) {
        failed(error);
      }
    };
    look();
  }

  #remember(entry: Entry): Entry {
    this.#entry = entry;
    this.#type = this.#context.loads.section(entry.name)?.['type'];
    this.#checked = this.#context.loads.count;
    return entry;
  }
}

/** The entry of a request, where it is known without waiting. */
export function entryNow(request: Request): Entry | undefined {
  try {
    const found = request.resolve();
    return found instanceof Promise ? void found.catch(() => undefined) : found;
  } catch {
    return undefined;
  }
}
